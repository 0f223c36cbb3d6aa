"""Answers from a provision that amendments change: its text on the day, what held before and what will hold."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.answers.amendments.amended_provision import (
    answering_part,
    describe_change,
    describe_upcoming,
    last_change,
    part_text,
    place_name,
    score_words,
    whole_text,
)
from bot.answers.excerpt import has_subject_in_headings
from bot.answers.length_budget import TARGET_EXCERPT_LENGTH
from bot.answers.source_line import build_source_line
from bot.question.query import Query
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.relevance.calibration import is_likely, is_sure
from bot.state import (
    Draft,
    Excerpt,
    Message,
    Part,
    ReadTurn,
    ScoredPassage,
    Source,
    Statement,
    Status,
    message,
    paragraph,
)
from ingest.amendments.addresses import format_step
from ingest.amendments.consolidation import Consolidation, Consolidations, OperationResult
from ingest.amendments.document_lines import Quote
from ingest.amendments.history import ProvisionState, state_on
from ingest.amendments.operations import Action
from ingest.amendments.provisions import Provision
from ingest.documents import Passage

# Quotes of amending texts that are shown.
_MAX_QUOTES = 3

# Least probability of a right answer from which an amended provision is stated as unsure; lower than for other
# passages (decision 076).
_LIKELY_ON_AMENDED = 0.35


@dataclass(slots=True)
class _Sources:
    """The sources that a draft about the document `amended` cites so far, each passage once with its words."""

    passage_of: Callable[[str], Passage]
    amended: str
    found: list[Source] = field(default_factory=list)

    def cite(self, quotes: Iterable[Quote]) -> tuple[int, ...]:
        """Return the numbers of the sources that have these quotes."""
        numbers = []
        for quote in quotes:
            passage = self.passage_of(quote.passage_id)
            text = passage.text[quote.start : quote.end].strip()[:TARGET_EXCERPT_LENGTH]
            same = (n for n, one in enumerate(self.found, 1) if (one.passage.id, one.quote) == (passage.id, text))
            known = next(same, 0)
            if text and not known:
                self.found.append(Source(passage, text, is_amended=passage.doc_id == self.amended))
                known = len(self.found)
            numbers += [known] if known else []
        return tuple(dict.fromkeys(numbers))


class ConsolidationAnswerer:
    """States the provision in force on the day asked, where the best passage is of a provision that is amended."""

    def __init__(
        self, consolidations: Consolidations, catalogue: DocumentCatalogue, passage_of: Callable[[str], Passage]
    ) -> None:
        self._consolidations = consolidations
        self._catalogue = catalogue
        self._passage_of = passage_of

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the provision with its history; None where the best passage is of no amended provision."""
        query, reading = turn.query, turn.reading
        if not reading.passages or not self._consolidations.links:
            return None
        best = reading.passages[0]
        is_shown = (
            is_likely(reading)
            or has_subject_in_headings(best.hit.passage, query)
            or (reading.correctness or 0) >= _LIKELY_ON_AMENDED
        )
        if query.scope.absent_towns or not is_shown:
            return None
        for doc_id in self._consolidations.bases_of(best.hit.passage.doc_id):
            consolidation = self._consolidations.find(doc_id)
            draft = consolidation and self._answer(consolidation, best, query, turn.effective_day)
            if draft:
                return draft if is_sure(reading) else _as_unsure(draft)
        return None

    def _answer(self, consolidation: Consolidation, best: ScoredPassage, query: Query, day: date) -> Draft | None:
        passage = best.hit.passage
        if (repeal := consolidation.find_repeal(day)) and passage.doc_id == consolidation.document.id:
            return self._repealed(consolidation, repeal, passage)
        states = [
            state
            for key in consolidation.changed_keys()
            if _has_passage(consolidation, key, passage)
            and (state := state_on(consolidation, key, day))
            and (state.earlier or state.upcoming or state.missing)
        ]
        state = max(states, key=lambda one: score_words(one.provision.content, query), default=None)
        if state is None or not score_words(state.provision.content, query):
            return None
        if state.current.provision is None and not state.missing:
            state = _find_successor(consolidation, state, day) or state
        if state.current.provision is None and not state.missing:
            return self._removed(consolidation, state)
        return self._stated(consolidation, state, best, query)

    def _stated(self, consolidation: Consolidation, state: ProvisionState, best: ScoredPassage, query: Query) -> Draft:
        """Return the draft for a provision that is in force, complete or without what could not be applied."""
        provision, sources = state.provision, _Sources(self._passage_of, consolidation.document.id)
        part, title = answering_part(provision, best, query), consolidation.document.title
        change = last_change(state, part)
        made_by = [one for version in state.earlier[1:] for one in version.results] + list(state.current.results)
        shown = list(change[0].results) if change else []
        cited = sources.cite(self._quotes(consolidation, provision, part))
        amending = sources.cite(quote for one in made_by for quote in one.operation.quotes)
        text = part_text(provision, part, query)
        numbers = tuple(dict.fromkeys((*cited, *amending)))
        place = message("amended_place", title=title, place=place_name(provision, part))
        former = _merge(quote for one in (change[1].walk() if change and change[1] else ()) for quote in one.quotes)
        former_numbers = tuple(n for n in sources.cite(former) if n not in numbers)
        history: list[Message | Statement] = list(describe_change(state, part))
        history += [Statement("", former_numbers)] if former_numbers else []
        parts: list[Part] = [paragraph(_statement(text, numbers)), paragraph(place, *history, *_reports(state))]
        if state.upcoming and (pending := list(describe_upcoming(state, part, title))):
            numbers = sources.cite(quote for one in state.upcoming.results for quote in one.operation.quotes)
            parts.append(paragraph(*pending, Statement("", numbers)))
            shown += state.upcoming.results
        if full := whole_text(provision, text):
            parts.append(paragraph(Statement(full, cited, derived="consolidation")))
        shown += state.missing
        parts += self._excerpts(shown, sources)
        parts += self._transitional(consolidation, provision, shown, sources)
        status = Status.PARTIAL if state.missing else Status.ANSWERED
        return Draft(tuple(parts), tuple(sources.found), status, f"{title} {place_name(provision, part)}")

    def _removed(self, consolidation: Consolidation, state: ProvisionState) -> Draft | None:
        """Return the draft for a provision that an amendment removed."""
        results, removed = state.current.results, state.provision
        if not results or state.current.first is None:
            return None
        sources = _Sources(self._passage_of, consolidation.document.id)
        removal = message(
            "provision_removed",
            title=consolidation.document.title,
            place=place_name(removed, removed),
            date=state.current.first.isoformat(),
            amending=results[0].document.title,
        )
        quotes = [quote for one in results for quote in one.operation.quotes]
        numbers = sources.cite([*self._quotes(consolidation, removed, removed), *quotes])
        parts: list[Part] = [paragraph(removal, Statement("", numbers)), *self._excerpts(results, sources)]
        return Draft(tuple(parts), tuple(sources.found), Status.ANSWERED, consolidation.document.title)

    def _repealed(self, consolidation: Consolidation, repeal: OperationResult, best: Passage) -> Draft | None:
        """Return the draft for a document that was repealed, with what it said."""
        if repeal.effect.day is None:
            return None
        sources = _Sources(self._passage_of, consolidation.document.id)
        numbers = sources.cite([*repeal.operation.quotes, Quote(best.id, 0, len(best.text))])
        repealed = message(
            "repealed",
            title=consolidation.document.title,
            date=repeal.effect.day.isoformat(),
            amending=repeal.document.title,
        )
        parts: list[Part] = [
            paragraph(repealed, Statement("", numbers[:1])),
            *self._excerpts([repeal], sources),
            self._excerpt(numbers[-1], sources),
        ]
        return Draft(tuple(parts), tuple(sources.found), Status.ANSWERED, consolidation.document.title)

    def _excerpts(self, results: Sequence[OperationResult], sources: _Sources) -> Iterator[Excerpt]:
        """Yield the amending texts of results, each once, the latest first."""
        quotes = list(dict.fromkeys(quote for one in reversed(results) for quote in one.operation.quotes))
        yield from (self._excerpt(n, sources) for n in sources.cite(quotes[:_MAX_QUOTES]))

    def _excerpt(self, n: int, sources: _Sources) -> Excerpt:
        source = sources.found[n - 1]
        # The headings around an amending text are those of new provisions above it.
        path = source.passage.path if source.passage.doc_id == sources.amended else ()
        document = self._catalogue.documents[source.passage.doc_id]
        line = build_source_line(document, path, is_older=False, with_issuer=False)
        ellipses = ("", "…" if len(source.quote) == TARGET_EXCERPT_LENGTH else "")
        return Excerpt(n, line, source.quote, (0, len(source.quote)), ellipses)

    def _transitional(
        self,
        consolidation: Consolidation,
        provision: Provision,
        results: Sequence[OperationResult],
        sources: _Sources,
    ) -> Iterator[Part]:
        """Yield the transitional provisions of the last amendment that name the provision or none."""
        for doc_id in list(dict.fromkeys(one.document.id for one in results))[-1:]:
            lines = consolidation.effects[doc_id].transitional
            own = [line for line in lines if line.end > line.start and _is_about(line.normal, provision)]
            quotes = [Quote(line.passage_id, line.start, line.end) for line in own]
            if numbers := sources.cite(quotes):
                yield paragraph(message("transitional"))
                yield from (self._excerpt(n, sources) for n in numbers)

    def _quotes(self, consolidation: Consolidation, provision: Provision, part: Provision) -> list[Quote]:
        """Return where the documents have a part of a provision, else the provision, else any passage of the base."""
        own = _merge(quote for one in part.walk() for quote in one.quotes)
        whole = own or _merge(quote for one in provision.walk() for quote in one.quotes)
        if whole:
            return whole
        passages = self._catalogue.find_passages(consolidation.document.id)
        return [Quote(passage.id, 0, len(passage.text)) for passage in list(passages)[:1]]


