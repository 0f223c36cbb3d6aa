"""Answers from a provision that amendments change: its text on the day asked, since when, and what is to come."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.relevance.catalogue import DocumentCatalogue
from bot.rendering.source_line import build_source_line
from bot.state import (
    Draft,
    Excerpt,
    Part,
    ReadTurn,
    ScoredPassage,
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
from ingest.provisions.addresses import Address, format_step
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
    """A top-level provision on a day.

    Attributes:
        earlier: the versions before the current one, in order.
        upcoming: the next one, if its amendment had been promulgated by the day.
        missing: the operations on it that could not be applied and may be in effect.
    """

    current: Version
    earlier: tuple[Version, ...]
    upcoming: Version | None
    missing: tuple[OperationResult, ...]

    @property
    def is_removed(self) -> bool:
        """Whether the provision does not exist on the day, and nothing that may be in effect is missing."""
        return self.current.provision is None and not self.missing

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
        if not reading.passages or not self._consolidations.links or query.scope.absent_towns:
            return None
        best = reading.passages[0]
        is_shown = reading.status is not Status.NO_ANSWER
        bases = self._consolidations.bases_of(best.hit.passage.doc_id) if is_shown else ()
        for consolidation in filter(None, map(self._consolidations.find, bases)):
            writer = _ProvisionWriter(consolidation, self._catalogue, self._find_passage)
            draft = writer.answer(best, query, turn.effective_day)
            if draft:
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

    def answer(self, best: ScoredPassage, query: Query, day: date) -> Draft | None:
        passage = best.hit.passage
        repeal = self.consolidation.find_repeal(day)
        if repeal and passage.doc_id == self.consolidation.doc_id:
            return self._repealed(repeal, passage)
        keys = [key for key in self.consolidation.changed_keys if _has_passage(self.consolidation, key, passage)]
        on_day = filter(None, (state_on(self.consolidation, key, day) for key in keys))
        states = [state for state in on_day if state.earlier or state.upcoming or state.missing]
        state = max(states, key=lambda candidate: _score(candidate.provision.content, query), default=None)
        if state is None or not _score(state.provision.content, query):
            return None
        if state.is_removed:
            state = _find_successor(self.consolidation, state, day) or state
        return self._removed(state) if state.is_removed else self._stated(state, best, query)

    def _stated(self, state: ProvisionState, best: ScoredPassage, query: Query) -> Draft:
        provision = state.provision
        text = _answering_text(provision, best, query)
        results = self.consolidation.results_of(state.current) if state.earlier else []
        pending = self.consolidation.results_of(state.upcoming) if state.upcoming else []
        amended = self._cite_results(self.consolidation.results_of(*state.earlier[1:], state.current))
        numbers = tuple(dict.fromkeys((*self._cite(self._quotes_of(provision)), *amended)))
        end = "。" if text.endswith("。") else ""
        statement = Statement(text.removesuffix("。"), numbers, end, derived="consolidation")
        parts: list[Part] = [paragraph(statement), self._describe_change(state, results, numbers)]
        if announced := self._announce(state, pending):
            parts.append(paragraph(announced, Statement("", self._cite_results(pending))))
        shown = [*results, *pending, *state.missing]
        parts += [*self._excerpts(shown), *self._transitional_provisions(provision, shown)]
        status = Status.PARTIAL if state.missing else Status.ANSWERED
        return self._draft(parts, status, f"{self._title_of()} {_place(provision)}")

    def _describe_change(
        self, state: ProvisionState, results: Sequence[OperationResult], stated: Sequence[int]
    ) -> Part:
        messages = [service_message("amended_place", title=self._title_of(), place=_place(state.provision))]
        if results and state.current.first:
            key = "amended_applied" if results[-1].effect.is_retroactive else "amended_since"
            day, title = state.current.first.isoformat(), self._title_of(results[-1].doc_id)
            messages.append(service_message(key, date=day, title=title))
        former = state.earlier[-1].provision if state.earlier else None
        numbers = self._cite(_merge_quotes(former.walk())) if former else ()
        new_sources = tuple(number for number in numbers if number not in stated)
        declined = dict.fromkeys(
            service_message("amendment_declined", title=self._title_of(result.doc_id), reason=result.reason)
            for result in state.missing
        )
        return paragraph(*messages, *([Statement("", new_sources)] if new_sources else []), *declined)

    def _announce(self, state: ProvisionState, pending: Sequence[OperationResult]) -> ServiceMessage | None:
        if not pending or state.upcoming is None or state.upcoming.first is None:
            return None
        day, title = state.upcoming.first.isoformat(), self._title_of(pending[-1].doc_id)
        if pending[-1].action is Action.REPEAL:
            return service_message("repeal_pending", title=self._title_of(), date=day, amending=title)
        key = "amendment_pending" if state.upcoming.provision else "amendment_removes"
        return service_message(key, date=day, title=title)

    def _removed(self, state: ProvisionState) -> Draft | None:
        results, removed = self.consolidation.results_of(state.current), state.provision
        if not results or state.current.first is None:
            return None
        removal = service_message(
            "provision_removed",
            title=self._title_of(),
            place=_place(removed),
            date=state.current.first.isoformat(),
            amending=self._title_of(results[0].doc_id),
        )
        quotes = [quote for result in results for quote in result.quotes]
        numbers = self._cite([*self._quotes_of(removed), *quotes])
        return self._draft([paragraph(removal, Statement("", numbers)), *self._excerpts(results)])

    def _repealed(self, repeal: OperationResult, best: Passage) -> Draft | None:
        if repeal.effect.day is None:
            return None
        numbers = self._cite([*repeal.quotes, Quote(best.id, 0, len(best.text))])
        repealed = service_message(
            "repealed",
            title=self._title_of(),
            date=repeal.effect.day.isoformat(),
            amending=self._title_of(repeal.doc_id),
        )
        notice = paragraph(repealed, Statement("", numbers[:1]))
        return self._draft([notice, *self._excerpts([repeal]), self._excerpt(numbers[-1])])

    def _draft(self, parts: Iterable[Part], status: Status = Status.ANSWERED, subject: str = "") -> Draft:
        return Draft(tuple(parts), tuple(self.sources), status, subject or self._title_of())

    def _title_of(self, doc_id: str = "") -> str:
        return self.catalogue.documents[doc_id or self.consolidation.doc_id].title

    def _cite(self, quotes: Iterable[Quote]) -> tuple[int, ...]:
        sources = filter(None, map(self._source, quotes))
        return tuple(dict.fromkeys(map(self._number, sources)))

    def _cite_results(self, results: Iterable[OperationResult]) -> tuple[int, ...]:
        return self._cite(quote for result in results for quote in result.quotes)

    def _source(self, quote: Quote) -> Source | None:
        passage = self.find_passage(quote.passage_id)
        text = passage.text[quote.start : quote.end].strip()[:TARGET_EXCERPT_LENGTH]
        is_amended = passage.doc_id == self.consolidation.doc_id
        return Source(passage, text, is_amended=is_amended) if text else None

    def _number(self, source: Source) -> int:
        known = [(other.passage.id, other.quote) for other in self.sources]
        key = (source.passage.id, source.quote)
        if key not in known:
            self.sources.append(source)
            return len(self.sources)
        return known.index(key) + 1

    def _quotes_of(self, provision: Provision) -> list[Quote]:
        if quotes := _merge_quotes(provision.walk()):
            return quotes
        passages = list(self.catalogue.find_passages(self.consolidation.doc_id))
        return [Quote(passage.id, 0, len(passage.text)) for passage in passages[:1]]

    def _excerpts(self, results: Sequence[OperationResult]) -> Iterator[Excerpt]:
        quotes = dict.fromkeys(quote for result in reversed(results) for quote in result.quotes)
        yield from map(self._excerpt, self._cite(list(quotes)[:_MAX_QUOTES]))

    def _excerpt(self, number: int) -> Excerpt:
        source = self.sources[number - 1]
        # The headings around an amending text are those of new provisions above it.
        path = source.passage.path if source.is_amended else ()
        document = self.catalogue.documents[source.passage.doc_id]
        line = build_source_line(document, path, is_older=False, with_issuer=False)
        ellipses = ("", "…" if len(source.quote) == TARGET_EXCERPT_LENGTH else "")
        return Excerpt(number, line, source.quote, (0, len(source.quote)), ellipses)

    def _transitional_provisions(self, provision: Provision, results: Sequence[OperationResult]) -> Iterator[Part]:
        amending_ids = list(dict.fromkeys(result.doc_id for result in results))
        for doc_id in amending_ids[-1:]:
            lines = self.consolidation.dates[doc_id].transitional
            lines = tuple(
                line
                for line in lines
                if line.end > line.start and ("条" not in line.normal or format_step(provision.step) in line.normal)
            )
            numbers = self._cite(Quote(line.passage_id, line.start, line.end) for line in lines)
            if numbers:
                yield paragraph(service_message("transitional"))
                yield from map(self._excerpt, numbers)


def _find_successor(consolidation: Consolidation, state: ProvisionState, day: date) -> ProvisionState | None:
    if not any(result.action is Action.REPLACE_ALL for result in consolidation.results_of(state.current)):
        return None
    caption = state.provision.caption
    same = [child for child in consolidation.on(day).children if caption and child.caption == caption]
    return state_on(consolidation, same[0].key, day) if len(same) == 1 else None


def _has_passage(consolidation: Consolidation, key: int, passage: Passage) -> bool:
    provisions = (version.provision for version in consolidation.versions[key] if version.provision)
    quotes = [quote for provision in provisions for part in provision.walk() for quote in part.quotes]
    quotes += [quote for result in consolidation.results if key in result.keys for quote in result.quotes]
    return any(quote.passage_id == passage.id for quote in quotes)


def _merge_quotes(provisions: Iterable[Provision]) -> list[Quote]:
    merged: dict[str, Quote] = {}
    for quote in (quote for provision in provisions for quote in provision.quotes):
        known = merged.get(quote.passage_id, quote)
        merged[quote.passage_id] = Quote(quote.passage_id, min(known.start, quote.start), max(known.end, quote.end))
    return list(merged.values())


def _score(text: str, query: Query) -> float:
    present = {*words(nfkc(text))}
    return sum(term.weight for term in query.terms if term.text in present)


def _place(provision: Provision) -> str:
    return Address((provision.step,)).text


def _answering_text(provision: Provision, best: ScoredPassage, query: Query) -> str:
    if len(provision.content) <= _MAX_PROVISION:
        return provision.content.replace("\t", "　")
    parts = provision.children or (provision,)
    unit = max(best.units, key=lambda candidate: candidate.probability, default=None)
    of_unit = [part for part in parts if unit and _has_position(part, best.hit.passage.id, unit.start)]
    part = of_unit[0] if len(of_unit) == 1 else max(parts, key=lambda part: _score(part.content, query))
    head = parts[0].content if "\t" in part.content and part is not parts[0] else ""
    text = f"{head}\n{part.content}".strip().replace("\t", "　")
    if len(text) <= _MAX_PROVISION:
        return text
    return max(split_document_sentences(text) or [text], key=lambda sentence: _score(sentence, query)).strip()


def _has_position(provision: Provision, passage_id: str, position: int) -> bool:
    quotes = (quote for part in provision.walk() for quote in part.quotes)
    return any(quote.passage_id == passage_id and quote.start <= position < quote.end for quote in quotes)
