"""Answers from a provision that amendments change: its text on the day, what held before and what will hold."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.provisions.provision_state import (
    ProvisionState,
    answering_part,
    describe_change,
    describe_upcoming,
    find_last_change,
    part_text,
    place_name,
    score_words,
    state_on,
    whole_text,
)
from bot.relevance.catalogue import DocumentCatalogue
from bot.rendering.source_line import build_source_line
from bot.state import (
    Draft,
    Excerpt,
    Part,
    ReadTurn,
    ScoredPassage,
    Source,
    Statement,
    Status,
    paragraph,
    service_message,
)
from bot.state.length_budget import TARGET_EXCERPT_LENGTH
from bot.state.query import Query
from ingest.amendments.addresses import format_step
from ingest.amendments.compilation import Consolidations
from ingest.amendments.consolidation import Consolidation, OperationResult
from ingest.amendments.document_lines import Quote
from ingest.amendments.operations import Action
from ingest.amendments.provisions import Provision
from ingest.documents import Passage

# Quotes of amending texts that are shown.
_MAX_QUOTES = 3


class ConsolidationAnswerer:
    """States the provision in force on the day asked, if the best passage is of a provision that is amended."""

    def __init__(
        self, consolidations: Consolidations, catalogue: DocumentCatalogue, find_passage: Callable[[str], Passage]
    ) -> None:
        self._consolidations = consolidations
        self._catalogue = catalogue
        self._find_passage = find_passage

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the provision with its history; None if the best passage is of no amended provision."""
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

    @property
    def title(self) -> str:
        return self._title_of(self.consolidation.doc_id)

    def answer(self, best: ScoredPassage, query: Query, day: date) -> Draft | None:
        passage = best.hit.passage
        repeal = self.consolidation.find_repeal(day)
        if repeal and passage.doc_id == self.consolidation.doc_id:
            return self._repealed(repeal, passage)
        keys = [key for key in self.consolidation.changed_keys if _has_passage(self.consolidation, key, passage)]
        on_day = filter(None, (state_on(self.consolidation, key, day) for key in keys))
        states = [state for state in on_day if state.earlier or state.upcoming or state.missing]
        state = max(states, key=lambda candidate: score_words(candidate.provision.content, query), default=None)
        if state is None or not score_words(state.provision.content, query):
            return None
        if state.is_removed:
            state = _find_successor(self.consolidation, state, day) or state
        return self._removed(state) if state.is_removed else self._stated(state, best, query)

    def _stated(self, state: ProvisionState, best: ScoredPassage, query: Query) -> Draft:
        provision = state.provision
        part = answering_part(provision, best, query)
        text = part_text(provision, part, query)
        change = find_last_change(state, part)
        results_of = self.consolidation.results_of
        cited = self._cite(self._quotes_of(provision, part))
        amending = self._cite_operations(results_of(*state.earlier[1:], state.current))
        numbers = tuple(dict.fromkeys((*cited, *amending)))
        end = "。" if text.endswith("。") else ""
        statement = Statement(text.removesuffix("。"), numbers, end, derived="consolidation")
        parts: list[Part] = [paragraph(statement), self._history(state, part, numbers)]
        shown_results = results_of(change.version) if change else []
        pending = list(describe_upcoming(state, part, self.consolidation, self._title_of))
        if state.upcoming and pending:
            upcoming_results = results_of(state.upcoming)
            parts.append(paragraph(*pending, Statement("", self._cite_operations(upcoming_results))))
            shown_results += upcoming_results
        if full := whole_text(provision, text):
            parts.append(paragraph(Statement(full, cited, derived="consolidation")))
        shown_results += state.missing
        parts += self._excerpts(shown_results)
        parts += self._transitional_provisions(provision, shown_results)
        status = Status.PARTIAL if state.missing else Status.ANSWERED
        return self._draft(parts, status, f"{self.title} {place_name(provision, part)}")

    def _history(self, state: ProvisionState, part: Provision, stated: Sequence[int]) -> Part:
        change = find_last_change(state, part)
        former = list(change.former.walk()) if change and change.former else []
        former_sources = self._cite(_merge_quotes(former))
        new_sources = tuple(number for number in former_sources if number not in stated)
        return paragraph(
            service_message("amended_place", title=self.title, place=place_name(state.provision, part)),
            *describe_change(change, self.consolidation, self._title_of),
            *([Statement("", new_sources)] if new_sources else []),
            *dict.fromkeys(
                service_message("amendment_declined", title=self._title_of(result.doc_id), reason=result.reason)
                for result in state.missing
            ),
        )

    def _removed(self, state: ProvisionState) -> Draft | None:
        results, removed = self.consolidation.results_of(state.current), state.provision
        if not results or state.current.first is None:
            return None
        removal = service_message(
            "provision_removed",
            title=self.title,
            place=place_name(removed, removed),
            date=state.current.first.isoformat(),
            amending=self._title_of(results[0].doc_id),
        )
        quotes = [quote for result in results for quote in result.quotes]
        numbers = self._cite([*self._quotes_of(removed, removed), *quotes])
        return self._draft([paragraph(removal, Statement("", numbers)), *self._excerpts(results)])

    def _repealed(self, repeal: OperationResult, best: Passage) -> Draft | None:
        if repeal.effect.day is None:
            return None
        numbers = self._cite([*repeal.quotes, Quote(best.id, 0, len(best.text))])
        repealed = service_message(
            "repealed",
            title=self.title,
            date=repeal.effect.day.isoformat(),
            amending=self._title_of(repeal.doc_id),
        )
        notice = paragraph(repealed, Statement("", numbers[:1]))
        return self._draft([notice, *self._excerpts([repeal]), self._excerpt(numbers[-1])])

    def _draft(self, parts: Iterable[Part], status: Status = Status.ANSWERED, subject: str = "") -> Draft:
        return Draft(tuple(parts), tuple(self.sources), status, subject or self.title)

    def _cite(self, quotes: Iterable[Quote]) -> tuple[int, ...]:
        sources = filter(None, map(self._source, quotes))
        return tuple(dict.fromkeys(map(self._number, sources)))

    def _cite_operations(self, results: Iterable[OperationResult]) -> tuple[int, ...]:
        return self._cite(quote for result in results for quote in result.quotes)

    def _title_of(self, doc_id: str) -> str:
        return self.catalogue.documents[doc_id].title

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

    def _quotes_of(self, provision: Provision, part: Provision) -> list[Quote]:
        quotes = _merge_quotes(part.walk()) or _merge_quotes(provision.walk())
        if quotes:
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
    quotes = [quote for provision in provisions for quote in _quotes(provision.walk())]
    quotes += [quote for result in consolidation.results if key in result.keys for quote in result.quotes]
    return any(quote.passage_id == passage.id for quote in quotes)


def _quotes(provisions: Iterable[Provision]) -> Iterator[Quote]:
    for provision in provisions:
        yield from provision.quotes


def _merge_quotes(provisions: Iterable[Provision]) -> list[Quote]:
    merged: dict[str, Quote] = {}
    for quote in _quotes(provisions):
        known = merged.get(quote.passage_id, quote)
        merged[quote.passage_id] = Quote(quote.passage_id, min(known.start, quote.start), max(known.end, quote.end))
    return list(merged.values())
