"""Reads the speeches of one passage of minutes: whose words are where."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.documents import Passage
from ingest.japanese.normal_forms import nfkc, remove_spaces
from ingest.minutes.labels import Label, find_label, split_at_labels
from ingest.minutes.model import Kind, PassageSpan, Speech, speech_kind
from ingest.minutes.people import CHAIR_TITLE, MEMBER_TITLE, OFFICE_END, Person, SpeakerRole, read_person

# 山田委員から、…との質問があり、事務局から、…と回答した。
_SPEAKER = (
    rf"[^\s、。「」()（）]{{0,9}}?(?:{CHAIR_TITLE}|{MEMBER_TITLE}|{OFFICE_END})[A-ZＡ-Ｚ]?"
    r"(?:[（(][^（()）]{1,12}[)）])?"
)
_UTTERANCE = r"質問|質疑|意見|要望|指摘|提案|発言|回答|説明|報告|答弁|提言|懸念|述べ|答え|要請|依頼|訴え"
_NARRATED = re.compile(
    rf"(?:これに対し(?:て)?|一方(?:で)?|また|さらに|続いて|次に|なお)?、?(?P<who>{_SPEAKER})(?:からは?|より|は)、?"
    r"[^。\n]{2,160}?(?:との|という|旨の?|(?<=[^、])と(?:の)?|について)"
    rf"(?P<utterance>{_UTTERANCE})[^。、\n]{{0,14}}(?:[。、]|$)"
)
_REMARK = re.compile(
    r"[\s\u3000]*[(（〔［\[【][^()（）〔〕［］\[\]【】]*(?:「[^」]*」[^()（）〔〕［］【】]*)?[)）〕］\]】][\s\u3000]*$"
)
_QUESTION_HEADING = re.compile(r"(?:問|質問|質疑|Q|Ｑ)\s*[\d０-９]{0,2}[\s\u3000.．:：]+\S|.*(?:[かい]。?|[？?])$")
_QUESTION_MARK = re.compile(r"(?:問|質問|質疑|[QＱ])\s*\d{0,2}[\s.:]+")
_ATTENDANCE = re.compile(r"出席|欠席|参加者|委員名簿|構成員|(?<!議事)日程$|配[布付]資料")
_HEADING_OF_OPINIONS = re.compile(r"意見|質疑|質問|要望|提案")
_ITEM_LINE = re.compile(r"[\s\u3000]*[・\-*]\s*\S")
# A field of the meeting in a list: ・日時：….
_FACT_LINE = re.compile(r"[\s\u3000]*[・\-*]\s*[^\s:：。、]{1,8}(?:[:：]|\s+[令平\d])")
_HEADING_MARKS = re.compile(r"^[^\w【〔（(]*")
_ITEM_MARKS = " \t\u3000・-*"
# Characters of a heading that names a speaker.
_MAX_SPEAKER_LENGTH = 24
# Characters at the beginning of a passage that may announce opinions.
_BEGINNING_LENGTH = 12
# Heads of the columns.
_QUESTION_HEAD = re.compile(r"質問|意見|質疑|要望|問い?|提案|指摘|発言(?:内容|要旨)?$|内容$")
_REPLY_HEAD = re.compile(r"回答|答弁|答え?$|対応|考え方|事務局|見解|説明")
_PERSON_HEAD = re.compile(r"発言者|質問者|提案者|氏名|委員名?$|議員名?$|回答者|答弁者|所属")
_ANSWERER_HEAD = re.compile(r"回答|答弁")
_MATTER_HEAD = re.compile(r"議題|項目|件名")
# Characters of a name; a longer cell is none.
_MAX_NAME_LENGTH = 9


@dataclass(frozen=True, slots=True)
class PassageHeadings:
    """What the headings of a passage say.

    Attributes:
        item: the matter.
        speaker: who speaks below them.
        asker: whose question is replied to.
        question: that question if a heading has it, else "".
    """

    item: str = ""
    speaker: Person | None = None
    asker: Person | None = None
    question: str = ""


def read_speeches(passage: Passage, speaker: Person | None = None, names: Container[str] = ()) -> list[Speech]:
    """Return the speeches of a passage; words before the first label are by the heading's or the given `speaker`.

    `names` are those of the members present.
    """
    if any(_ATTENDANCE.search(nfkc(heading)) for heading in passage.path[-1:]):
        return []
    if passage.kind == "row":
        return list(_read_row(passage))
    headings = read_path(passage.path)
    speeches = list(_LineReader(passage, headings, headings.speaker or speaker, names).read())
    if headings.question and headings.asker and headings.question not in passage.text:
        question = Speech(headings.asker, Kind.QUESTION, (PassageSpan(passage, 0, 0),), heading=headings.question)
        speeches.insert(0, question)
    return [replace(speech, item=headings.item) for speech in speeches]


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


class _LineReader:
    """Reads the lines of a passage; `speaker` speaks before the first label."""

    def __init__(
        self, passage: Passage, headings: PassageHeadings, speaker: Person | None, names: Container[str]
    ) -> None:
        self._names = names
        self._passage = passage
        self._speaker = speaker
        self._asked = headings.question
        text = passage.text
        has_question_headings = any(re.match("[QＱ]", heading) for heading in passage.path)
        self._has_questions = has_question_headings or bool(re.search(r"(?m)^\s*・?[QＱ]", text))
        self._lists_opinions = any(map(_HEADING_OF_OPINIONS.search, (*passage.path, text[:_BEGINNING_LENGTH])))
        self._pending: Speech | None = None

    def read(self) -> Iterator[Speech]:
        for match in re.finditer(r"[^\n]*\S[^\n]*", self._passage.text):
            for start, end in split_at_labels(match[0], self._names):
                yield from self._read_line(PassageSpan(self._passage, match.start() + start, match.start() + end))
        yield from self._close()

    def _read_line(self, span: PassageSpan) -> Iterator[Speech]:
        if label := find_label(span.text, has_questions=self._has_questions, names=self._names):
            yield from self._open(label, span)
        elif _REMARK.match(span.text):
            self._speaker = self._pending.person if self._pending else self._speaker
            yield from self._close()
            yield Speech(None, Kind.STATEMENT, (span,))
        elif self._pending:
            last = self._pending.spans[-1]
            extended = replace(last, end=span.end) if last.text.strip() else span
            kind = speech_kind(self._pending.person, extended.text, self._pending.asked)
            self._pending = replace(self._pending, spans=(extended,), kind=kind)
        elif self._speaker:
            self._pending = _begin(self._speaker, span, self._asked)
        else:
            yield from self._read_unlabelled(span)

    def _open(self, label: Label, span: PassageSpan) -> Iterator[Speech]:
        yield from self._close()
        words = PassageSpan(self._passage, span.start + label.start, span.start + label.end)
        self._pending = _begin(label.person, words, self._asked)
        self._speaker = label.person
        if label.only_line or not label.person.label:
            yield from self._close()
            self._speaker = None

    def _close(self) -> Iterator[Speech]:
        if speech := self._pending:
            is_of_member = speech.person is not None and speech.person.role is SpeakerRole.MEMBER
            if speech.kind is Kind.QUESTION or is_of_member:
                self._asked = speech.text
            self._pending = None
            yield speech

    def _read_unlabelled(self, span: PassageSpan) -> Iterator[Speech]:
        if narrated := list(_read_narrated(span)):
            yield from narrated
        elif self._lists_opinions and _ITEM_LINE.match(span.text) and not _FACT_LINE.match(span.text):
            words = replace(span, start=span.end - len(span.text.lstrip(_ITEM_MARKS)))
            person = Person("", SpeakerRole.MEMBER)
            self._asked = words.text
            yield Speech(person, speech_kind(person, words.text, ""), (words,))
        else:
            yield Speech(None, Kind.STATEMENT, (span,))


def _begin(person: Person, span: PassageSpan, asked: str) -> Speech:
    kind = speech_kind(person, span.text, asked)
    return Speech(person, kind, (span,), asked=asked if kind is Kind.REPLY else "")


def _read_narrated(line: PassageSpan) -> Iterator[Speech]:
    passage = line.passage
    asked = ""
    asker: Person | None = None
    last = line.start
    for match in _NARRATED.finditer(passage.text, line.start, line.end):
        person = read_person(match["who"])
        if person is None:
            continue
        span = PassageSpan(passage, *match.span())
        if match.start() > last:
            yield Speech(None, Kind.STATEMENT, (PassageSpan(passage, last, match.start()),))
        last = match.end()
        if person.role is SpeakerRole.OFFICE:
            kind = Kind.REPLY if asked else Kind.STATEMENT
            yield Speech(person, kind, (span,), asked=asked, askers=(asker,) if asker else ())
        else:
            asked = span.text
            asker = person
            yield Speech(person, Kind.QUESTION if match["utterance"] in {"質問", "質疑"} else Kind.STATEMENT, (span,))
    if line.start < last < line.end:
        yield Speech(None, Kind.STATEMENT, (PassageSpan(passage, last, line.end),))


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell with its column head in normal form, and where its text is in the passage."""

    head: str
    span: PassageSpan

    @property
    def text(self) -> str:
        return nfkc(self.span.text).strip()


