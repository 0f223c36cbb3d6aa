"""Recognises who speaks in a line of minutes: 3番(氏名), ○総務課長, 【事務局】, A委員:."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Literal, NamedTuple

from ingest.documents import Block
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.tokenise import morphemes

SpeakerRole = Literal["member", "office", "chair"]
_LEXICON = load_lexicon("minutes")
MEMBER_TITLE = any_of(_LEXICON["member"])
CHAIR_TITLE = any_of(_LEXICON["chair"])
OFFICE_END = any_of((*_LEXICON["office"], *_LEXICON["advisor"]))
# Words before 委員 and the like that name a kind of member, not a person: 公募委員.
_MEMBER_KINDS = frozenset(_LEXICON["kinds"])
_ENDS_OF_MEMBER_KINDS = ("の", "会", "協議", "常任")
_SIDE = re.compile(rf"(?:(?P<question>{any_of(_LEXICON['question_label'])})|{any_of(_LEXICON['reply_label'])})\d*")
_WITH_BRACKET = re.compile(r"(?P<main>[^()]+)\((?P<inside>[^()]{1,20})\)")
# A remark on what someone does: 10番 東野さくら君登壇.
_REMARK = re.compile(r"登壇|降壇|退席|着席|退場|入場|休憩|挙手|起立|拍手|発言|入室|退室|呼ぶ|あり$|なし$")
_SEAT = re.compile(r"(?:議席)?\d{1,2}番.*")
_LETTERED = re.compile(rf"(?:{MEMBER_TITLE})(?:[A-Z]|[ア-ン]|\d{{1,2}})")
_TITLED = re.compile(rf"(?P<name>.*?)(?P<title>{CHAIR_TITLE}|{MEMBER_TITLE})")
_OFFICE = re.compile(rf"(?=[^\s、。「」]{{1,20}}$).*(?:{OFFICE_END})")
_HONOURED = re.compile(r"(?P<name>.{1,8}?)(?:君|くん|さん|様|氏)")
_HONORIFIC_END = re.compile(r"(?:君|くん|さん|様|氏|議員|委員)$")
_NAME = re.compile(r"[一-龥々〆ヶぁ-ゖァ-ヴーA-Za-z]{1,9}")
# A bracket that names an office or a part, not a person: 事務局(こども課).
_NOT_A_NAME = re.compile(r".*[課係局部室長番号]|.*(?:担当|委員|議員|代理|欠席|出席|代表|職務)|第.*|[\d.]+")
# Characters of a label, of a name in it, and of a kind of member with its title (公募委員).
_MAX_LABEL_LENGTH = 28
_MAX_NAME_LENGTH = 7
_MAX_KIND_LENGTH = 8


@lru_cache(maxsize=8192)
def speaker_role(label: str) -> SpeakerRole | None:
    """Return the role of whom a label names, None if it is no label; it is one line without marks and colons."""
    text = normalise_without_spaces(label)
    if not text or len(text) > _MAX_LABEL_LENGTH or _REMARK.search(text):
        return None
    if side := _SIDE.fullmatch(text):
        return "member" if side["question"] else "office"
    match = _WITH_BRACKET.fullmatch(text)
    if match is None:
        return _titled_role(text)
    outer = _titled_role(match["main"])
    inside = _HONORIFIC_END.sub("", match["inside"])
    if outer or (_NAME.fullmatch(inside) and not _NOT_A_NAME.fullmatch(inside)):
        return outer
    return _titled_role(inside) if _NAME.fullmatch(match["main"]) else None  # 小川(委員長)


def _titled_role(text: str) -> SpeakerRole | None:
    if _SEAT.fullmatch(text) or _LETTERED.fullmatch(text):
        return "member"
    if match := _TITLED.fullmatch(text):
        name, title = match["name"], match["title"]
        is_chair = re.fullmatch(CHAIR_TITLE, title) is not None and not title.startswith("副")
        if name in _MEMBER_KINDS or name.endswith(_ENDS_OF_MEMBER_KINDS):
            is_title = is_chair or len(text) <= _MAX_KIND_LENGTH
        else:
            is_title = not name or (len(name) <= _MAX_NAME_LENGTH and _NAME.fullmatch(name) is not None)
        return ("chair" if is_chair else "member") if is_title else None
    if _OFFICE.fullmatch(text):
        first = morphemes(text)[0]
        return None if first.surface == text and first.pos[2] == "人名" else "office"  # a family name such as 長谷部
    honoured = _HONOURED.fullmatch(text)
    return "member" if honoured and _NAME.fullmatch(honoured["name"]) else None


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
_IS_TITLED = re.compile(
    rf"(?:{MEMBER_TITLE}|{CHAIR_TITLE}|{OFFICE_END})[A-ZＡ-Ｚ]?(?:[（(].*[)）])?$|[\d０-９]{{1,2}}番"
)
_BRACKETED_REMARK = re.compile(r"[(（][^()（）]*[)）]$")
_WORDS = re.compile(r"[。?？か「]")
_END_OF_WORDS = re.compile(rf"[。？?」』）)]{_GAP}*(?=\S)")
# Characters of a family name without a title.
_MAX_FAMILY_LENGTH = 3
_MINUTES = re.compile(
    r"(?:会議|議事|審議|発言)の?(?:録|要旨|概要|記録|結果|経過|摘録|要点)|質疑|議会だより|一般質問|記録簿"
    r"|[会談][^。]{0,12}記録$|主な意見|開催(?:結果|概要|報告)|懇談|総会"
)
# With fewer lines of members, a document that is not titled minutes is none.
_MIN_MEMBER_LINES = 3
_MEMBER_LINE = re.compile(rf"[^\n。、]{{0,16}}(?:(?:{MEMBER_TITLE})(?=\W|[A-ZＡ-Ｚ])|[\d０-９]{{1,2}}番\W)")
# Characters in which a label within a line and the end of its first sentence are looked for.
_MAX_LOOK_AHEAD = 400


class Label(NamedTuple):
    """A speaker's label at the beginning of a line, as it is written, and where the speech starts."""

    written: str
    start: int


