"""Reads the speeches of one passage of minutes: whose words stand where."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.sentences import split_document_sentences
from ingest.minutes.labels import find_label
from ingest.minutes.people import CHAIR_TITLE, MEMBER_TITLE, OFFICE_END, Person, Role, read_person

_WORDS = load_lexicon("minutes")
# 山田委員から、…との質問があり、事務局から、…と回答した。
_WHO = rf"[^\s、。「」()（）]{{0,9}}?(?:{CHAIR_TITLE}|{MEMBER_TITLE}|{OFFICE_END})[A-ZＡ-Ｚ]?(?:[（(][^（()）]{{1,12}}[)）])?"
_SAID = r"質問|質疑|意見|要望|指摘|提案|発言|回答|説明|報告|答弁|提言|懸念|述べ|答え|要請|依頼|訴え"
_NARRATED = re.compile(
    rf"(?:これに対し(?:て)?|一方(?:で)?|また|さらに|続いて|次に|なお)?、?(?P<who>{_WHO})(?:からは?|より|は)、?(?P<words>[^。\n]{{2,160}}?)(?:との|という|旨の?|(?<=[^、])と(?:の)?|について)"
    rf"(?P<said>{_SAID})[^。、\n]{{0,14}}(?:[。、]|$)"
)
_ASKS = re.compile(
    r"(?:か|ください|下さい|ほしい|欲しい|いただきたい|願い(?:し)?(?:たい|ます)?|(?:伺|尋ね|聞き|質問|要望)[^。]{0,10}(?:ます|たい))"
    r"(?:でしょうか|と思います)?(?:。|[？?])*\s*$|質問|伺い|お尋ね"
)
_REMARK = re.compile(
    r"[\s\u3000]*[(（〔［\[【][^()（）〔〕［］\[\]【】]*(?:「[^」]*」[^()（）〔〕［］【】]*)?[)）〕］\]】][\s\u3000]*$"
)
# Heads of the columns of a table of questions and replies.
_QUESTION_HEAD = re.compile(r"質問|意見|質疑|要望|問い?|提案|指摘|ご意見|発言(?:内容|要旨)?$|内容$")
_REPLY_HEAD = re.compile(r"回答|答弁|答え?$|対応|考え方|事務局|見解|説明")
_PERSON_HEAD = re.compile(r"発言者|質問者|提案者|氏名|委員名?$|議員名?$|回答者|答弁者|所属")
_QUESTION_HEADING = re.compile(r"(?:問|質問|質疑|Q|Ｑ)\s*[\d０-９]{0,2}[\s\u3000.．:：]+\S|.*(?:[かい]。?|[？?])$")
_ATTENDANCE = re.compile(r"出席|欠席|参加者|委員名簿|構成員|(?<!議事)日程$|配[布付]資料")
_OF_OPINIONS = re.compile(r"意見|質疑|質問|要望|提案")
_ITEM_LINE = re.compile(r"[\s\u3000]*[・\-*]\s*\S")
# What a chair says about the procedure, also one who holds an office (教育長).
PROCEDURE = re.compile(
    r"異議(?:は|が)?(?:なし|ありませんか|ございませんか)|お諮り|採決|議題と|(?:可決|決定|承認|否決)(?:さ|し|す)|休憩|[開閉散]会|よろしいか|よろしいです|いかがで|お願いし|意見は|発言を許|質疑(?:は|を|が)|ありませんか。?$"
)
# A field of the meeting in a list: ・日時：….
_FACT_LINE = re.compile(r"[\s\u3000]*[・\-*]\s*[^\s:：。、]{1,8}(?:[:：]|\s+[令平\d])")
_NUMBERED = re.compile(r"^[^\w【〔（(]*")


class Kind(StrEnum):
    """What a speech does."""

    QUESTION = "question"
    REPLY = "reply"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a passage's text: `passage.text[start:end]`."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words as written."""
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of one speaker without interruption.

    Attributes:
        person: who speaks; None for words without a speaker, such as remarks on a vote.
        kind: whether it asks, replies or states.
        spans: where its words are, in one or several passages.
        item: the matter of the agenda, as headings and the chair name it.
        asked: the words of the question that it replies to, "" for none.
        askers: whose words those are.
        heading: its words, where only a heading has them, otherwise "".
    """

    person: Person | None
    kind: Kind
    spans: tuple[Span, ...]
    item: str = ""
    asked: str = ""
    askers: tuple[Person, ...] = ()
    heading: str = ""

    @property
    def text(self) -> str:
        """All its words."""
        return self.heading or "".join(span.text for span in self.spans)


def read_speeches(passage: Passage, speaker: Person | None = None) -> list[Speech]:
    """Return the speeches of a passage; words before the first label are those of the heading's or given `speaker`."""
    if any(_ATTENDANCE.search(nfkc(heading)) for heading in passage.path[-1:]):
        return []
    if passage.kind == "row":
        return list(_read_row(passage))
    place = read_path(passage.path)
    speeches = [*place.asked_in_heading(passage), *_read_lines(passage, place.speaker or speaker, place)]
    return [replace(speech, item=speech.item or place.item) for speech in speeches]


