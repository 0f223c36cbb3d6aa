"""Reads the speeches in the passages of minutes: whose words are where."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ingest.documents import Document, Passage
from ingest.japanese.normal_forms import nfkc, remove_spaces
from ingest.japanese.sentences import split_document_sentences
from ingest.minutes.attendance import read_attendance
from ingest.minutes.speakers import find_label, read_person, split_at_labels
from ingest.spoken_words import CHAIR_TITLE, MEMBER_TITLE, OFFICE_END, Kind, Person, SpeakerRole, SpokenWords

MINUTES_TITLE = re.compile(
    r"(?:会議|議事|審議|発言)の?(?:録|要旨|概要|記録|結果|経過|摘録|要点)|質疑|議会だより|一般質問|記録簿"
    r"|[会談][^。]{0,12}記録$|主な意見|開催(?:結果|概要|報告)|懇談|総会"
)
# With fewer labelled speeches, a document that is not titled minutes is no meeting.
MIN_LABELLED_SPEECHES = 3
# The minutes of a day of an assembly have 200,000 characters; a million take some 20 seconds.
MAX_CHARACTERS = 1_000_000
_MEMBER_AT_START = re.compile(
    rf"^[^\n。、]{{0,16}}(?:(?:{MEMBER_TITLE})(?=\W|[A-ZＡ-Ｚ])|[\d０-９]{{1,2}}番\W)", re.MULTILINE
)
# 山田委員から、…との質問があり、事務局から、…と回答した。
_NARRATED = re.compile(
    r"(?:これに対し(?:て)?|一方(?:で)?|また|さらに|続いて|次に|なお)?、?"
    rf"(?P<who>[^\s、。「」()（）]{{0,9}}?(?:{CHAIR_TITLE}|{MEMBER_TITLE}|{OFFICE_END})[A-ZＡ-Ｚ]?(?:[（(][^（()）]{{1,12}}[)）])?)"
    r"(?:からは?|より|は)、?[^。\n]{2,160}?(?:との|という|旨の?|(?<=[^、])と(?:の)?|について)"
    r"(?:質問|質疑|意見|要望|指摘|提案|発言|回答|説明|報告|答弁|提言|懸念|述べ|答え|要請|依頼|訴え)[^。、\n]{0,14}(?:[。、]|$)"
)
_REMARK = re.compile(
    r"[\s\u3000]*[(（〔［\[【][^()（）〔〕［］\[\]【】]*(?:「[^」]*」[^()（）〔〕［］【】]*)?[)）〕］\]】][\s\u3000]*$"
)
_QUESTION_HEADING = re.compile(r"(?:問|質問|質疑|Q|Ｑ)\s*[\d０-９]{0,2}[\s\u3000.．:：]+\S|.*(?:[かい]。?|[？?])$")
_QUESTION_MARK = re.compile(r"(?:問|質問|質疑|[QＱ])\s*\d{0,2}[\s.:]+")
_ATTENDANCE = re.compile(r"出席|欠席|参加者|委員名簿|構成員|(?<!議事)日程$|配[布付]資料")
_HEADING_MARKS = re.compile(r"^[^\w【〔（(]*")
# Characters of a heading that names a speaker.
_MAX_SPEAKER_LENGTH = 24
# Heads of the columns.
_QUESTION_HEAD = re.compile(r"質問|意見|質疑|要望|問い?|提案|指摘|発言(?:内容|要旨)?$|内容$")
_REPLY_HEAD = re.compile(r"回答|答弁|答え?$|対応|考え方|事務局|見解|説明")
_PERSON_HEAD = re.compile(r"発言者|質問者|提案者|氏名|委員名?$|議員名?$|回答者|答弁者|所属")
_ANSWERER_HEAD = re.compile(r"回答|答弁")
MATTER_HEAD = re.compile(r"議題|項目|件名")
# Characters of a name; a longer cell is none.
_MAX_NAME_LENGTH = 9
_ASKS = re.compile(
    r"(?:か|ください|下さい|ほしい|欲しい|いただきたい|願い(?:し)?(?:たい|ます)?|(?:伺|尋ね|聞き|質問|要望)[^。]{0,10}(?:ます|たい))"
    r"(?:でしょうか|と思います)?(?:。|[？?])*\s*$|質[問疑]|伺い|お尋ね"
)
# What a chair says about the procedure; a chair may hold an office (教育長).
_PROCEDURE = re.compile(
    r"異議(?:は|が)?(?:なし|ありませんか|ございませんか)|お諮り|採決|議題と|(?:可決|決定|承認|否決)(?:さ|し|す)|休憩"
    r"|[開閉散]会|よろしいか|よろしいです|いかがで|お願いし|意見は|発言を許|質疑(?:は|を|が)|ありませんか。?$"
)
# Characters of a speech on the procedure; a longer speech is more than that.
_MAX_PROCEDURE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class PassageHeadings:
    """What the headings of a passage say: the matter, who speaks below them, and a question that they have."""

    item: str = ""
    speaker: Person | None = None
    asker: Person | None = None
    question: str = ""


def may_be_minutes(document: Document, passages: Sequence[Passage]) -> bool:
    """Whether a document may be a meeting's minutes: by its kind or title, or since members speak in it."""
    if document.kind == "meeting" or MINUTES_TITLE.search(nfkc(document.title)):
        return True
    texts = (passage.text_with_headings for passage in passages)
    labelled = (match for text in texts for match in _MEMBER_AT_START.finditer(text))
    return len(list(islice(labelled, MIN_LABELLED_SPEECHES))) == MIN_LABELLED_SPEECHES


