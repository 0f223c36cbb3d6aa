"""Recognises who speaks in a line of minutes: 3番(氏名), ○総務課長, 【事務局】, A委員:, …(山田委員)."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.lexicon import DEPARTMENT, MUNICIPALITY, any_of, load_lexicon
from ingest.japanese.normal_forms import remove_spaces
from ingest.japanese.tokenise import morphemes
from ingest.spoken_words import CHAIR_TITLE, MEMBER_TITLE, OFFICE_END, Person, SpeakerRole

_LEXICON = load_lexicon("minutes")
_MEMBER_KINDS = frozenset(_LEXICON["kinds"])
_ENDS_OF_MEMBER_KINDS = ("の", "会", "協議", "常任")
_QUESTION_LABEL = any_of(_LEXICON["question_label"])
_REPLY_LABEL = any_of(_LEXICON["reply_label"])
_WITH_BRACKET = re.compile(r"(?P<main>[^()]+)\((?P<inside>[^()]{1,20})\)")
# A family name with a character of the given name, which distinguishes it from another: 山本(太)委員.
_PARTLY_NAMED = re.compile(
    rf"(?P<family>[一-龥々ヶ]{{1,4}})\((?P<given>[一-龥ぁ-んァ-ヴー]{{1,3}})\)(?P<title>{MEMBER_TITLE}|{CHAIR_TITLE})"
)
# A remark on what someone does: 10番 東野さくら君登壇.
_REMARK = re.compile(r"登壇|降壇|退席|着席|退場|入場|休憩|挙手|起立|拍手|発言|入室|退室|呼ぶ|あり$|なし$")
# The side before a speaker: 答弁 総務課長.
_SIDE_BEFORE = re.compile(r"^(?:答弁|回答|質問|質疑|発言|答|問)\s+(?=\S)")
_SEAT = re.compile(r"(?:議席)?(?P<seat>\d{1,2})番(?P<title>議員|委員)?(?P<name>.*)")
_LETTERED = re.compile(rf"(?P<title>{MEMBER_TITLE})(?P<name>[A-Z]|[ア-ン]|\d{{1,2}}|[①-⑳])")
_TITLED = re.compile(rf"(?P<name>.*?)(?P<title>{CHAIR_TITLE}|{MEMBER_TITLE})")
_OFFICE = re.compile(rf"(?=[^\s、。「」]{{1,20}}$).*(?:{OFFICE_END})")
_HONOURED = re.compile(r"(?P<name>.{1,8}?)(?:君|くん|さん|様|氏)")
_NAME = re.compile(r"[一-龥々〆ヶぁ-ゖァ-ヴーA-Za-z]{1,9}")
# A bracket that names an office or a part, not a person: 事務局(こども課).
_NOT_A_NAME = re.compile(r".*[課係局部室長番号]|.*(?:担当|委員|議員|代理|欠席|出席|代表|職務)|第.*|[\d.]+")
_NO_DESCRIPTION = re.compile(rf"(?:{CHAIR_TITLE}|委員|議員|会員)|.*(?:代理|欠席|出席|職務|番)|[\d.]+")
# A title directly after a family name: 三輪課長, as opposed to 総務課長.
_BARE_TITLE = re.compile(
    rf"(?:{DEPARTMENT}|次|所|館|園|校|院|支所|副)?長|主査|主幹|主任|主事|参事|補佐|{MUNICIPALITY}長|教授|先生"
)


# Characters of a label.
_MAX_LABEL_LENGTH = 28
# Characters of a name in a label.
_MAX_NAME_LENGTH = 7
# Characters of a kind of member with its title: 公募委員.
_MAX_KIND_LENGTH = 8


@lru_cache(maxsize=8192)
def read_person(label: str) -> Person | None:
    """Return the person whom a label names, None if it is none; the label is one line without marks and colons."""
    text = _SIDE_BEFORE.sub("", nfkc(label).strip())
    compact = remove_spaces(text)
    if not compact or len(compact) > _MAX_LABEL_LENGTH or _REMARK.search(compact):
        return None
    if match := _PARTLY_NAMED.fullmatch(compact):
        return Person(
            text, SpeakerRole.MEMBER, match["family"] + match["given"], match["family"], office=match["title"]
        )
    for labels, role in ((_QUESTION_LABEL, SpeakerRole.MEMBER), (_REPLY_LABEL, SpeakerRole.OFFICE)):
        if re.fullmatch(rf"(?:{labels})\d*", compact):
            return Person(text, role)
    if match := _WITH_BRACKET.fullmatch(compact):
        return _read_bracketed(text, match["main"], match["inside"])
    return _read_main(text, compact)


def family_name(name: str) -> str:
    """Return the family name at the beginning of a full name, the whole name if Sudachi finds no boundary."""
    parts = morphemes(name)
    if len(parts) > 1 and parts[0].pos[1:2] == ("固有名詞",):
        return parts[0].surface
    return name


def _read_bracketed(label: str, main: str, inside: str) -> Person | None:
    outer = _read_main(label, main)
    if outer and outer.name and outer.role is SpeakerRole.MEMBER and not _NO_DESCRIPTION.fullmatch(inside):
        # What members represent distinguishes those of one name: 山田委員(保護者).
        return Person(label, outer.role, f"{outer.name}({inside})", outer.name, outer.seat, outer.office)
    inner = _without_honorific(inside)
    if _NAME.fullmatch(inner) and not _NOT_A_NAME.fullmatch(inner):
        if outer is None:
            return None
        return Person(label, outer.role, inner, family_name(inner), outer.seat, outer.office)
    title = _read_main(label, inner)
    if title and not title.name and _NAME.fullmatch(main) and not _read_main(label, main):  # 小川(委員長)
        return Person(label, title.role, main, family_name(main), title.seat, title.office)
    return outer


def _read_main(label: str, text: str) -> Person | None:
    if match := _SEAT.fullmatch(text):
        name = _without_honorific(match["name"])
        return Person(
            label, SpeakerRole.MEMBER, name, family_name(name), f"{match['seat']}番", match["title"] or "議員"
        )
    if match := _LETTERED.fullmatch(text):
        return Person(label, SpeakerRole.MEMBER, match["name"], match["name"], office=match["title"])
    if match := _TITLED.fullmatch(text):
        return _read_titled(label, match["name"], match["title"])
    if _OFFICE.fullmatch(text) and (officer := _read_office(label, text)):
        return officer
    if (match := _HONOURED.fullmatch(text)) and _NAME.fullmatch(match["name"]):
        return Person(label, SpeakerRole.MEMBER, match["name"], family_name(match["name"]))
    return None


def _read_titled(label: str, name: str, title: str) -> Person | None:
    is_chair = re.fullmatch(CHAIR_TITLE, title) and not title.startswith("副")
    role = SpeakerRole.CHAIR if is_chair else SpeakerRole.MEMBER
    if name in _MEMBER_KINDS or name.endswith(_ENDS_OF_MEMBER_KINDS):
        is_kind = role is SpeakerRole.CHAIR or len(name + title) <= _MAX_KIND_LENGTH
        return Person(label, role, office=name + title) if is_kind else None
    if name and not (_NAME.fullmatch(name) and len(name) <= _MAX_NAME_LENGTH):
        return None
    return Person(label, role, name, family_name(name) if name else "", office=title)


def _read_office(label: str, text: str) -> Person | None:
    parts = morphemes(text)
    is_person = bool(parts) and parts[0].pos[1:3] == ("固有名詞", "人名")
    if is_person and len(parts) == 1:  # a family name such as 長
        return None
    end = 0
    for part in parts:
        if part.pos[1:3] != ("固有名詞", "人名") and not (not end and part.pos[1:2] == ("固有名詞",)):
            break
        end = part.end
    if end and text[end:] and (is_person or _BARE_TITLE.fullmatch(text[end:])):
        name = text[:end]
        return Person(label, SpeakerRole.OFFICE, name, family_name(name), office=text[end:])
    return Person(label, SpeakerRole.OFFICE, office=text)


def _without_honorific(text: str) -> str:
    return re.sub(r"(?:君|くん|さん|様|氏|議員|委員)$", "", text)


_MARK = r"[○◯◎●◆◇■□〇△▲▽▼☆★・･⚫*＊\-–]"
_GAP = r"[ \t\u3000]"
# The mark of an item before that of the speaker: ・○3番.
_ITEM = rf"{_GAP}*+(?:[・\-*]{_GAP}*+)?"
_BRACKETED = re.compile(
    rf"{_ITEM}{_MARK}?{_GAP}*+(?:【(?P<a>[^】\n]{{1,24}})】|〔(?P<b>[^〕\n]{{1,24}})〕|[（(](?P<c>[^（()）\n]{{1,20}})[)）]"
    rf"|[［\[](?P<d>[^］\]\n]{{1,24}})[］\]]|[＜<《](?P<e>[^＞>》\n]{{1,24}})[＞>》])(?:{_GAP}*[:：])?{_GAP}*"
)
# The number of a remark before its speaker: 1. 山田委員:, (2)山田委員:.
_NUMBERED = rf"(?:(?:[(（]?[\d０-９]{{1,2}}[)）.．]|[①-⑳]){_GAP}*+)?"
_START = rf"{_ITEM}(?P<mark>{_MARK})?{_GAP}*+{_NUMBERED}"
_COLON = re.compile(rf"{_START}(?P<label>[^:：。、「」\n]{{1,22}}?){_GAP}*[:：]{_GAP}*(?=\S)")
# A name in two parts, or one after the number of the seat: 山田 太郎 委員, 3番 山田太郎君.
_IN_PARTS = re.compile(
    rf"{_START}(?P<label>[\d０-９]{{1,2}}番{_GAP}*[一-龥々ヶ]{{1,4}}{_GAP}?[一-龥々ぁ-ゖァ-ヴー]{{1,5}}?"
    rf"(?:君|さん|氏|議員|委員)?|[一-龥々ヶ]{{1,4}}{_GAP}[一-龥々ぁ-ゖァ-ヴー]{{1,4}}{_GAP}?(?:君|議員|委員))"
    rf"(?:{_GAP}+|{_GAP}*[:：]{_GAP}*)(?=[^\n]*[。?？か])"
)
# A label before a gap, an arrow, quoted words or the end of the line: 山田委員 …, 山田委員→…, 山田委員「…」.
_PLAIN = re.compile(
    rf"{_START}(?P<label>[^\s。、:：「」（()）→⇒／/]{{1,20}}(?:[（(][^（()）\n]{{1,20}}[)）])?(?:議員|委員|君)?)"
    rf"(?:{_GAP}*[→⇒／]{_GAP}*|{_GAP}+|$|(?=「)|(?<=[)）君])(?=\S))"
)
# With one of these marks before it, a label needs no title.
_SPEAKER_MARKS = frozenset("○◯◎●◆◇■□〇△▲▽▼☆★")
# Titles that are nothing else in any document; 延長 and 成長 are not offices.
_SPEAKER_TITLE = re.compile(
    r"(?:(?<![延成身全増特助伸])長|委員|議員|事務局|主査|主幹|主事|参事|補佐|監事|教授|アドバイザー|オブザーバー|番)"
    r"[A-ZＡ-Ｚ]?(?:[（(].*[)）])?$"
)
# Before a speech of one line these need no sentence.
_SPEECH_MARKS = "○◎●◆"
_QUESTION_OR_REPLY = re.compile(
    rf"{_ITEM}{_MARK}?{_GAP}*(?P<label>[問答QＱAＡ]|質問|回答|質疑|答弁){_GAP}*[\d０-９]{{0,2}}(?:[.．:：]{_GAP}*|{_GAP}+)(?=\S)"
)
_QUESTION_OR_REPLY_OF = re.compile(
    rf"{_ITEM}{_MARK}?{_GAP}*(?P<kind>[問答QＱAＡ])[\d０-９]{{0,2}}{_GAP}*[（(【](?P<label>[^（()）【】\n]{{1,20}})[)）】](?:{_GAP}*[:：])?{_GAP}*"
)
_ARROW = re.compile(rf"{_GAP}*・?{_GAP}*(?:[→⇒➡]|[-=ー]>){_GAP}*")
_AT_END = re.compile(
    rf"(?:[（(〔【［\[](?P<a>[^（()）〔〕【】［］\[\]\n]{{2,20}}(?:[（(][^（()）\n]{{1,12}}[)）])?)[)）〕】］\]]"
    rf"|(?:[―—─–]{{1,2}}|…){_GAP}*(?P<b>[^\s。、（()）\n]{{2,16}})){_GAP}*。?{_GAP}*$"
)
_IS_TITLED = re.compile(
    rf"(?:{MEMBER_TITLE}|{CHAIR_TITLE}|{OFFICE_END})[A-ZＡ-Ｚ]?(?:[（(].*[)）])?$|[\d０-９]{{1,2}}番"
)
_BRACKETED_REMARK = re.compile(r"[(（][^()（）]*[)）]$")
_WORDS = re.compile(r"[。?？か「]")
_END_OF_WORDS = re.compile(rf"[。？?」』）)]{_GAP}*(?=\S)")
# Words before a label at the end of a line, as opposed to the name of the labelled person.
_HAS_WORDS = re.compile(r"[ぁ-ゖ]|[。？?」]|[一-龥ァ-ヴー]{5,}")
_FULL_NAME = re.compile(r"[\s\u3000・]*(?:\d{1,2}番)?[\s\u3000]*\S{1,5}[\s\u3000]+\S{1,5}[\s\u3000]*")
_ANSWER = Person("", SpeakerRole.OFFICE)
# Characters of a family name without a title.
_MAX_FAMILY_LENGTH = 3


@dataclass(frozen=True, slots=True)
class Label:
    """A speaker's label in a line.

    Attributes:
        written: the label as written.
        start, end: the position of the speech in the line.
        only_line: whether the speech ends with the line.
    """

    person: Person
    start: int
    end: int
    only_line: bool = False
    written: str = ""


def find_label(line: str, *, has_questions: bool = False, names: Container[str] = ()) -> Label | None:
    """Return the label of a line, None without one.

    `has_questions` if A means the answer to a Q; `names` are those of the members present, whom labels may name
    without a title.
    """
    if match := _ARROW.match(line):
        inner = _at_beginning(line[match.end() :], names)
        if inner and inner.person.role is SpeakerRole.OFFICE:
            return replace(inner, start=match.end() + inner.start, end=len(line), only_line=True)
        return Label(_ANSWER, match.end(), len(line))
    label = _question_or_reply(line, names, has_questions=has_questions) or _at_beginning(line, names)
    return label or _at_end(line, names)


# Several rules ask in turn whether a line is a speech.
@lru_cache(maxsize=1024)
def find_speaker(text: str) -> Label | None:
    """Return the label before a speech in any document: with a mark, or with a title before a sentence."""
    label = _at_beginning(text, ()) if "。" in text or text[:1] in _SPEECH_MARKS else None
    is_certain = label and (text[0] in _SPEECH_MARKS or _SPEAKER_TITLE.search(label.written))
    return label if label and is_certain and label.start < len(text) else None


def is_member_name(name: str) -> bool:
    """Whether a label is that of a member of the body or of the public: 望月委員, 5番（氏名）."""
    person = read_person(name)
    return person is not None and person.role is SpeakerRole.MEMBER


def is_question_section(path: Sequence[str]) -> bool:
    """Whether the headings of a section of minutes are those of a member's question, not of the reply below it."""
    return any(map(is_member_name, path)) and (is_member_name(path[-1]) or not read_person(path[-1]))


