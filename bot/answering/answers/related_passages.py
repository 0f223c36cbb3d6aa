"""Says that the documents do not answer, shows related passages that may, and names whom to ask."""

from collections.abc import Callable, Sequence

from bot.answering.rendering.snippet import PassageToShow, select_snippet
from bot.answering.rendering.source_line import strip_heading_mark
from bot.answering.state import Draft, ScoredPassage, ServiceMessage, Source, Status, Turn, paragraph, service_message
from bot.answering.state.length_budget import TARGET_EXCERPT_LENGTH, LengthBudget
from bot.answering.state.query import Query
from ingest.documents import Document, Passage

# The probability from which a passage is related.
_MIN_PROBABILITY = 0.03
# Of 165 short questions the helpful heading is among the first two for .61, among the first five for .78 (decision
# 014).
_MAX_PASSAGES = 3
_BUDGET = LengthBudget(TARGET_EXCERPT_LENGTH, TARGET_EXCERPT_LENGTH)


def find_related_passages(
    passages: Sequence[ScoredPassage], query: Query | None, shown: Sequence[Source] = ()
) -> tuple[Source, ...]:
    """Return the snippets of up to three of `passages`, which come best first, each under another heading.

    Headings of the sources that the answer has `shown` are left out.
    """
    headings = {_heading(source.passage) for source in shown}
    sources = list[Source]()
    for scored in passages:
        passage = scored.hit.passage
        heading = _heading(passage)
        if not scored.units or scored.probability < _MIN_PROBABILITY or heading in headings:
            continue
        headings.add(heading)
        snippet = select_snippet(PassageToShow(passage, scored.units), query, _BUDGET)
        sources.append(Source(passage, passage.text[snippet.start : snippet.end]))
        if len(sources) == _MAX_PASSAGES:
            break
    return tuple(sources)


def _heading(passage: Passage) -> str:
    return strip_heading_mark(passage.path[-1]) if len(passage.path) > 1 else passage.id


class NoAnswer:
    """Says that the documents do not answer the question, or not clearly; `contact` is how to reach a person, or "".

    `find_by_staff` returns the questions that staff have answered and of which one is likely to be meant.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        contact: str,
        find_by_staff: Callable[[Turn], tuple[str, ...]] = lambda _: (),
    ) -> None:
        self._titles = {document.id: document.title for document in documents}
        self._contact = contact
        self._find_by_staff = find_by_staff

    def __call__(self, turn: Turn) -> Draft:
        """Return questions of staff to choose from, else the refusal; either with up to three related passages."""
        related = find_related_passages(turn.scored_relevance.passages, turn.parsed_query)
        if not turn.absent and (by_staff := self._find_by_staff(turn)):
            offered = service_message("near_by_staff", questions="」「".join(by_staff))
            text = paragraph(offered, service_message("otherwise"))
            return Draft((text,), status=Status.CLARIFY, suggestions=by_staff, nearest=related)
        contact = service_message("contact", contact=self._contact) if self._contact else service_message("otherwise")
        if turn.question.audience == "staff":  # whom citizens are told to ask
            contact = service_message("staff_otherwise")
        refusal = paragraph(
            self._refusal(turn, has_related=bool(related)), service_message("nearest" if related else "about"), contact
        )
        return Draft((refusal,), status=Status.NO_ANSWER, nearest=related)

    def _refusal(self, turn: Turn, *, has_related: bool) -> ServiceMessage:
        if absent := turn.parsed_query.scope.absent_towns:
            return service_message("absent", towns="・".join(sorted(absent)))
        if names := (*turn.absent, *turn.unconfirmed):
            return service_message("absent_name", names="」「".join(names))
        allowed = turn.parsed_query.scope.allowed
        if len(allowed) != 1 or len(self._titles) == 1:
            return service_message("unclear" if has_related else "nothing")
        return service_message("nothing_in", title=self._titles[min(allowed)])