def with_speeches(document: Document, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return the passages with the speeches in them if the document may be minutes.

    Words before the first speaker of a passage are by the last one of the passage before it, below the same headings.
    """
    if not may_be_minutes(document, passages) or sum(len(passage.text) for passage in passages) > MAX_CHARACTERS:
        return tuple(passages)
    members = [person for person in read_attendance(passages) if person.role is not SpeakerRole.OFFICE]
    names = frozenset(filter(None, (name for person in members for name in (person.name, person.family))))
    result = list[Passage]()
    speaker: Person | None = None
    for passage in passages:
        is_continued = bool(result) and passage.path == result[-1].path and passage.kind == "text"
        spoken = list(_read_passage(passage, speaker if is_continued else None, names))
        speaker = spoken[-1].person if spoken else None
        result.append(replace(passage, speeches=tuple(spoken)))
    return tuple(result)


def _read_passage(passage: Passage, speaker: Person | None, names: Container[str]) -> Iterator[SpokenWords]:
    """Yield the words in a passage in order, each with its kind."""
    headings = read_path(passage.path)
    is_asked = bool(headings.question)
    if any(_ATTENDANCE.search(nfkc(heading)) for heading in passage.path[-1:]):
        return
    is_row = passage.kind == "row"
    for words in _read_row(passage) if is_row else _read_lines(passage, headings.speaker or speaker, names):
        kind = speech_kind(words.person, passage.text[words.start : words.end], is_asked=is_asked)
        is_asked |= kind is Kind.QUESTION or (words.person is not None and words.person.role is SpeakerRole.MEMBER)
        yield replace(words, kind=kind)


def speech_kind(person: Person | None, text: str, *, is_asked: bool) -> Kind:
    """Return the kind of a speech; `is_asked` if there is a question that it may reply to."""
    if person is None:
        return Kind.STATEMENT
    if person.role is SpeakerRole.OFFICE:
        return Kind.REPLY if is_asked or not person.label or person.label[:1] in "答回A" else Kind.STATEMENT
    asks = any(_ASKS.search(sentence.strip()) for sentence in split_document_sentences(text))
    return Kind.QUESTION if asks and not (person.role is SpeakerRole.CHAIR and is_procedure(text)) else Kind.STATEMENT


def is_procedure(text: str) -> bool:
    """Whether a speech only conducts the meeting (ご異議ありませんか)."""
    return len(text) < _MAX_PROCEDURE_LENGTH and bool(_PROCEDURE.search(nfkc(text)))


def read_path(path: Sequence[str]) -> PassageHeadings:
    """Return the speakers and the matter in a path of headings."""
    items = list[str]()
    speaker: Person | None = None
    asker: Person | None = None
    question = ""
    for heading in path:
        text = nfkc(heading).strip()
        label = find_label(text)
        bare = _HEADING_MARKS.sub("", text)
        may_be_speaker = len(bare) <= _MAX_SPEAKER_LENGTH and not re.match(r"\d(?!\d?番)|\(", bare)
        if may_be_speaker and (person := read_person(bare)):
            speaker = person
            asker = person if person.role is SpeakerRole.MEMBER else asker
        elif label and label.only_line:  # 防災倉庫の整備(佐藤 花子 議員)
            asker = label.person
            speaker = None
            question = ""
            items.append(text[label.start : label.end].strip())
        elif _QUESTION_HEADING.match(text) and (asker or re.match("[問質QＱ]", text)):
            question = _QUESTION_MARK.sub("", text, count=1)
            speaker = None
            asker = asker or Person("", SpeakerRole.MEMBER)
        else:
            items.append(text)
    return PassageHeadings(" ".join(items[-2:]), speaker or (None if question else asker), asker, question)


def _read_lines(passage: Passage, speaker: Person | None, names: Container[str]) -> Iterator[SpokenWords]:
    text = passage.text
    has_questions = bool(re.search(r"(?m)^\s*・?[QＱ]", passage.text_with_headings))
    pending: SpokenWords | None = None
    for start, end in _split_lines(text, names):
        line = text[start:end]
        if label := find_label(line, has_questions=has_questions, names=names):
            yield from [pending] if pending else []
            pending = SpokenWords(start + label.start, start + label.end, label.person)
            speaker = label.person
            if label.only_line or not speaker.label:
                yield pending
                pending = speaker = None
        elif _REMARK.match(line):
            yield from [pending] if pending else []
            pending = None
            yield SpokenWords(start, end, None)
        elif speaker:
            is_continued = pending and text[pending.start : pending.end].strip()
            pending = SpokenWords(pending.start if pending and is_continued else start, end, speaker)
        elif narrated := list(_read_narrated(text, start, end)):
            yield from narrated
        else:
            yield SpokenWords(start, end, None)
    yield from [pending] if pending else []


def _split_lines(text: str, names: Container[str]) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"[^\n]*\S[^\n]*", text):
        for start, end in split_at_labels(match[0], names):
            yield match.start() + start, match.start() + end


def _read_narrated(text: str, start: int, end: int) -> Iterator[SpokenWords]:
    last = start
    for match in _NARRATED.finditer(text, start, end):
        if person := read_person(match["who"]):
            if match.start() > last:
                yield SpokenWords(last, match.start(), None)
            last = match.end()
            yield SpokenWords(*match.span(), person)
    if start < last < end:
        yield SpokenWords(last, end, None)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell with its column head in normal form, and where its text is in the passage."""

    head: str
    text: str
    start: int

    def spoken_by(self, person: Person) -> SpokenWords:
        label = find_label(self.text)
        start, end = (label.start, label.end) if label else (0, len(self.text))
        return SpokenWords(self.start + start, self.start + end, person)


def _read_row(passage: Passage) -> Iterator[SpokenWords]:
    cells = list(_row_cells(passage))
    names = [cell for cell in cells if _PERSON_HEAD.search(cell.head)]
    others = [cell for cell in cells if cell not in names]
    replies = [cell for cell in others if _REPLY_HEAD.search(cell.head)]
    questions = [cell for cell in others if cell not in replies and _QUESTION_HEAD.search(cell.head)]
    if not questions or not (replies or names):
        return
    asker = _read_name([cell for cell in names if not _ANSWERER_HEAD.search(cell.head)], SpeakerRole.MEMBER)
    answerer = _read_name([cell for cell in names if _ANSWERER_HEAD.search(cell.head)], SpeakerRole.OFFICE)
    for cell in questions:
        label = find_label(cell.text)
        yield cell.spoken_by(label.person if label and not asker.label else asker)
    for cell in replies:
        label = find_label(cell.text)
        in_head = read_person(re.sub(r"(?:から)?の?(?:回答|答弁|考え方|対応|説明|見解)$", "", cell.head))
        person = label.person if label else (answerer if answerer.label else in_head or answerer)
        yield cell.spoken_by(replace(person, role=SpeakerRole.OFFICE))


def _row_cells(passage: Passage) -> Iterator[_Cell]:
    position = 0
    for cell in passage.cells:
        start = passage.text.find(cell.value, position) if cell.value else -1
        if start >= 0:
            position = start + len(cell.value)
            yield _Cell(nfkc(cell.column), cell.value, start)


def _read_name(cells: Sequence[_Cell], role: SpeakerRole) -> Person:
    for cell in cells:
        text = nfkc(cell.text).strip()
        if person := read_person(text):
            return person
        title = next((title for title in ("委員", "議員") if title in cell.head), "")
        name = remove_spaces(text)
        if 0 < len(name) <= _MAX_NAME_LENGTH:
            return read_person(f"{name}{title}") or Person(text, role, name, name, office=title)
    return Person("", role)