def is_bracketed_remark(text: str) -> bool:
    """Whether a line is a remark in brackets between speeches: (異議なし), (賛成8名、反対1名)."""
    return bool(_BRACKETED_REMARK.match(text))


def is_speaker_alone(text: str) -> bool:
    """Whether a line is a speaker in brackets, whose words follow below: 【会長】."""
    # （会長） is the caption of an article.
    label = _at_beginning(text, ()) if text[:1] in "【〔[［" else None
    return label is not None and label.start >= len(text)


def split_at_labels(line: str, names: Container[str] = ()) -> Iterator[tuple[int, int]]:
    """Yield start and end of the parts of a line, of which each after the first begins with a speaker's label.

    Lines of a paragraph may have been joined: …減らします。山田委員 …はできないか。
    """
    start = 0
    for match in _END_OF_WORDS.finditer(line):
        remainder = line[match.end() :]
        label = _at_beginning(remainder, names)
        if label and remainder[label.start :].strip():
            yield start, match.end()
            start = match.end()
    yield start, len(line)


def _question_or_reply(line: str, names: Container[str], *, has_questions: bool) -> Label | None:
    if match := _QUESTION_OR_REPLY_OF.match(line):
        role = SpeakerRole.MEMBER if match["kind"] in "問QＱ" else SpeakerRole.OFFICE
        speaker = read_person(match["label"]) or Person(match["label"], role, office=match["label"])
        return Label(replace(speaker, role=role), match.end(), len(line))
    match = _QUESTION_OR_REPLY.match(line)
    if match is None or (match["label"] in "AＡ" and not has_questions):
        return None
    if inner := _at_beginning(line[match.end() :], names):
        return replace(inner, start=match.end() + inner.start, end=len(line))
    person = read_person(match["label"])
    return Label(person, match.end(), len(line)) if person else None


