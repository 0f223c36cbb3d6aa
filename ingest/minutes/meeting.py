"""Puts the speeches of a document together to a meeting: persons, matters, exchanges and decisions."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.dates import dates
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.sentences import split_document_sentences
from ingest.minutes.attendance import read_attendance
from ingest.minutes.people import Person, Role
from ingest.minutes.speeches import PROCEDURE, Kind, Span, Speech, read_speeches

_WORDS = load_lexicon("minutes")
_OUTCOME = re.compile(any_of(_WORDS["outcome"]))
VOTE = re.compile(
    any_of(
        (
            *_WORDS["vote"],
            r"(?:賛成|反対|挙手|起立|可とする|否とする)[^。、\d]{0,6}\d+\s*(?:名|人|票)",
            r"\d+\s*(?:名|人|票)(?:の)?(?:賛成|反対)",
        )
    )
)
_TITLE = re.compile(
    r"(?:会議|議事|審議|発言)の?(?:録|要旨|概要|記録|結果|経過|摘録|要点)|質疑|議会だより|一般質問|記録簿"
    r"|[会談][^。]{0,12}記録$|主な意見|開催(?:結果|概要|報告)|懇談|総会"
)
# The chair opens a matter: 議案第5号、…についてを議題とします; 次に、(2)…に移ります.
_OPENS = re.compile(
    r"(?P<item>(?:議案|陳情|請願|報告|発議|意見書案?|諮問|同意|認定|承認|日程|議題|協議事項|案件)[^。]{0,80}?|[^。、]{2,60}?)"
    r"(?:(?:の件|について)?を(?:一括)?(?:議題と|上程)|(?:の件|について)?(?:の(?:審議|協議|審査|説明))?[にへ](?:入り|移り))"
)
_NUMBER = re.compile(
    r"(?:議案|陳情|請願|報告|発議|議題|議事|諮問|日程|協議事項|案件|承認|同意|認定)\s*(?:第|\()?\s*(?P<n>\d+)"
)
_MATTER_NUMBER = re.compile(r"第(\d+)号|(?:議題|議事|案件|協議事項|報告事項|議案)\s*[(第]?(\d+)|(?:^|(?<=\s))\((\d+)\)")
_PROCEDURE = re.compile(r"^(?:[^。]{0,6}(?:討論|採決|質疑|休憩|審議|審査|表決|議事|説明))$")
_DEBATE = re.compile(r"討論(?:に入|を(?:行|許|始))")
# A sentence that asks for a decision instead of stating it.
_PROPOSES = re.compile(r"か[。?？]?[)）]?$|お諮り|諮り|求めます|願います|よろしい|いかが|採決し(?:ます|たい)|採決に")
_OF_DECISIONS = re.compile(r"決定(?:事項|内容)|結果$|結論|まとめ$|審議結果|議決")
_AGREED_WITHIN = re.compile(r"か。?\s*[(〔「][^)〕」]*(?:異議なし|了承|賛成|はい)")
# A sentence ends in what was decided, it does not only mention it.
_IS_STATED = re.compile(
    rf"{any_of(_WORDS['outcome'])}[^。、]{{0,14}}(?:た|る|ます|です|した|された|とする|もの)?(?:[。)）]|$)"
)
# Characters between a vote and the decision after it.
_NEAR = 80
# Characters; a shorter proposal (よろしいですか。) is about the sentence before.
_SHORT_PROPOSAL = 14
_AGREED = re.compile(r"異議なし|異議(?:は)?な[いく]|賛成|全会一致|全員|多数|了承|はい")
# With fewer labelled speeches, a document that is not titled minutes is none.
_FEWEST = 3
# The date stands in the first passages.
_OPENING_PASSAGES = 6
# Characters; a longer speech is more than procedure.
_LONGEST_PROCEDURE = 120


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: the spans that say so, with the vote, the matter it is about and what was said on it before."""

    spans: tuple[Span, ...]
    item: str
    outcome: str
    vote: str = ""
    discussion: str = ""

    @property
    def text(self) -> str:
        """The words as written."""
        return " ".join(span.text.strip() for span in self.spans)