def _read_row(passage: Passage) -> Iterator[Speech]:
    cells = list(_row_cells(passage))
    names = [cell for cell in cells if _PERSON_HEAD.search(cell.head)]
    replies = [cell for cell in cells if cell not in names and _REPLY_HEAD.search(cell.head)]
    questions = [
        cell for cell in cells if cell not in names and cell not in replies and _QUESTION_HEAD.search(cell.head)
    ]
    if not questions or not (replies or names):
        return
    matters = (cell.text for cell in cells if _MATTER_HEAD.search(cell.head))
    item = " ".join((*map(nfkc, passage.path[-1:]), *matters))
    asked = ""
    asker = _read_name([cell for cell in names if not _ANSWERER_HEAD.search(cell.head)], SpeakerRole.MEMBER)
    answerer = _read_name([cell for cell in names if _ANSWERER_HEAD.search(cell.head)], SpeakerRole.OFFICE)
    for cell in questions:
        labelled, span = _without_label(cell.span)
        person = asker if asker.label or labelled is None else labelled
        asked = span.text
        yield Speech(person, speech_kind(person, asked, ""), (span,), item)
    for cell in replies:
        labelled, span = _without_label(cell.span)
        in_head = read_person(re.sub(r"(?:から)?の?(?:回答|答弁|考え方|対応|説明|見解)$", "", cell.head))
        person = labelled or (answerer if answerer.label else in_head or answerer)
        yield Speech(replace(person, role=SpeakerRole.OFFICE), Kind.REPLY, (span,), item, asked, (asker,))


def _row_cells(passage: Passage) -> Iterator[_Cell]:
    position = 0
    for cell in passage.cells:
        start = passage.text.find(cell.value, position) if cell.value else -1
        if start >= 0:
            position = start + len(cell.value)
            yield _Cell(nfkc(cell.column), PassageSpan(passage, start, position))


def _without_label(span: PassageSpan) -> tuple[Person | None, PassageSpan]:
    label = find_label(span.text)
    if label is None:
        return None, span
    return label.person, PassageSpan(span.passage, span.start + label.start, span.start + label.end)


def _read_name(cells: Sequence[_Cell], role: SpeakerRole) -> Person:
    for cell in cells:
        if person := read_person(cell.text):
            return person
        title = next((title for title in ("委員", "議員") if title in cell.head), "")
        name = remove_spaces(cell.text)
        if 0 < len(name) <= _MAX_NAME_LENGTH:
            return read_person(f"{name}{title}") or Person(cell.text, role, name, name, office=title)
    return Person("", role)