def _at_beginning(line: str, names: Container[str]) -> Label | None:
    for label, end, is_certain in _candidates(line):
        words = line[end:].strip()
        person = _read(label, is_certain=is_certain) if is_certain or _WORDS.search(words) else None
        person = person or (_member(label, names) if is_certain or words else None)
        if person and not _is_roster(words):
            return Label(person, end, len(line), written=label)
    return None


def _member(label: str, names: Container[str]) -> Person | None:
    text = normalise_without_spaces(label)
    name, _, inside = text.rstrip(")").partition("(")
    if name not in names:
        return None
    return Person(nfkc(label), SpeakerRole.MEMBER, f"{name}({inside})" if inside else name, name, office="委員")


def _at_end(line: str, names: Container[str]) -> Label | None:
    match = _AT_END.search(line)
    if match is None:
        return None
    label = match["a"] or match["b"]
    words = line[: match.start()]
    has_words = _HAS_WORDS.search(words) and not _FULL_NAME.fullmatch(words) and "番" not in words
    if not has_words:
        return None
    person = _member(label, names) or (read_person(label) if _IS_TITLED.search(label) else None)
    start = len(line) - len(line.lstrip(" \t\u3000・"))
    return Label(person, start, match.start(), only_line=True) if person else None


def _candidates(line: str) -> Iterator[tuple[str, int, bool]]:
    """Yield possible labels with the end of each, and whether its form is that of a label."""
    if match := _BRACKETED.match(line):
        yield next(group for group in match.groups() if group), match.end(), True
    for pattern in (_IN_PARTS, _COLON):
        if match := pattern.match(line):
            yield match["label"], match.end(), True
    if match := _PLAIN.match(line):
        yield match["label"], match.end(), match["mark"] in _SPEAKER_MARKS


def _read(label: str, *, is_certain: bool) -> Person | None:
    person = read_person(label)
    if person is None and is_certain and re.fullmatch(r"[A-ZＡ-Ｚ]", label.strip()):
        return Person(label.strip(), SpeakerRole.MEMBER, label.strip(), label.strip())
    if person and not is_certain and not _is_titled(label):
        return None
    return person


def _is_titled(label: str) -> bool:
    """Whether a label ends in a title, or a bracket at its end does: 山田(自治会長)."""
    inside = re.search(r"[（(]([^（()）]+)[)）]$", label)
    return bool(_IS_TITLED.search(label) or (inside and _IS_TITLED.search(inside[1])))


def _is_roster(text: str) -> bool:
    parts = [part for part in re.split(r"[、,，・\s\u3000]+", text.strip()) if part]
    if not parts or re.search(r"[。?？]", text):
        return False
    return all(_IS_TITLED.search(part) or read_person(part) or len(part) <= _MAX_FAMILY_LENGTH for part in parts)