@dataclass(frozen=True)
class Meeting:
    """The minutes of a document as data.

    Attributes:
        document: the document.
        speeches: all speeches in order, with the words without a speaker.
        present: who was present by the minutes, named in the list of participants.
    """

    document: Document
    speeches: tuple[Speech, ...]
    present: tuple[Person, ...] = ()
    passages: tuple[Passage, ...] = ()

    @cached_property
    def persons(self) -> tuple[Person, ...]:
        """The speakers, each once."""
        return tuple(dict.fromkeys(speech.person for speech in self.speeches if speech.person))

    @cached_property
    def names_speakers(self) -> bool:
        """Whether any member is identified, so that it can be said who asked."""
        return any(person.is_named and person.role is not Role.OFFICE for person in self.persons)

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """What was decided, in order."""
        numbered = {number: s.item for s in self.speeches for number in _numbers(s.item)}
        found = _read_decisions(self.speeches)
        named = [replace(d, item=_with_numbered(d, numbered)) for d in found]
        return tuple(_with_discussions(named, self.speeches))

    def speeches_of(self, person: Person) -> list[Speech]:
        """Return the speeches of one speaker."""
        return [speech for speech in self.speeches if speech.person == person]


def read_meeting(document: Document, passages: Sequence[Passage]) -> Meeting | None:
    """Return the meeting whose minutes a document is; None for another document."""
    speeches = list(_with_exchanges(_without_repeated_headings(_merge(_all_speeches(passages)))))
    labelled = sum(bool(speech.person and speech.person.label) for speech in speeches)
    askers = any(s.person and s.person.role is Role.MEMBER and s.kind is Kind.QUESTION for s in speeches)
    is_titled = document.kind == "meeting" or bool(_TITLE.search(nfkc(document.title)))
    if not is_titled and not (labelled >= _FEWEST and askers):
        return None
    present = read_attendance(passages)
    identity = _Identities([s.person for s in speeches if s.person], present)
    named = [
        replace(s, person=identity(s.person), askers=tuple(map(identity, s.askers))) if s.person else s
        for s in speeches
    ]
    return Meeting(document, tuple(_with_items(named, nfkc(document.title))), present, tuple(passages))


def _all_speeches(passages: Sequence[Passage]) -> Iterator[list[Speech]]:
    """Yield the speeches of each passage; one that goes on in the next passage keeps its speaker."""
    last: Speech | None = None
    path: tuple[str, ...] = ()
    for passage in passages:
        speaker = last.person if last and passage.path == path and passage.kind == "text" else None
        speeches = read_speeches(passage, speaker)
        yield speeches
        last, path = (speeches[-1] if speeches else None), passage.path


def _merge(groups: Iterable[list[Speech]]) -> Iterator[Speech]:
    """Yield the speeches, those over several passages as one."""
    pending: Speech | None = None
    for speeches in groups:
        for n, speech in enumerate(speeches):
            first = speech.spans[0]
            goes_on = (
                n == 0 and pending and pending.person and speech.person == pending.person and not first.start
                and not speech.heading and not pending.heading and speech.item == pending.item
            )  # fmt: skip
            if goes_on and pending:
                pending = replace(pending, spans=(*pending.spans, *speech.spans))
                continue
            yield from [pending] if pending else []
            pending = speech
    yield from [pending] if pending else []


def _without_repeated_headings(speeches: Iterable[Speech]) -> Iterator[Speech]:
    """Yield the speeches without the questions in headings that their speaker's words above have, too."""
    known = dict[Person, str]()
    for speech in speeches:
        person, text = speech.person, nfkc(speech.text)
        if speech.heading and person and text in known.get(person, ""):
            continue
        if person:
            known[person] = known.get(person, "") + text
        yield speech


def _with_exchanges(speeches: Iterable[Speech]) -> Iterator[Speech]:
    """Yield the speeches with the questions that each reply of the office answers: those since the last reply.

    When another officer replies after the first, it is to the same questions.
    """
    asked, is_answered, item = list[Speech](), False, ""
    for speech in speeches:
        asked = asked if speech.item == item or speech.asked else []
        item, person = speech.item, speech.person
        if person and (person.role is Role.MEMBER or speech.kind is Kind.QUESTION):
            asked = [speech] if is_answered else [*asked, speech]
            is_answered = False
        elif person and person.role is Role.OFFICE:
            if PROCEDURE.search(nfkc(speech.text)) and len(speech.text) < _LONGEST_PROCEDURE:
                speech = replace(speech, kind=Kind.STATEMENT, asked="")
            elif asked or speech.asked:
                askers = tuple(dict.fromkeys(one.person for one in asked if one.person))
                words = "".join(one.text for one in asked) or speech.asked
                speech = replace(speech, kind=Kind.REPLY, asked=words, askers=askers)
                is_answered = True
        yield speech