@dataclass(frozen=True, slots=True)
class Place:
    """What the headings of a passage say: the matter, who speaks, and the question of `asker` that is replied to."""

    item: str = ""
    speaker: Person | None = None
    asker: Person | None = None
    question: str = ""

    def asked_in_heading(self, passage: Passage) -> Iterator[Speech]:
        """Yield the question that only the headings have."""
        if self.question and self.asker and self.question not in passage.text:
            spans = (Span(passage, 0, 0),)
            yield Speech(self.asker, Kind.QUESTION, spans, self.item, heading=self.question)


def read_path(path: Sequence[str]) -> Place:
    """Return the speakers and the matter in a path of headings."""
    items, speaker, asker, question = list[str](), None, None, ""
    for heading in path:
        text = nfkc(heading).strip()
        bare = _NUMBERED.sub("", text)
        person = read_person(bare) if len(bare) <= 24 and not re.match(r"\d(?!\d?番)|\(", bare) else None
        label = find_label(text)
        if person:
            speaker, asker = person, (person if person.role is Role.MEMBER else asker)
        elif label and label.only_line:  # 防災倉庫の整備(佐藤 花子 議員)
            asker, speaker, question = label.person, None, ""
            items.append(text[label.start : label.end].strip())
        elif _QUESTION_HEADING.match(text) and (asker or re.match("[問質QＱ]", text)):
            question = re.sub(r"^(?:問|質問|質疑|[QＱ])\s*\d{0,2}[\s.:]+", "", text)
            asker = asker or Person("", Role.MEMBER)
            speaker = None
        else:
            items.append(text)
    return Place(" ".join(items[-2:]), speaker or (None if question else asker), asker, question)


def _read_lines(passage: Passage, speaker: Person | None, place: Place) -> Iterator[Speech]:
    """Yield the speeches of the lines; a line without a label continues the speech before."""
    text, position = passage.text, 0
    has_questions = bool(re.search(r"(?m)^\s*・?[QＱ]", text)) or any(re.match("[QＱ]", h) for h in passage.path)
    pending: Speech | None = None
    asked = place.question
    is_opinions = any(_OF_OPINIONS.search(heading) for heading in passage.path) or _OF_OPINIONS.search(text[:12])
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\n")
        label = find_label(bare, has_questions=has_questions)
        start, end = position, position + len(bare)
        position += len(line)
        if not bare.strip():
            continue
        if label is None and _REMARK.match(bare):
            yield from [pending] if pending else []
            yield Speech(None, Kind.STATEMENT, (Span(passage, start, end),))
            speaker, pending = (pending.person if pending else speaker), None
            continue
        if label is None and pending is None and speaker is None:
            narrated = list(_narrated(passage, start, end))
            yield from narrated
            if not narrated and is_opinions and _ITEM_LINE.match(bare) and not _FACT_LINE.match(bare):
                narrated = [_unnamed(passage, start, end)]
                asked = narrated[0].text
                yield from narrated
            elif not narrated:
                yield Speech(None, Kind.STATEMENT, (Span(passage, start, end),))
            continue
        if label is None:
            pending = (
                _extend(pending, Span(passage, start, end))
                if pending
                else _begin(speaker, Span(passage, start, end), asked)
            )
            continue
        yield from [pending] if pending else []
        if pending and (pending.kind is Kind.QUESTION or (pending.person and pending.person.role is Role.MEMBER)):
            asked = pending.text
        pending = _begin(label.person, Span(passage, start + label.start, start + label.end), asked)
        speaker = label.person
        if label.only_line or not label.person.label:
            yield pending
            asked = pending.text if pending.kind is not Kind.REPLY else asked
            pending, speaker = None, None
    yield from [pending] if pending else []


def _begin(person: Person | None, span: Span, asked: str) -> Speech:
    kind = _kind(person, span.text, asked)
    return Speech(person, kind, (span,), asked=asked if kind is Kind.REPLY else "")


def _extend(speech: Speech, span: Span) -> Speech:
    last = speech.spans[-1]
    if not last.text.strip():  # a label on a line of its own
        return replace(speech, spans=(*speech.spans[:-1], span), kind=_kind(speech.person, span.text, speech.asked))
    spans = (*speech.spans[:-1], replace(last, end=span.end)) if last.passage is span.passage else (*speech.spans, span)
    kind = (
        Kind.QUESTION
        if speech.kind is Kind.STATEMENT and _kind(speech.person, span.text, "") is Kind.QUESTION
        else speech.kind
    )
    return replace(speech, spans=spans, kind=kind)


