"""Answers from a provision that amendments change: its text on the day, what held before and what will hold."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from bot.answers.excerpt import LIKELY, has_subject_in_headings
from bot.answers.source_line import build_source_line
from bot.question.query import Query
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.state import Draft, Excerpt, Message, Part, Source, Statement, Status, Turn, message, paragraph
from ingest.amendments.addresses import Address, format_step
from ingest.amendments.consolidation import Consolidation, Consolidations, OperationResult
from ingest.amendments.document_lines import Quote
from ingest.amendments.history import ProvisionState, changed_words, find_counterpart, state_on
from ingest.amendments.provisions import Provision
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.sentences import split_document_sentences
from ingest.japanese.tokenise import words

# Characters: a longer paragraph is answered by its best sentence, and a quote of an amendment is cut.
_LONGEST_PARAGRAPH, _LONGEST_QUOTE, _LONGEST_OLD = 300, 240, 120
_MAX_AMENDING_QUOTES = 3


@dataclass(slots=True)
class _Sources:
    """The sources that a draft cites so far, each passage once with its words."""

    passage_of: Callable[[str], Passage]
    found: list[Source] = field(default_factory=list)

    def cite(self, quotes: Sequence[Quote]) -> tuple[int, ...]:
        """Return the numbers of the sources that have these quotes."""
        numbers = []
        for quote in quotes:
            passage = self.passage_of(quote.passage_id)
            text = _cut(passage.text[quote.start : quote.end].strip())
            source = Source(passage, text)
            known = next(
                (n for n, one in enumerate(self.found, 1) if one.passage.id == passage.id and one.quote == text), 0
            )
            if text and not known:
                self.found.append(source)
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

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the provision with its history; None where the best passage is of no amended provision."""
        query, reading = turn.query, turn.reading
        if query is None or reading is None or not reading.passages or not self._consolidations.links:
            return None
        best = reading.passages[0].hit.passage
        if reading.confidence < LIKELY and not has_subject_in_headings(best, query):
            return None
        for doc_id in self._consolidations.bases_of(best.doc_id):
            if doc_id not in query.scope.allowed and doc_id != best.doc_id:
                continue
            consolidation = self._consolidations.find(doc_id)
            draft = consolidation and self._answer(consolidation, best, query, turn.day)
            if draft:
                return draft
        return None

    def _answer(self, consolidation: Consolidation, best: Passage, query: Query, day: date) -> Draft | None:
        if (repeal := consolidation.is_repealed(day)) and best.doc_id == consolidation.document.id:
            return self._repealed(consolidation, repeal, best)
        states = [
            state
            for key in consolidation.changed_keys()
            if _concerns(consolidation, key, best)
            and (state := state_on(consolidation, key, day))
            and (state.earlier or state.upcoming or state.missing)
        ]
        if not states:
            return None
        state = max(states, key=lambda one: _score(one.provision.content, query))
        if not _score(state.provision.content, query):
            return None
        if state.missing:
            return self._unapplied(consolidation, state, query, day)
        if state.current.provision is None:
            return self._removed(consolidation, state)
        return self._stated(consolidation, state, query, day)

    def _stated(self, consolidation: Consolidation, state: ProvisionState, query: Query, day: date) -> Draft:
        """Return the draft for a provision that is in force."""
        provision, sources = state.provision, _Sources(self._passage_of)
        part = _best_part(provision, query)
        effective = _results(consolidation, provision.key, day)
        cited = sources.cite(self._quotes(consolidation, provision, part))
        amending = sources.cite([quote for one in effective for quote in one.operation.quotes][-_MAX_AMENDING_QUOTES:])
        text = _part_text(provision, part, query)
        statement = _statement(text, (*cited, *amending))
        title = consolidation.document.title
        history: list[Message | Statement] = [message("amended_place", title=title, place=_place(provision, part))]
        history += _history(state, part)
        parts: list[Part] = [paragraph(statement), paragraph(*history)]
        shown = list(effective)
        if state.upcoming and (pending := list(_pending(state, part, title))):
            numbers = sources.cite(
                [q for one in state.upcoming.results for q in one.operation.quotes][:_MAX_AMENDING_QUOTES]
            )
            parts.append(paragraph(*pending, Statement("", numbers)))
            shown += state.upcoming.results
        if full := _full_text(provision, text):
            parts.append(paragraph(Statement(full, cited, derived="consolidation")))
        parts += self._excerpts(shown, sources)
        parts += self._transitional(consolidation, shown, sources)
        return Draft(tuple(parts), tuple(sources.found), Status.ANSWERED, f"{title} {_place(provision, part)}")

    def _unapplied(self, consolidation: Consolidation, state: ProvisionState, query: Query, day: date) -> Draft:
        """Return the text without the operations that could not be applied, and that there are such."""
        provision, sources = state.provision, _Sources(self._passage_of)
        part = _best_part(provision, query)
        cited = sources.cite(self._quotes(consolidation, provision, part))
        reports = [message("amendment_declined", title=one.document.title, reason=one.reason) for one in state.missing]
        parts: list[Part] = [
            paragraph(_statement(_part_text(provision, part, query), cited)),
            paragraph(
                message("amended_place", title=consolidation.document.title, place=_place(provision, part)),
                *dict.fromkeys(reports),
            ),
        ]
        parts += self._excerpts([*_results(consolidation, provision.key, day), *state.missing], sources)
        return Draft(tuple(parts), tuple(sources.found), Status.PARTIAL, consolidation.document.title)

    def _removed(self, consolidation: Consolidation, state: ProvisionState) -> Draft | None:
        sources = _Sources(self._passage_of)
        removed = state.provision
        results = state.current.results
        if not results or not state.current.first:
            return None
        arguments = {
            "title": consolidation.document.title,
            "place": _place(removed, removed),
            "date": state.current.first.isoformat(),
            "amending": results[0].document.title,
        }
        quotes = [quote for one in results for quote in one.operation.quotes]
        numbers = sources.cite([*self._quotes(consolidation, removed, removed), *quotes])
        parts: list[Part] = [paragraph(message("provision_removed", **arguments), Statement("", numbers))]
        parts += self._excerpts(results, sources)
        return Draft(tuple(parts), tuple(sources.found), Status.ANSWERED, consolidation.document.title)

    def _repealed(self, consolidation: Consolidation, repeal: OperationResult, best: Passage) -> Draft | None:
        if repeal.effect.day is None:
            return None
        sources = _Sources(self._passage_of)
        numbers = sources.cite([*repeal.operation.quotes, Quote(best.id, 0, len(best.text))])
        arguments = {
            "title": consolidation.document.title,
            "date": repeal.effect.day.isoformat(),
            "amending": repeal.document.title,
        }
        parts: list[Part] = [paragraph(message("repealed", **arguments), Statement("", numbers[:1]))]
        parts += self._excerpts([repeal], sources)
        parts.append(self._excerpt(numbers[-1], sources))
        return Draft(tuple(parts), tuple(sources.found), Status.ANSWERED, consolidation.document.title)

    def _excerpts(self, results: Sequence[OperationResult], sources: _Sources) -> Iterator[Excerpt]:
        """Yield the amending texts of results, each once, the latest first."""
        quotes = dict.fromkeys(quote for one in reversed(results) for quote in one.operation.quotes)
        numbers = dict.fromkeys(n for quote in list(quotes)[:_MAX_AMENDING_QUOTES] for n in sources.cite([quote]))
        yield from (self._excerpt(n, sources) for n in numbers)

    def _excerpt(self, n: int, sources: _Sources) -> Excerpt:
        source = sources.found[n - 1]
        document = self._catalogue.documents[source.passage.doc_id]
        line = build_source_line(document, source.passage.path, is_older=False, with_issuer=False)
        ellipses = ("", "…" if len(source.quote) == _LONGEST_QUOTE else "")
        return Excerpt(n, line, source.quote, (0, len(source.quote)), ellipses)

    def _transitional(
        self, consolidation: Consolidation, results: Sequence[OperationResult], sources: _Sources
    ) -> Iterator[Part]:
        documents = dict.fromkeys(one.document.id for one in results)
        for doc_id in list(documents)[-1:]:
            quotes = [
                Quote(line.passage_id, line.start, line.end)
                for line in consolidation.effects[doc_id].transitional
                if line.end > line.start
            ]
            numbers = sources.cite(quotes)
            if numbers:
                yield paragraph(message("transitional"))
                yield from (self._excerpt(n, sources) for n in numbers)

    def _quotes(self, consolidation: Consolidation, provision: Provision, part: Provision) -> list[Quote]:
        """Return where the documents have a part of a provision, else the provision, else any passage of the base."""
        own = _merge(quote for one in part.walk() for quote in one.quotes)
        whole = own or _merge(quote for one in provision.walk() for quote in one.quotes)
        if whole:
            return whole
        passages = self._catalogue.passages_of(consolidation.document.id)
        return [Quote(passage.id, 0, len(passage.text)) for passage in list(passages)[:1]]