class _Identities:
    """Finds the fullest description of each speaker, among the speakers and those present."""

    def __init__(self, speakers: Sequence[Person], present: Sequence[Person]) -> None:
        self._known = list(dict.fromkeys([*present, *speakers]))

    def __call__(self, person: Person) -> Person:
        same = [other for other in self._known if _is_same(person, other)]
        fullest = max(same, key=lambda other: (len(other.name), bool(other.seat)), default=person)
        if len({other.name for other in same if len(other.name) == len(fullest.name)}) > 1:
            return person
        family = next((o.family for o in same if o.family and o.family != fullest.name), "") or fullest.family
        return Person(
            person.label, person.role, fullest.name or person.name, family or person.family,
            person.seat or fullest.seat, person.office or fullest.office,
        )  # fmt: skip


def _is_same(one: Person, other: Person) -> bool:
    if one.seat and other.seat:
        return one.seat == other.seat and (not one.name or not other.name or _is_same_name(one, other))
    if one.name and other.name:
        return _is_same_name(one, other) and (one.office == other.office or one.role is other.role or not other.office)
    is_one = one.office.endswith("長") and one.office == other.office
    return is_one and bool(one.label)


def _is_same_name(one: Person, other: Person) -> bool:
    return one.name == other.name or one.name == other.family or other.name == one.family


def _with_items(speeches: Sequence[Speech], title: str) -> Iterator[Speech]:
    """Yield the speeches with their matter: the headings without the document's title, and what the chair opened last."""
    opened, debate = "", ""
    for speech in speeches:
        item = speech.item.replace(title, "").strip()
        yield replace(speech, item=" ".join(filter(None, (item, "" if opened in item else opened, debate))))
        if speech.person is None or speech.person.role is not Role.MEMBER:
            for sentence in split_document_sentences(nfkc(speech.text)):
                opened, debate = _opened_item(sentence) or opened, "" if _opened_item(sentence) else debate
                debate = "討論" if _DEBATE.search(sentence) else "" if "採決" in sentence else debate


def _opened_item(sentence: str) -> str:
    match = _OPENS.search(sentence)
    item = (
        re.sub(r"^(?:次に|続いて|続きまして|それでは|では|これより)、?", "", match["item"]).strip(" 、")
        if match
        else ""
    )
    return "" if _PROCEDURE.search(item) else item


def _read_decisions(speeches: Sequence[Speech]) -> Iterator[Decision]:
    """Yield what was decided, each matter's last statement of it with the vote before."""
    pending: Decision | None = None
    for decision in _decided_sentences(speeches):
        if pending and pending.item == decision.item and (not pending.outcome or pending.outcome == decision.outcome):
            spans = (*(span for span in pending.spans if _is_near(span, decision.spans[0])), *decision.spans)
            vote = decision.vote or pending.vote
            pending = replace(decision, spans=tuple(dict.fromkeys(spans)), vote=vote)
            continue
        yield from [pending] if pending else []
        pending = decision
    yield from [pending] if pending else []


def _with_discussions(decisions: Sequence[Decision], speeches: Sequence[Speech]) -> Iterator[Decision]:
    """Yield the decisions, each with the words since the one before, of the same heading."""
    waiting, discussion = list(decisions), list[Speech]()
    for speech in speeches:
        spans = {(span.passage.id, span.start, span.end) for span in speech.spans}
        while waiting and _is_in(waiting[0].spans[-1], spans):
            path = speech.spans[0].passage.path
            said = " ".join(one.text for one in discussion if one.spans[0].passage.path[:1] == path[:1])
            yield replace(waiting.pop(0), discussion=said)
            discussion = []
        discussion.append(speech)
    yield from waiting