def _kind(person: Person | None, text: str, asked: str) -> Kind:
    if person is None:
        return Kind.STATEMENT
    asks = any(_ASKS.search(sentence.strip()) for sentence in split_document_sentences(text))
    if person.role is Role.OFFICE:
        return Kind.REPLY if asked or not person.label or person.label[:1] in "答回A" else Kind.STATEMENT
    is_procedure = person.role is Role.CHAIR and PROCEDURE.search(nfkc(text))
    return Kind.QUESTION if asks and not is_procedure else Kind.STATEMENT


def _unnamed(passage: Passage, start: int, end: int) -> Speech:
    """Return an opinion of a list whose speaker is not named."""
    span = Span(
        passage, start + len(passage.text[start:end]) - len(passage.text[start:end].lstrip(" \t\u3000・-*")), end
    )
    return Speech(Person("", Role.MEMBER), _kind(Person("", Role.MEMBER), span.text, ""), (span,))


def _narrated(passage: Passage, start: int, end: int) -> Iterator[Speech]:
    """Yield what a sentence reports of several speakers, and the text around it without a speaker."""
    asked, last = "", start
    for match in _NARRATED.finditer(passage.text, start, end):
        person = read_person(match["who"])
        if person is None:
            continue
        said = match["said"]
        span = Span(passage, *match.span())
        if match.start() > last:
            yield Speech(None, Kind.STATEMENT, (Span(passage, last, match.start()),))
        last = match.end()
        if person.role is Role.OFFICE:
            yield Speech(person, Kind.REPLY if asked else Kind.STATEMENT, (span,), asked=asked)
        else:
            asked = span.text
            yield Speech(person, Kind.QUESTION if said in ("質問", "質疑") else Kind.STATEMENT, (span,))
    if start < last < end:
        yield Speech(None, Kind.STATEMENT, (Span(passage, last, end),))


def _read_row(passage: Passage) -> Iterator[Speech]:
    """Yield question and reply of a table row; a column of names says who speaks."""
    cells, position = [], 0
    for cell in passage.cells:
        at = passage.text.find(cell.value, position) if cell.value else -1
        if at >= 0:
            cells.append((nfkc(cell.column), at, at + len(cell.value)))
            position = at + len(cell.value)
    replies = [one for one in cells if _REPLY_HEAD.search(one[0]) and not _PERSON_HEAD.search(one[0])]
    questions = [
        one for one in cells if _QUESTION_HEAD.search(one[0]) and one not in replies and not _PERSON_HEAD.search(one[0])
    ]
    if not questions:
        return
    names = [one for one in cells if _PERSON_HEAD.search(one[0])]
    if not replies and not names:
        return
    other = [
        text for head, start, end in cells if (text := passage.text[start:end]) and re.search("議題|項目|件名", head)
    ]
    item = " ".join((*(nfkc(one) for one in passage.path[-1:]), *map(nfkc, other)))
    asker = _named_in(passage, [one for one in names if not re.search("回答|答弁", one[0])], Role.MEMBER)
    answering = _named_in(passage, [one for one in names if re.search("回答|答弁", one[0])], Role.OFFICE)
    asked = ""
    for head, start, end in questions:
        label = find_label(passage.text[start:end])
        person = label.person if label and not asker.label else asker
        span = Span(passage, start + label.start, start + label.end) if label else Span(passage, start, end)
        asked = span.text
        yield Speech(person, _kind(person, asked, ""), (span,), item)
    for head, start, end in replies:
        label = find_label(passage.text[start:end])
        head_person = read_person(re.sub(r"(?:から)?の?(?:回答|答弁|考え方|対応|説明|見解)$", "", head))
        person = label.person if label else answering if answering.label else head_person or answering
        span = Span(passage, start + label.start, start + label.end) if label else Span(passage, start, end)
        yield Speech(replace(person, role=Role.OFFICE), Kind.REPLY, (span,), item, asked)


def _named_in(passage: Passage, cells: Sequence[tuple[str, int, int]], role: Role) -> Person:
    for head, start, end in cells:
        text = nfkc(passage.text[start:end]).strip()
        if person := read_person(text):
            return person
        title = "委員" if "委員" in head else "議員" if "議員" in head else ""
        name = re.sub(r"\s", "", text)
        if name and len(name) <= 9:
            return read_person(f"{name}{title}") or Person(text, role, name, name, office=title)
    return Person("", role)
