"""Answers from a provision that amendments change: its text on the day asked, since when, and what is to come."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.provisions.references import quote_source
from bot.relevance.catalogue import DocumentCatalogue
from bot.state import (
    Draft,
    Excerpt,
    Part,
    ReadTurn,
    ServiceMessage,
    Source,
    Statement,
    Status,
    paragraph,
    service_message,
)
from bot.state.length_budget import TARGET_EXCERPT_LENGTH
from bot.state.query import Query
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.sentences import split_document_sentences
from ingest.japanese.tokenise import words
from ingest.provisions.addresses import format_step
from ingest.provisions.compilation import Consolidations
from ingest.provisions.consolidation import Consolidation, OperationResult, Version
from ingest.provisions.document_lines import Quote
from ingest.provisions.operations import Action
from ingest.provisions.provisions import Provision

# Quotes of amending texts that are shown.
_MAX_QUOTES = 3
# Characters; a longer provision is answered by its best paragraph, row or sentence.
_MAX_PROVISION = 300


@dataclass(frozen=True, slots=True)
class ProvisionState:
    """A top-level provision on a day: its version, those before and the next one, and operations that are missing.

    The next one only if its amendment had been promulgated by the day; missing are those that may be in effect.
    """

    current: Version
    earlier: tuple[Version, ...]
    upcoming: Version | None
    missing: tuple[OperationResult, ...]

    @property
    def provision(self) -> Provision:
        """The provision on the day, else as it last was, else as it will be."""
        versions = [self.current, *reversed(self.earlier), *([self.upcoming] if self.upcoming else [])]
        return next(version.provision for version in versions if version.provision is not None)


def state_on(consolidation: Consolidation, key: int, day: date) -> ProvisionState | None:
    """Return the state of a top-level provision on a day; None for an unknown key.

    Amendments that had not been promulgated by the day are left out.
    """

    def is_promulgated(result: OperationResult) -> bool:
        promulgated = consolidation.dates[result.doc_id].promulgated
        return promulgated is None or promulgated <= day

    versions = consolidation.versions.get(key, ())
    position = next((n for n, version in enumerate(versions) if version.is_on(day)), None)
    if position is None:
        return None
    upcoming = versions[position + 1] if position + 1 < len(versions) else None
    if upcoming and not all(map(is_promulgated, consolidation.results_of(upcoming))):
        upcoming = None
    missing = filter(is_promulgated, consolidation.missing(key, day))
    return ProvisionState(versions[position], versions[:position], upcoming, tuple(missing))


class ConsolidationAnswerer:
    """States the provision in force on the day asked, if the best passage is of a provision that is amended."""

    def __init__(
        self, consolidations: Consolidations, catalogue: DocumentCatalogue, find_passage: Callable[[str], Passage]
    ) -> None:
        self._consolidations = consolidations
        self._catalogue = catalogue
        self._find_passage = find_passage

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the provision with its last and next change; None if the best passage is of no amended provision."""
        query, reading = turn.query, turn.reading
        if not reading.passages or query.scope.absent_towns or reading.status is Status.NO_ANSWER:
            return None
        best = reading.passages[0]
        bases = self._consolidations.bases_of(best.hit.passage.doc_id)
        for consolidation in filter(None, map(self._consolidations.find, bases)):
            writer = _ProvisionWriter(consolidation, self._catalogue, self._find_passage)
            if draft := writer.answer(best.hit.passage, query, turn.effective_day):
                if reading.status is Status.ANSWERED:
                    return draft
                parts = (draft.parts[0], paragraph(service_message("unsure")), *draft.parts[1:])
                return replace(draft, parts=parts, status=Status.PARTIAL)
        return None