def _is_in(span: Span, spans: Iterable[tuple[str, int, int]]) -> bool:
    return any(span.passage.id == i and start <= span.start and span.end <= end for i, start, end in spans)


def _numbers(text: str) -> list[str]:
    """Return the numbers of matters in a text: (1), 第7号, 議題1."""
    return [match[1] or match[2] or match[3] for match in _MATTER_NUMBER.finditer(text)]


def _with_numbered(decision: Decision, numbered: Mapping[str, str]) -> str:
    """Return the matter of a decision with those that its words name by number."""
    named = [numbered[number] for number in _numbers(nfkc(decision.text)) if number in numbered]
    return " ".join(dict.fromkeys((*named, decision.item))) if named else decision.item


def _is_near(one: Span, other: Span) -> bool:
    return one.passage is other.passage and 0 <= other.start - one.end < _NEAR


def _decided_sentences(speeches: Sequence[Speech]) -> Iterator[Decision]:
    """Yield each sentence that states an outcome, and each proposal that met with agreement."""
    votes, proposed, opened, item = list[Span](), None, "", ""
    for speech in speeches:
        if speech.person and speech.person.role is Role.MEMBER and speech.person.label:
            continue
        before: Span | None = None
        is_result = speech.person is None and any(_OF_DECISIONS.search(h) for h in speech.spans[0].passage.path[-1:])
        for span in sentence_spans(speech):
            text = nfkc(span.text).strip()
            is_remark = text.startswith(("(", "〔", "[", "【"))
            opened_here = _opened_item(text)
            opened = opened_here or opened if speech.item == item else opened_here
            item = speech.item
            matter = item if opened in item else f"{item} {opened}".strip()
            if opened_here:
                votes, proposed = [], None
            elif not is_remark and _AGREED_WITHIN.search(text):
                yield Decision((span,), matter, _outcome(text), _vote([], text))
            elif _PROPOSES.search(text) and not is_remark:
                whole = len(text) > _SHORT_PROPOSAL or before is None or not _is_near(before, span)
                proposed = span if whole or before is None else Span(span.passage, before.start, span.end)
            elif is_result and not is_remark and text.endswith("。"):
                yield Decision((span,), matter, _outcome(text) or "決定", _vote([], text))
            elif _OUTCOME.search(text) and not is_remark and _IS_STATED.search(text):
                near = [one for one in votes if _is_near(one, span)]
                yield Decision((*near, span), matter, _outcome(text), _vote(near, text))
                votes, proposed = [], None
            elif is_remark and proposed and _AGREED.search(text):
                yield Decision((proposed, span), matter, _outcome(proposed.text), text)
                votes, proposed = [span], None
            elif VOTE.search(text):
                votes.append(span)
            before = span


def _outcome(text: str) -> str:
    match = _OUTCOME.search(nfkc(text))
    return match[0] if match else ""


def _vote(spans: Sequence[Span], text: str) -> str:
    return "、".join(match[0] for one in (*(nfkc(span.text) for span in spans), text) for match in VOTE.finditer(one))


def sentence_spans(speech: Speech) -> list[Span]:
    """Return the sentences of a speech, each within its passage."""
    found = list[Span]()
    for span in speech.spans:
        text, position = span.passage.text, span.start
        for line in span.text.split("\n"):
            for sentence in filter(None, map(str.strip, split_document_sentences(line))):
                start = text.index(sentence, position)
                position = start + len(sentence)
                found.append(Span(span.passage, start, position))
    return found


def meeting_date(meeting: Meeting) -> tuple[Span, str] | None:
    """Return where the minutes state their date and the words that do, None where they do not."""
    for passage in meeting.passages[:_OPENING_PASSAGES]:
        heading = passage.path[-1] if passage.path else ""
        if heading != meeting.document.title and "次回" not in heading and _has_day(heading):
            return Span(passage, 0, 0), heading
        for line in re.finditer(r"[^\n]+", passage.text):
            if "次回" not in f"{line[0]}{heading}" and _has_day(line[0]):
                return Span(passage, *line.span()), line[0]
    return None


def _has_day(text: str) -> bool:
    return any(mention.first == mention.last for mention in dates(nfkc(text)))