# Several rules ask in turn whether a line is a speech.
@lru_cache(maxsize=1024)
def find_speaker(text: str) -> Label | None:
    """Return the label before a speech in any document: with a mark, or with a title before a sentence."""
    label = _find_label(text) if "。" in text or text[:1] in _SPEECH_MARKS else None
    is_certain = label and (text[0] in _SPEECH_MARKS or _SPEAKER_TITLE.search(label.written))
    return label if label and is_certain and label.start < len(text) else None


def is_member_name(name: str) -> bool:
    """Whether a label is that of a member of the body or of the public: 望月委員, 5番（氏名）."""
    return speaker_role(name) == "member"


def is_bracketed_remark(text: str) -> bool:
    """Whether a line is a remark in brackets between speeches: (異議なし), (賛成8名、反対1名)."""
    return bool(_BRACKETED_REMARK.match(text))


def is_speaker_alone(text: str) -> bool:
    """Whether a line is a speaker in brackets, whose words follow below: 【会長】."""
    # （会長） is the caption of an article.
    label = _find_label(text) if text[:1] in "【〔[［" else None
    return label is not None and label.start >= len(text)


def may_be_minutes(title: str, blocks: Iterable[Block]) -> bool:
    """Whether a document may be a meeting's minutes: by its title, or since members speak in it."""
    lines = (line for block in blocks for line in block.text.splitlines())
    return bool(_MINUTES.search(nfkc(title))) or sum(map(bool, map(_MEMBER_LINE.match, lines))) >= _MIN_MEMBER_LINES


def with_speakers(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks of minutes, at most one speaker's words in each; words without a label name who speaks.

    A speech goes on to the next heading, table or list, or the next label.
    """
    speaker = ""
    for block in blocks:
        if block.kind in {"heading", "table", "dropped", "label", "note"}:
            speaker = "" if block.kind in {"heading", "table"} else speaker
            yield block
            continue
        for text in _split_at_labels(block.text):
            part = replace(block, text=text)
            if label := _find_label(text):
                speaker = "" if _SIDE.fullmatch(label.written) else label.written
            elif block.kind not in {"text", "speech"} or _QUESTION_OR_REPLY.match(text):
                speaker = ""
            elif not is_bracketed_remark(text):
                part = replace(part, speaker=speaker)
            yield part


# Lines of a paragraph may have been joined: …減らします。山田委員 …はできないか。
def _split_at_labels(text: str) -> Iterator[str]:
    start = 0
    for match in _END_OF_WORDS.finditer(text):
        remainder = text[match.end() : match.end() + _MAX_LOOK_AHEAD]
        label = _find_label(remainder)
        if label and remainder[label.start :].strip():
            yield text[start : match.end()]
            start = match.end()
    yield text[start:]


def _find_label(line: str) -> Label | None:
    for pattern in (_BRACKETED, _IN_PARTS, _COLON, _PLAIN):
        match = pattern.match(line)
        if match is None:
            continue
        label, words = match["label"], line[match.end() :].strip()
        is_certain = pattern is not _PLAIN or match["mark"] in _SPEAKER_MARKS
        inside = re.search(r"[（(]([^（()）]+)[)）]$", label)
        is_titled = _IS_TITLED.search(label) or (inside and _IS_TITLED.search(inside[1]))  # 山田(自治会長)
        if not (is_certain or (is_titled and _WORDS.search(words))) or speaker_role(label) is None:
            continue
        # Names after a title are a roster, no speech.
        names = [] if re.search(r"[。?？]", words) else re.findall(r"[^、,，・\s\u3000]+", words)
        are_names = (_IS_TITLED.search(n) or speaker_role(n) or len(n) <= _MAX_FAMILY_LENGTH for n in names)
        if not (names and all(are_names)):
            return Label(label, match.end())
    return None