@dataclass(slots=True)
class _ProvisionWriter:
    consolidation: Consolidation
    catalogue: DocumentCatalogue
    find_passage: Callable[[str], Passage]
    sources: list[Source] = field(default_factory=list)

    def answer(self, passage: Passage, query: Query, day: date) -> Draft | None:
        repeal = self.consolidation.find_repeal(day)
        if repeal and passage.doc_id == self.consolidation.doc_id:
            return self._ended("repealed", repeal, [Quote(passage.id, 0, len(passage.text))])
        keys = [key for key in self.consolidation.changed_keys if _has_passage(self.consolidation, key, passage)]
        on_day = filter(None, (state_on(self.consolidation, key, day) for key in keys))
        states = [state for state in on_day if state.earlier or state.upcoming or state.missing]
        state = max(states, key=lambda candidate: _score(candidate.provision.content, query), default=None)
        if state is None or not _score(state.provision.content, query):
            return None
        if state.current.provision is not None or state.missing:
            return self._stated(state, query)
        result = next(iter(self.consolidation.results_of(state.current)), None)
        if result is None or result.action is Action.REPLACE_ALL:  # its successor is a passage of its own
            return None
        return self._ended("provision_removed", result, self._quotes_of(state.provision), state)

    def _stated(self, state: ProvisionState, query: Query) -> Draft:
        provision = state.provision
        text = _answering_text(provision, query)
        results = self.consolidation.results_of(state.current) if state.earlier else []
        pending = self.consolidation.results_of(state.upcoming) if state.upcoming else []
        amended = self.consolidation.results_of(*state.earlier[1:], state.current)
        numbers = self._cite([*self._quotes_of(provision), *_quotes(amended)])
        end = "。" if text.endswith("。") else ""
        statement = Statement(text.removesuffix("。"), numbers, end, derived="consolidation")
        parts: list[Part] = [paragraph(statement), self._describe_change(state, results, numbers)]
        if pending and state.upcoming and state.upcoming.first:
            is_repeal = pending[-1].action is Action.REPEAL
            key = "amendment_pending" if state.upcoming.provision else "amendment_removes"
            announced = self._message("repeal_pending" if is_repeal else key, pending[-1], state.upcoming.first)
            parts.append(paragraph(announced, Statement("", self._cite(_quotes(pending)))))
        shown = [*results, *pending, *state.missing]
        parts += [*self._excerpts(shown), *self._transitional_provisions(provision, shown)]
        status = Status.PARTIAL if state.missing else Status.ANSWERED
        return Draft(tuple(parts), tuple(self.sources), status, f"{self._title_of()} {format_step(provision.step)}")

    def _describe_change(
        self, state: ProvisionState, results: Sequence[OperationResult], stated: Sequence[int]
    ) -> Part:
        messages = [service_message("amended_place", title=self._title_of(), place=format_step(state.provision.step))]
        if results and state.current.first:
            messages.append(self._message("amended_since", results[-1], state.current.first))
        former = state.earlier[-1].provision if state.earlier else None
        new_sources = [number for number in self._cite(_merge_quotes(former)) if number not in stated] if former else []
        declined = dict.fromkeys(
            service_message("amendment_declined", title=self._title_of(result.doc_id), reason=result.reason)
            for result in state.missing
        )
        return paragraph(*messages, *([Statement("", tuple(new_sources))] if new_sources else []), *declined)

    def _message(self, key: str, result: OperationResult, day: date) -> ServiceMessage:
        amending = self._title_of(result.doc_id)
        if key == "repeal_pending":
            return service_message(key, title=self._title_of(), date=day.isoformat(), amending=amending)
        return service_message(key, date=day.isoformat(), title=amending)

    def _ended(
        self, key: str, result: OperationResult, former: Sequence[Quote], state: ProvisionState | None = None
    ) -> Draft | None:
        """Return the answer that the document, or the provision of a state, has gone by a result."""
        day = state.current.first if state else result.effect.day
        if day is None:
            return None
        place = {"place": format_step(state.provision.step)} if state else {}
        amending = self._title_of(result.doc_id)
        ended = service_message(key, title=self._title_of(), date=day.isoformat(), amending=amending, **place)
        numbers = self._cite([*result.quotes, *former])
        parts: list[Part] = [paragraph(ended, Statement("", numbers)), *self._excerpts([result])]
        parts += [] if state else [self._excerpt(numbers[-1])]
        return Draft(tuple(parts), tuple(self.sources), Status.ANSWERED, self._title_of())

    def _title_of(self, doc_id: str = "") -> str:
        return self.catalogue.documents[doc_id or self.consolidation.doc_id].title

    def _cite(self, quotes: Iterable[Quote]) -> tuple[int, ...]:
        """Return the numbers of the quotes as sources, which are added if they are new."""
        numbers = list[int]()
        for quote in quotes:
            passage = self.find_passage(quote.passage_id)
            text = passage.text[quote.start : quote.end].strip()[:TARGET_EXCERPT_LENGTH]
            source = Source(passage, text, is_amended=passage.doc_id == self.consolidation.doc_id)
            if text and source not in self.sources:
                self.sources.append(source)
            numbers += [self.sources.index(source) + 1] if text else []
        return tuple(dict.fromkeys(numbers))

    def _quotes_of(self, provision: Provision) -> list[Quote]:
        passages = list(self.catalogue.find_passages(self.consolidation.doc_id))
        return _merge_quotes(provision) or [Quote(passage.id, 0, len(passage.text)) for passage in passages[:1]]

    def _excerpts(self, results: Sequence[OperationResult]) -> Iterator[Excerpt]:
        quotes = dict.fromkeys(_quotes(reversed(results)))
        yield from map(self._excerpt, self._cite(list(quotes)[:_MAX_QUOTES]))

    def _excerpt(self, number: int) -> Excerpt:
        source = self.sources[number - 1]
        # The headings around an amending text are those of new provisions above it.
        path = source.passage.path if source.is_amended else ()
        return quote_source(number, source, self.catalogue.documents[source.passage.doc_id], path)

    def _transitional_provisions(self, provision: Provision, results: Sequence[OperationResult]) -> Iterator[Part]:
        for doc_id in list(dict.fromkeys(result.doc_id for result in results))[-1:]:
            lines = self.consolidation.dates[doc_id].transitional
            numbers = self._cite(
                Quote(line.passage_id, line.start, line.end)
                for line in lines
                if "条" not in line.normal or format_step(provision.step) in line.normal
            )
            if numbers:
                yield paragraph(service_message("transitional"))
                yield from map(self._excerpt, numbers)


