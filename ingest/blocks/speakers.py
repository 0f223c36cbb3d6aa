"""Recognises who speaks in a line of minutes: 3番(氏名), ○総務課長, 【事務局】, A委員:, …(山田委員)."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from ingest.documents import Person, SpeakerRole
from ingest.japanese import normalise_without_spaces
from ingest.japanese.lexicon import DEPARTMENT, MUNICIPALITY, any_of, load_lexicon
from ingest.japanese.tokenise import morphemes

_LEXICON = load_lexicon("minutes")
MEMBER_TITLE = any_of(_LEXICON["member"])
CHAIR_TITLE = any_of(_LEXICON["chair"])
OFFICE_END = any_of((*_LEXICON["office"], *_LEXICON["advisor"]))
MEMBER_KINDS = frozenset(_LEXICON["kinds"])
"""Words before 委員 and the like that name a kind of member, not a person: 公募委員."""
_ENDS_OF_MEMBER_KINDS = ("の", "会", "協議", "常任")
_QUESTION_SIDE = re.compile(rf"{any_of(_LEXICON['question_label'])}\d*")
_REPLY_SIDE = re.compile(rf"{any_of(_LEXICON['reply_label'])}\d*")
_WITH_BRACKET = re.compile(r"(?P<main>[^()]+)\((?P<inside>[^()]{1,20})\)")
# A remark on what someone does: 10番 東野さくら君登壇.
_REMARK = re.compile(r"登壇|降壇|退席|着席|退場|入場|休憩|挙手|起立|拍手|発言|入室|退室|呼ぶ|あり$|なし$")
_SEAT = re.compile(r"(?:議席)?(?P<seat>\d{1,2})番(?P<title>議員|委員)?(?P<name>.*)")
_LETTERED = re.compile(rf"(?P<title>{MEMBER_TITLE})(?P<name>[A-Z]|[ア-ン]|\d{{1,2}})")
_TITLED = re.compile(rf"(?P<name>.*?)(?P<title>{CHAIR_TITLE}|{MEMBER_TITLE})")
_OFFICE = re.compile(rf"(?=[^\s、。「」]{{1,20}}$).*(?:{OFFICE_END})")
_HONOURED = re.compile(r"(?P<name>.{1,8}?)(?:君|くん|さん|様|氏)")
_HONORIFIC_END = re.compile(r"(?:君|くん|さん|様|氏|議員|委員)$")
_NAME = re.compile(r"[一-龥々〆ヶぁ-ゖァ-ヴーA-Za-z]{1,9}")
# A bracket that names an office or a part, not a person: 事務局(こども課).
_NOT_A_NAME = re.compile(r".*[課係局部室長番号]|.*(?:担当|委員|議員|代理|欠席|出席|代表|職務)|第.*|[\d.]+")
_NO_DESCRIPTION = re.compile(rf"(?:{CHAIR_TITLE}|委員|議員|会員)|.*(?:代理|欠席|出席|職務|番)|[\d.]+")
# A title directly after a family name: 三輪課長, as opposed to 総務課長.
_NAMED_OFFICER = re.compile(
    rf"(?P<name>[一-龥々ヶ]{{1,4}}?)"
    rf"(?:(?:{DEPARTMENT}|次|所|館|園|校|院|支所|副)?長|主査|主幹|主任|主事|参事|(?:課長)?補佐|副?{MUNICIPALITY}長|教授|先生)"
)
# Characters of a label, of a name in it, and of a kind of member with its title (公募委員).
_MAX_LABEL_LENGTH = 28
_MAX_NAME_LENGTH = 7
_MAX_KIND_LENGTH = 8


@lru_cache(maxsize=8192)
def read_person(label: str) -> Person | None:
    """Return the person whom a label names, None if it is none; the label is one line without marks and colons."""
    text = normalise_without_spaces(label)
    if not text or len(text) > _MAX_LABEL_LENGTH or _REMARK.search(text):
        return None
    if _QUESTION_SIDE.fullmatch(text):
        return Person("member")
    if _REPLY_SIDE.fullmatch(text):
        return Person("office")
    if match := _WITH_BRACKET.fullmatch(text):
        return _read_bracketed(match["main"], match["inside"])
    return _read_main(text)


def family_name(name: str) -> str:
    """Return the family name at the beginning of a full name, the whole name if Sudachi finds no boundary."""
    parts = morphemes(name)
    return parts[0].surface if len(parts) > 1 and parts[0].pos[1:2] == ("固有名詞",) else name


def _read_bracketed(main: str, inside: str) -> Person | None:
    outer = _read_main(main)
    if outer and outer.name and outer.role == "member" and not _NO_DESCRIPTION.fullmatch(inside):
        # What members represent distinguishes those of one name: 山田委員(保護者).
        return replace(outer, name=f"{outer.name}({inside})", family=outer.name)
    inner = _HONORIFIC_END.sub("", inside)
    if _NAME.fullmatch(inner) and not _NOT_A_NAME.fullmatch(inner):
        return outer and replace(outer, name=inner, family=family_name(inner))
    title = _read_main(inner)
    if title and not title.name and outer is None and _NAME.fullmatch(main):  # 小川(委員長)
        return replace(title, name=main, family=family_name(main))
    return outer


def _read_main(text: str) -> Person | None:
    if match := _SEAT.fullmatch(text):
        name = _HONORIFIC_END.sub("", match["name"])
        return Person("member", name, family_name(name), f"{match['seat']}番", match["title"] or "議員")
    if match := _LETTERED.fullmatch(text):
        return Person("member", match["name"], match["name"], office=match["title"])
    if match := _TITLED.fullmatch(text):
        return _read_titled(match["name"], match["title"])
    if _OFFICE.fullmatch(text):
        return _read_office(text)
    if (match := _HONOURED.fullmatch(text)) and _NAME.fullmatch(match["name"]):
        return Person("member", match["name"], family_name(match["name"]))
    return None


def _read_titled(name: str, title: str) -> Person | None:
    is_chair = re.fullmatch(CHAIR_TITLE, title) and not title.startswith("副")
    role: SpeakerRole = "chair" if is_chair else "member"
    if name in MEMBER_KINDS or name.endswith(_ENDS_OF_MEMBER_KINDS):
        is_kind = is_chair or len(name + title) <= _MAX_KIND_LENGTH
        return Person(role, office=name + title) if is_kind else None
    if name and not (_NAME.fullmatch(name) and len(name) <= _MAX_NAME_LENGTH):
        return None
    return Person(role, name, family_name(name) if name else "", office=title)


def _read_office(text: str) -> Person | None:
    first = morphemes(text)[0]
    if first.surface == text and first.pos[2] == "人名":  # a family name such as 長谷部
        return None
    match = _NAMED_OFFICER.fullmatch(text) if first.pos[1] == "固有名詞" else None
    name = match["name"] if match else ""
    return Person("office", name, family_name(name), office=text.removeprefix(name))


_MARK = r"[○◯◎●◆◇■□〇△▲▽▼☆★・･⚫*＊\-–]"
_GAP = r"[ \t\u3000]"
# The mark of an item before that of the speaker: ・○3番.
_ITEM = rf"{_GAP}*+(?:[・\-*]{_GAP}*+)?"
_BRACKETED = re.compile(
    rf"{_ITEM}{_MARK}?{_GAP}*+[【〔［\[＜<《（(](?P<label>[^】〕］\]＞>》（()）\n]{{1,24}}(?:[（(][^（()）\n]{{1,20}}[)）])?)"
    rf"[】〕］\]＞>》)）](?:{_GAP}*[:：])?{_GAP}*"
)
# The number of a remark before its speaker: 1. 山田委員:, (2)山田委員:.
_NUMBERED = rf"(?:(?:[(（]?[\d０-９]{{1,2}}[)）.．]|[①-⑳]){_GAP}*+)?"
_START = rf"{_ITEM}(?P<mark>{_MARK})?{_GAP}*+{_NUMBERED}"
_COLON = re.compile(rf"{_START}(?P<label>[^:：。、「」\n]{{1,22}}?){_GAP}*[:：]{_GAP}*(?=\S)")
# A name in two parts, or one after the number of the seat: 山田 太郎 委員, 3番 山田太郎君.
_IN_PARTS = re.compile(
    rf"{_START}(?P<label>[\d０-９]{{1,2}}番{_GAP}*+[一-龥々ヶ]{{1,4}}{_GAP}?[一-龥々ぁ-ゖァ-ヴー]{{1,5}}?"
    rf"(?:君|さん|氏|議員|委員)?|[一-龥々ヶ]{{1,4}}{_GAP}[一-龥々ぁ-ゖァ-ヴー]{{1,4}}{_GAP}?(?:君|議員|委員))"
    rf"(?:{_GAP}++|[:：]{_GAP}*+)(?=[^\n]*[。?？か])"
)
# A label before a gap, an arrow, quoted words or the end of the line: 山田委員 …, 山田委員→…, 山田委員「…」.
_PLAIN = re.compile(
    rf"{_START}(?P<label>[^\s。、:：「」（()）→⇒／/]{{1,20}}(?:[（(][^（()）\n]{{1,20}}[)）])?(?:議員|委員|君)?)"
    rf"(?:{_GAP}*[→⇒／]{_GAP}*|{_GAP}+|$|(?=「)|(?<=[)）君])(?=\S))"
)
# With one of these marks before it, a label needs no title; before a speech of one line some need no sentence.
_SPEAKER_MARKS = frozenset("○◯◎●◆◇■□〇△▲▽▼☆★")
_SPEECH_MARKS = "○◎●◆"
# Titles that are nothing else in any document; 延長 and 成長 are not offices.
_SPEAKER_TITLE = re.compile(
    r"(?:(?<![延成身全増特助伸])長|委員|議員|事務局|主査|主幹|主事|参事|補佐|監事|教授|アドバイザー|オブザーバー|番)"
    r"[A-ZＡ-Ｚ]?(?:[（(].*[)）])?$"
)
_AFTER_NUMBER = rf"(?:[.．:：]{_GAP}*+|{_GAP}++|(?=[（(【]))"
_QUESTION_OR_REPLY = re.compile(
    rf"{_ITEM}{_MARK}?{_GAP}*+(?P<label>[問答QＱAＡ]|質問|回答|質疑|答弁)"
    rf"(?:{_GAP}*+[\d０-９]{{1,2}}{_AFTER_NUMBER}|{_GAP}*+[.．:：]{_GAP}*+|{_AFTER_NUMBER})(?=\S)"
)
_ARROW = re.compile(rf"{_GAP}*+(?:・{_GAP}*+)?(?:[→⇒➡]|[-=ー]>){_GAP}*")
_AT_END = re.compile(
    rf"[（(〔【［\[](?P<label>[^（()）〔〕【】［］\[\]\n]{{2,20}}(?:[（(][^（()）\n]{{1,12}}[)）])?)[)）〕】］\]]{_GAP}*+(?:。{_GAP}*+)?$"
)
_IS_TITLED = re.compile(
    rf"(?:{MEMBER_TITLE}|{CHAIR_TITLE}|{OFFICE_END})[A-ZＡ-Ｚ]?(?:[（(].*[)）])?$|[\d０-９]{{1,2}}番"
)
_BRACKETED_REMARK = re.compile(r"[(（][^()（）]*[)）]$")
_WORDS = re.compile(r"[。?？か「]")
_END_OF_WORDS = re.compile(rf"[。？?」』）)]{_GAP}*(?=\S)")
# Characters of a family name without a title, and of a name before the title at the end of a line.
_MAX_FAMILY_LENGTH = 3
_MAX_LISTED_LENGTH = 12
# Characters in which a label within a line and the end of its first sentence are looked for.
_MAX_LOOK_AHEAD = 400


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


def find_label(line: str, names: Container[str] = ()) -> Label | None:
    """Return the label of a line, None without one; labels may have the `names` of members present without a title."""
    if match := _ARROW.match(line):
        return Label(Person("office"), match.end(), len(line), only_line=True)
    if side := _QUESTION_OR_REPLY.match(line):
        inner = _at_beginning(line[side.end() :], names)
        person = inner.person if inner else read_person(side["label"])
        return Label(person, side.end() + (inner.start if inner else 0), len(line)) if person else None
    return _at_beginning(line, names) or _at_end(line, names)


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
    return person is not None and person.role == "member"


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
        remainder = line[match.end() : match.end() + _MAX_LOOK_AHEAD]
        label = _at_beginning(remainder, names)
        if label and remainder[label.start :].strip():
            yield start, match.end()
            start = match.end()
    yield start, len(line)


def _at_beginning(line: str, names: Container[str]) -> Label | None:
    for pattern in (_BRACKETED, _IN_PARTS, _COLON, _PLAIN):
        match = pattern.match(line)
        if match is None:
            continue
        label, words = match["label"], line[match.end() :].strip()
        is_certain = pattern is not _PLAIN or match["mark"] in _SPEAKER_MARKS
        inside = re.search(r"[（(]([^（()）]+)[)）]$", label)
        is_titled = _IS_TITLED.search(label) or (inside and _IS_TITLED.search(inside[1]))  # 山田(自治会長)
        person = read_person(label) if is_certain or (is_titled and _WORDS.search(words)) else None
        person = person or (_member(label, names) if is_certain or words else None)
        if person and not _is_roster(words):
            return Label(person, match.end(), len(line), written=label)
    return None


def _member(label: str, names: Container[str]) -> Person | None:
    name, _, inside = normalise_without_spaces(label).rstrip(")").partition("(")
    if name not in names:
        return None
    return Person("member", f"{name}({inside})" if inside else name, name, office="委員")


def _at_end(line: str, names: Container[str]) -> Label | None:
    match = _AT_END.search(line)
    if match is None:
        return None
    label, words = match["label"], line[: match.start()]
    is_name = len(words.strip()) <= _MAX_LISTED_LENGTH and not _WORDS.search(words)
    if is_name or "番" in words:
        return None
    person = _member(label, names) or (read_person(label) if _IS_TITLED.search(label) else None)
    start = len(line) - len(line.lstrip(" \t\u3000・"))
    return Label(person, start, match.start(), only_line=True) if person else None


def _is_roster(text: str) -> bool:
    parts = [part for part in re.split(r"[、,，・\s\u3000]+", text.strip()) if part]
    if not parts or re.search(r"[。?？]", text):
        return False
    return all(_IS_TITLED.search(part) or read_person(part) or len(part) <= _MAX_FAMILY_LENGTH for part in parts)
