"""Answers questions about a whole document from its overview: in one sentence, its main points, what changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bot.languages import nest_quotes
from bot.question.overview_request import OverviewRequest, is_of_type, named_in_title, read_overview_request
from bot.question.plan_request import PlanRequest
from bot.question.query import Query
from bot.state import (
    Draft,
    Paragraph,
    Part,
    Source,
    SourceLine,
    Statement,
    Status,
    TableRows,
    Turn,
    message,
    paragraph,
)
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.characters import normalise_without_spaces
from ingest.japanese.markers import strip_heading_number
from ingest.overview import DocumentOverview, OutlinedSection, OverviewChanges, compare_overviews, find_previous

# Documents offered where the question does not say which one it means; of more, none is meant.
_MAX_CHOICES, _MAX_CANDIDATES = 4, 30
# Shown of each kind of point, of headings in a line, and of targets.
_MAX_POINTS, _MAX_HEADINGS, _MAX_CHANGES, _MAX_TARGETS = 5, 6, 6, 8
_LONGEST_HEADING = 30


@dataclass(slots=True)
class QuotingWriter:
    """Numbers the passages that an overview quotes."""

    find_passage: Callable[[str], Passage]
    sources: list[Source] = field(default_factory=list)

    def cite(self, passage_id: str, quote: str, text: str = "", end: str = "") -> Statement:
        """Return a statement that quotes a passage; `text` where that is not the quote itself."""
        passage = self.find_passage(passage_id)
        source = Source(passage, quote if quote and quote in passage.text else _opening(passage))
        if source not in self.sources:
            self.sources.append(source)
        return Statement(text or quote, (self.sources.index(source) + 1,), end)

    def list(self, statements: Iterable[Statement]) -> list[Statement]:
        """Return statements as the lines of a list."""
        lines = list[Statement]()
        for statement in statements:
            lines += [Statement("\n・" if lines else "・"), statement]
        return lines

    def draft(self, parts: Iterable[Part], subject: str) -> Draft:
        """Return the draft of the parts with their sources."""
        return Draft(tuple(parts), tuple(self.sources), Status.ANSWERED, subject)


class OverviewScope:
    """Finds the document that a question about a whole document means; safe to share between threads."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = {document.id: document for document in documents}
        self._previous = {document.id: find_previous(document, documents) for document in documents}

    def previous(self, document: Document) -> Document | None:
        """Return the document that this one replaces, None where it is not in the corpus."""
        return self._previous[document.id]

    def find(self, turn: Turn, request: OverviewRequest) -> list[Document]:
        """Return the documents that may be meant, the one in force of several issues; none if it asks of no document.

        Named documents are meant, then those with the words of the question in their titles, then the document of the
        conversation, then those that are called what the question calls it (計画).
        """
        query = turn.query
        assert query is not None, "only called with a query"
        allowed = [self._documents[doc_id] for doc_id in sorted(query.scope.allowed) if doc_id in self._documents]
        if request.terms:
            found = named_in_title(request.terms, allowed)
            found = [document for document in found if is_of_type(document, request.type_word)] or found
            return self._latest(found, query.scope.preferred) if len(found) <= _MAX_CANDIDATES else []
        if query.scope.named:
            return self._latest(
                [self._documents[doc_id] for doc_id in sorted(query.scope.named)], query.scope.preferred
            )
        spoken_of = turn.history[-1].documents if turn.history else frozenset[str]()
        before = [document for document in allowed if document.id in spoken_of]
        if len(self._latest(before, query.scope.preferred)) == 1:
            return self._latest(before, query.scope.preferred)
        if not (request.is_this or request.type_word) and len(allowed) > 1:
            return []
        of_type = [document for document in allowed if is_of_type(document, request.type_word)]
        if request.kind == "changes" and (with_previous := [one for one in of_type if self.previous(one)]):
            of_type = with_previous
        return self._latest(of_type, query.scope.preferred)

    def find_plan(self, turn: Turn, request: PlanRequest) -> tuple[Document | None, list[str]]:
        """Return the plan that a question means, and the words of the question that name something else in it.

        None where plans of several names share as many words with the question. Of the issues of one plan it is the one
        whose number the question has, else the one in force, the one before where the question asks for that.
        """
        query = turn.query
        assert query is not None, "only called with a query"
        plans = [self._documents[doc_id] for doc_id in sorted(query.scope.allowed) if doc_id in self._documents]
        plans = [one for one in plans if one.kind != "meeting"]
        if query.scope.named:
            plans = [one for one in plans if one.id in query.scope.named]
        elif not request.terms and turn.history:
            plans = [one for one in plans if one.id in turn.history[-1].documents] or plans
        counts = {one.id: sum(_is_named(term, one) for term in request.terms) for one in plans}
        most = max(counts.values(), default=0)
        if not (most or query.scope.named):
            plans = [one for one in plans if is_of_type(one, request.type_word)]
        best = [one for one in plans if counts[one.id] == most]
        if len(latest := self._latest(best, query.scope.preferred)) != 1:
            return None, []
        plan = self._choose_issue(latest[0], request)
        lineage = [one for one in (plan, self.previous(plan)) if one]
        subject = [term for term in request.terms if not any(_is_named(term, one) for one in lineage)]
        return plan, subject

    def _choose_issue(self, plan: Document, request: PlanRequest) -> Document:
        """Return the issue of a plan that is asked for; of a comparison the later one."""
        if request.operation:
            newer = [one for one in self._documents.values() if self.previous(one) == plan]
            return newer[0] if len(newer) == 1 and not self.previous(plan) else plan
        issues = [one for one in (plan, self.previous(plan)) if one]
        numbered = [one for one in issues if request.issue and request.issue in normalise_without_spaces(one.title)]
        if len(numbered) == 1:
            return numbered[0]
        return issues[-1] if request.is_previous else plan

    def _latest(self, documents: Sequence[Document], preferred: frozenset[str]) -> list[Document]:
        """Return the documents without those that another one of them replaces, those in force if any is."""
        replaced = {previous.id for document in documents if (previous := self.previous(document))}
        latest = [document for document in documents if document.id not in replaced]
        return [document for document in latest if document.id in preferred] or latest