def _has_passage(consolidation: Consolidation, key: int, passage: Passage) -> bool:
    provisions = (version.provision for version in consolidation.versions[key] if version.provision)
    quotes = [quote for provision in provisions for part in provision.walk() for quote in part.quotes]
    quotes += _quotes(result for result in consolidation.results if key in result.keys)
    return any(quote.passage_id == passage.id for quote in quotes)


def _quotes(results: Iterable[OperationResult]) -> list[Quote]:
    return [quote for result in results for quote in result.quotes]


def _merge_quotes(provision: Provision) -> list[Quote]:
    merged: dict[str, Quote] = {}
    for quote in (quote for part in provision.walk() for quote in part.quotes):
        known = merged.get(quote.passage_id, quote)
        merged[quote.passage_id] = Quote(quote.passage_id, min(known.start, quote.start), max(known.end, quote.end))
    return list(merged.values())


def _score(text: str, query: Query) -> float:
    present = {*words(nfkc(text))}
    return sum(term.weight for term in query.terms if term.text in present)


def _answering_text(provision: Provision, query: Query) -> str:
    if len(provision.content) <= _MAX_PROVISION:
        return provision.content.replace("\t", "　")
    parts = provision.children or (provision,)
    part = max(parts, key=lambda part: _score(part.content, query))
    head = parts[0].content if "\t" in part.content and part is not parts[0] else ""
    text = f"{head}\n{part.content}".strip().replace("\t", "　")
    if len(text) <= _MAX_PROVISION:
        return text
    return max(split_document_sentences(text) or [text], key=lambda sentence: _score(sentence, query)).strip()