def _find_successor(consolidation: Consolidation, state: ProvisionState, day: date) -> ProvisionState | None:
    """Return the provision with the caption of one that a whole revision replaced; None where there is no such one."""
    if not any(one.operation.action is Action.REPLACE_ALL for one in state.current.results):
        return None
    caption = state.provision.caption
    same = [one for one in consolidation.on(day).children if caption and one.caption == caption]
    return state_on(consolidation, same[0].key, day) if len(same) == 1 else None


def _is_about(text: str, provision: Provision) -> bool:
    """Whether a transitional provision names a provision, or names none."""
    return "条" not in text or format_step(provision.step) in text


def _as_unsure(draft: Draft) -> Draft:
    first, *others = draft.parts
    return replace(draft, parts=(first, paragraph(message("unsure")), *others), status=Status.PARTIAL)


def _has_passage(consolidation: Consolidation, key: int, passage: Passage) -> bool:
    """Whether a passage has a provision, in the base document or in an amendment of it."""
    provisions = [one for _, root in consolidation.states for one in root.children if one.key == key]
    if any(quote.passage_id == passage.id for one in provisions for node in one.walk() for quote in node.quotes):
        return True
    return any(
        key in one.keys and any(quote.passage_id == passage.id for quote in one.operation.quotes)
        for one in consolidation.results
    )


def _reports(state: ProvisionState) -> Iterator[Message]:
    """Yield each amendment that could not be applied, with the reason."""
    reports = (message("amendment_declined", title=one.document.title, reason=one.reason) for one in state.missing)
    yield from dict.fromkeys(reports)


def _statement(text: str, cited: tuple[int, ...]) -> Statement:
    end = "。" if text.endswith("。") else ""
    return Statement(text.removesuffix("。"), cited, end, derived="consolidation")


def _merge(quotes: Iterable[Quote]) -> list[Quote]:
    merged: dict[str, Quote] = {}
    for quote in quotes:
        known = merged.get(quote.passage_id, quote)
        merged[quote.passage_id] = Quote(quote.passage_id, min(known.start, quote.start), max(known.end, quote.end))
    return list(merged.values())