def _concerns(consolidation: Consolidation, key: int, best: Passage) -> bool:
    """Whether a passage has a provision, in the base document or in an amendment of it."""
    provisions = [one for _, root in consolidation.states for one in root.children if one.key == key]
    if any(quote.passage_id == best.id for one in provisions for node in one.walk() for quote in node.quotes):
        return True
    return any(
        key in one.keys and any(quote.passage_id == best.id for quote in one.operation.quotes)
        for one in consolidation.results
    )


def _results(consolidation: Consolidation, key: int, day: date) -> list[OperationResult]:
    """Return the operations that made the provision what it is on the day."""
    return [
        one
        for one in consolidation.results
        if not one.reason and key in one.keys and one.effect.day and one.effect.day <= day
    ]


def _score(text: str, query: Query) -> float:
    present = {*words(nfkc(text))}
    return sum(term.weight for term in query.terms if term.text in present)


def _best_part(provision: Provision, query: Query) -> Provision:
    """Return the paragraph, table row or item list of a provision that has most of the question's words."""
    if not provision.children:
        return provision
    candidates = provision.children if provision.step.kind in {"条", "第", "附則", "別表"} else (provision,)
    rows = [one for one in candidates if one.step.kind == "行" and "\t" in one.text]
    candidates = tuple(rows[1:]) if len(rows) > 1 and provision.step.kind == "別表" else candidates
    return max(candidates, key=lambda one: _score(one.content, query))