def _is_named(term: str, document: Document) -> bool:
    """Whether a word is in the document's title, its other names or the name of its issuer."""
    return bool(named_in_title(frozenset({term}), [document])) or term in nfkc(document.issuer)


class OverviewAnswerer:
    """Answers with verbatim sentences of a document's overview, each cited.

    `find_overview` and `find_passage` return what the index has by id.
    """

    def __init__(
        self,
        scope: OverviewScope,
        find_overview: Callable[[str], DocumentOverview | None],
        find_passage: Callable[[str], Passage],
    ) -> None:
        self._scope = scope
        self._find_overview = find_overview
        self._find_passage = find_passage

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the overview that the question asks for, a choice where several documents may be meant, else None."""
        request = _read_request(turn.query) if turn.query else None
        documents = self._scope.find(turn, request) if request else []
        if request is None or not documents:
            return None
        if len(documents) > 1:
            return _ask_which(documents, request)
        overview = self._find_overview(documents[0].id)
        if overview is None or not (overview.sections or overview.points or overview.purpose):
            return None
        writer = QuotingWriter(self._find_passage)
        if request.kind != "changes" and not (overview.purpose or overview.points):
            return None
        if request.kind == "changes":
            return self._changes(documents[0], overview, writer)
        parts = _points(overview, writer) if request.kind == "points" else _summary(documents[0], overview, writer)
        return writer.draft(parts, documents[0].title)

    def _changes(self, document: Document, overview: DocumentOverview, writer: QuotingWriter) -> Draft:
        previous = self._scope.previous(document)
        before = self._find_overview(previous.id) if previous else None
        if previous is None or before is None:
            refusal = paragraph(message("no_previous", title=nest_quotes(document.title)))
            ask = f"{document.title}の主なポイントは?"
            return Draft((refusal,), status=Status.NO_ANSWER, subject=document.title, suggestions=(ask,))
        changes = compare_overviews(before, overview)
        return writer.draft(_change_parts(previous, document, changes, writer), document.title)


def _read_request(query: Query) -> OverviewRequest | None:
    """Return the request of a question, with the words of a name that several documents share (a plan's issues)."""
    request = read_overview_request(query.topic)
    names_nothing = request and not (request.terms or request.is_this or request.type_word or query.scope.named)
    return read_overview_request(query.text) if names_nothing else request


def _ask_which(documents: Sequence[Document], request: OverviewRequest) -> Draft:
    wording = {"summary": "を一言で言うと?", "points": "の主なポイントは?", "changes": "は前の計画から何が変わった?"}
    choices = tuple(f"{document.title}{wording[request.kind]}" for document in documents[:_MAX_CHOICES])
    return Draft((paragraph(message("which_document")),), status=Status.CLARIFY, suggestions=choices)


def _summary(document: Document, overview: DocumentOverview, writer: QuotingWriter) -> list[Part]:
    """Return what the document is for in one sentence, then its points and headings."""
    if overview.purpose:
        first = paragraph(writer.cite(overview.purpose.passage_id, overview.purpose.text))
    else:
        title, day = nest_quotes(document.title), document.published or document.date_in_text
        lead = message("overview_of_date", title=title, date=day) if day else message("overview_of", title=title)
        first = paragraph(lead)
    return [first, *_points(overview, writer)]


def _points(overview: DocumentOverview, writer: QuotingWriter) -> list[Part]:
    parts = list[Part]()
    points = overview.points[:_MAX_POINTS] or ((overview.purpose,) if overview.purpose else ())
    if points:
        parts.append(paragraph(message("overview_points")))
        parts.append(Paragraph(tuple(writer.list(writer.cite(one.passage_id, one.text) for one in points))))
    targets = overview.targets[:_MAX_TARGETS]
    if targets:
        parts.append(paragraph(message("overview_targets")))
        lines = (writer.cite(one.passage_id, one.value, f"{one.indicator}：{one.value}", "") for one in targets)
        parts.append(Paragraph(tuple(writer.list(lines))))
    headings = [one.heading for one in overview.sections if one.depth == 0 and len(one.heading) <= _LONGEST_HEADING]
    if headings[1:]:
        named = "」「".join(map(nest_quotes, headings[:_MAX_HEADINGS]))
        key = "overview_sections_more" if len(headings) > _MAX_HEADINGS else "overview_sections"
        parts.append(paragraph(message(key, headings=named, count=str(len(headings)))))
    return parts


def _change_parts(old: Document, new: Document, changes: OverviewChanges, writer: QuotingWriter) -> list[Part]:
    """Return what the new document changes: principles, added and dropped headings, targets."""
    if changes.is_empty:
        same = [_heading(one, writer) for one in changes.kept[:1]]
        return [paragraph(message("changes_none", old=nest_quotes(old.title), new=nest_quotes(new.title)), *same)]
    parts: list[Part] = [paragraph(message("changes_from", old=nest_quotes(old.title), new=nest_quotes(new.title)))]
    for label, sections in (("changes_added", changes.added), ("changes_removed", changes.removed)):
        leaves = [one for one in sections if one.depth > 0] or list(sections)
        if leaves:
            shown = (
                writer.cite(one.passage_id, "", strip_heading_number(one.heading)) for one in leaves[:_MAX_CHANGES]
            )
            parts.append(paragraph(message(label, count=str(len(leaves)))))
            parts.append(Paragraph(tuple(writer.list(shown))))
    for before, after in changes.principles:
        parts.append(paragraph(message("changes_principle", heading=nest_quotes(after.heading))))
        both = (writer.cite(one.passage_id, one.text) for one in (before, after))
        parts.append(Paragraph(tuple(writer.list(both))))
    parts += _changed_targets(old, new, changes, writer)
    if changes.kept:
        named = "」「".join(nest_quotes(strip_heading_number(one.heading)) for one in changes.kept[:_MAX_HEADINGS])
        parts.append(paragraph(message("changes_kept", headings=named, count=str(len(changes.kept)))))
    return parts


def _heading(section: OutlinedSection, writer: QuotingWriter) -> Statement:
    """Return a heading without its number, with the passage under it as its source."""
    return writer.cite(section.passage_id, "", strip_heading_number(section.heading))


def _changed_targets(old: Document, new: Document, changes: OverviewChanges, writer: QuotingWriter) -> list[Part]:
    """Return a table of the targets of both documents, "−" where one has none."""
    rows, lines, cited = list[tuple[str, ...]](), list[Statement](), list[int]()
    pairs = [
        *changes.targets,
        *((None, target) for target in changes.added_targets),
        *((target, None) for target in changes.removed_targets),
    ]
    for before, after in pairs[:_MAX_TARGETS]:
        known = [target for target in (before, after) if target]
        numbers = tuple(n for one in known for n in writer.cite(one.passage_id, one.value).cited)
        values = tuple(target.value if target else "−" for target in (before, after))
        rows.append((known[-1].indicator, *values))
        lines.append(Statement(f"{known[-1].indicator}：{values[0]} → {values[1]}", tuple(dict.fromkeys(numbers))))
        cited += numbers
    if not rows:
        return []
    line = SourceLine((message("changes_targets"),))
    return [
        TableRows(line, ("指標", old.title, new.title), tuple(rows), tuple(dict.fromkeys(cited)), lines=tuple(lines))
    ]


def _opening(passage: Passage) -> str:
    """Return the first line of a passage, which stands for its heading."""
    return passage.text.strip().split("\n", 1)[0]