def _part_text(provision: Provision, part: Provision, query: Query) -> str:
    """Return the text of a part: whole if it is short, else its best sentence or its best item."""
    if part.step.kind == "行" and "\t" in part.text:
        return _row_text(provision, part)
    text = part.text if not part.children else "\n".join([part.text, *_item_lines(part)])
    if len(text) <= _LONGEST_PARAGRAPH:
        return text.strip()
    if part.children:
        item = max(part.children, key=lambda one: _score(one.content, query))
        return "\n".join([part.text, *item.lines(1)]).strip()
    return max(split_document_sentences(text) or [text], key=lambda one: _score(one, query)).strip()


def _item_lines(part: Provision) -> list[str]:
    return [line for child in part.children for line in child.lines(1)]


def _row_text(provision: Provision, row: Provision) -> str:
    """Return a table row with its column names: 区分: 犬、金額: 8,000円."""
    header = provision.children[0].text.split("\t")
    cells = row.text.split("\t")
    if len(header) != len(cells) or header == cells:
        return "、".join(cells)
    return "、".join(f"{name}: {cell}" for name, cell in zip(header, cells, strict=True))


def _full_text(provision: Provision, shown: str) -> str:
    """Return the whole provision where the answer shows a part of it and the rest is not long."""
    content = provision.content
    is_more = (
        len("".join(content.split())) > len("".join(shown.split())) + len(provision.label) + len(provision.caption) + 2
    )
    return content if is_more and len(content) <= 2 * _LONGEST_PARAGRAPH else ""


def _statement(text: str, cited: tuple[int, ...]) -> Statement:
    end = "。" if text.endswith("。") else ""
    return Statement(text.removesuffix("。"), cited, end, derived="consolidation")


def _place(provision: Provision, part: Provision) -> str:
    steps = [provision.step]
    if part is not provision and part.step.kind != "行" and len(provision.children) > 1:
        steps.append(part.step)
    return Address(tuple(steps)).text or format_step(provision.step)


def _history(state: ProvisionState, part: Provision) -> Iterator[Message]:
    """Yield since when the part is so, by which amendment, and what it was before."""
    versions = [*state.earlier, state.current]
    for before, version in reversed(list(pairwise(versions))):
        if version.first is None or not version.results:
            return
        last = version.results[-1]
        day, title = version.first.isoformat(), last.document.title
        old = find_counterpart(before.provision, part) if before.provision else None
        if old is None:
            yield message("amended_added", date=day, title=title)
            return
        if pairs := changed_words(old.content, part.content):
            yield message("amended_applied" if last.effect.is_retroactive else "amended_since", date=day, title=title)
            yield message("amended_from", old=_joined_words(one for one, _ in pairs))
            return


def _pending(state: ProvisionState, part: Provision, document_title: str) -> Iterator[Message]:
    """Yield what the part will be, and from when."""
    upcoming = state.upcoming
    if upcoming is None or upcoming.first is None or not upcoming.results:
        return
    day, title = upcoming.first.isoformat(), upcoming.results[-1].document.title
    new = find_counterpart(upcoming.provision, part) if upcoming.provision else None
    if upcoming.results[-1].operation.action == "repeal":
        yield message("repeal_pending", title=document_title, date=day, amending=title)
    elif new is None:
        yield message("amendment_removes", date=day, title=title)
    elif pairs := changed_words(part.content, new.content):
        yield message("amendment_pending", date=day, new=_joined_words(one for _, one in pairs), title=title)


def _joined_words(phrases: Iterator[str]) -> str:
    return _cut("」「".join(phrase.strip().removesuffix("。") for phrase in phrases if phrase.strip()), _LONGEST_OLD)


def _merge(quotes: Iterator[Quote]) -> list[Quote]:
    merged: dict[str, Quote] = {}
    for quote in quotes:
        known = merged.get(quote.passage_id, quote)
        merged[quote.passage_id] = Quote(quote.passage_id, min(known.start, quote.start), max(known.end, quote.end))
    return list(merged.values())


def _cut(text: str, length: int = _LONGEST_QUOTE) -> str:
    return text if len(text) <= length else text[:length]
