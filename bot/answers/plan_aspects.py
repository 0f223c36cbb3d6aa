"""Answers what a plan says of itself under one heading, and how that differs from the plan before."""

import re
from collections.abc import Callable, Sequence

from bot.answers.overview import OverviewScope, QuotingWriter
from bot.answers.plan_subject import PlanSubject
from bot.languages import nest_quotes
from bot.question.plan_request import PlanRequest, read_plan_request
from bot.question.query import AnswerType, Query
from bot.state import Draft, Paragraph, Part, SourceLine, Statement, Status, Turn, message, paragraph
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.sentences import split_document_sentences
from ingest.overview.aspects import PlanAspect, PlanItem, match_items, strip_number, target_number, target_value

_WORDS = load_lexicon("plan_aspects")
# Aspects that other answerers find as well or better by themselves: the period has its own.
_ALONE = frozenset({"principles", "vision", "pillars", "structure", "organisation"})
_LISTED = frozenset({"pillars", "principles", "targets", "measures"})
_FACTS = frozenset({AnswerType.DATE, AnswerType.MONEY, AnswerType.REASON, AnswerType.PLACE, AnswerType.CONTACT})
# どこが変わった asks for no place.
_FACTS_OF_CHANGES = frozenset({AnswerType.DATE, AnswerType.MONEY})
_LABELS = {"added": "plan_added", "removed": "plan_removed", "kept": "plan_kept"}
_NONE = {"plan_added": "plan_added_none", "plan_removed": "plan_removed_none", "plan_kept": "plan_kept_none"}
_LABELS_OF = {
    "pillars": {"added": "plan_added_pillars", "removed": "plan_removed_pillars", "kept": "plan_kept_pillars"},
    "measures": {"added": "plan_added_measures", "removed": "plan_removed_measures", "kept": "plan_kept_measures"},
}
_CHANGE_HEADING = re.compile(any_of(_WORDS["change_headings"]))
_EARLIER_PLAN = re.compile(r"(?:第\d+次|前の?|旧)(?:計画|プラン|戦略|方針|指針|ビジョン)")
_STATED = {name: re.compile(any_of(_WORDS[name])) for name in ("added", "removed", "kept")}
# In the first characters of an answer all items of a list have to be seen.
_LONGEST_LIST, _MAX_SENTENCES, _MAX_ITEMS = 150, 2, 12


class PlanAspectAnswerer:
    """Answers with the items that plans list under a heading, each cited.

    `find_aspects` and `find_passages` return what the index has of a document, by its id.
    """

    def __init__(
        self,
        scope: OverviewScope,
        find_aspects: Callable[[str], Sequence[PlanAspect]],
        find_passages: Callable[[str], Sequence[Passage]],
        find_passage: Callable[[str], Passage],
    ) -> None:
        self._scope = scope
        self._find_aspects = find_aspects
        self._find_passages = find_passages
        self._find_passage = find_passage

    def __call__(self, turn: Turn) -> Draft | None:
        """Return what the plan lists or how it differs; None where the question is of no single plan."""
        request = read_plan_request(turn.query.topic) if turn.query else None
        if turn.query is None or request is None or _asks_of_a_fact(turn.query, request):
            return None
        document, subject = self._scope.find_plan(turn, request)
        if document is None:
            return None
        writer = QuotingWriter(self._find_passage)
        if request.operation and (request.names_earlier or request.is_of_change or not subject):
            return self._compare(request, document, subject, writer)
        return self._list(request, document, writer) if not (subject or request.operation) else None

    def _list(self, request: PlanRequest, document: Document, writer: QuotingWriter) -> Draft | None:
        """Return what the plan says under the headings that were asked for."""
        aspects: list[PlanAspect | None] = [self._aspect(document, name, request) for name in request.aspects]
        if request.heading and not any(aspects):
            headed = [one for one in self._find_aspects(document.id) if request.heading in nfkc(one.heading)]
            headed = [one for one in headed if len(one.items) == request.count][:1]
            return writer.draft(self._list_parts(document, headed, writer), document.title) if headed else None
        found = [aspect for aspect in aspects if aspect]
        is_one = len(request.aspects) == 1 and request.aspects[0] in _ALONE
        if not found or len(found) < len(request.aspects) or not (is_one or len(found) > 1):
            return None
        return writer.draft(self._list_parts(document, found, writer), document.title)

    @staticmethod
    def _list_parts(document: Document, aspects: Sequence[PlanAspect], writer: QuotingWriter) -> list[Part]:
        parts = list[Part]()
        for aspect in aspects:
            items = aspect.items if aspect.name in _LISTED else aspect.items[:_MAX_SENTENCES]
            parts += _items_with_heading(aspect, items, writer)
        parts.append(_source_line(document))
        return parts

    def _aspect(self, document: Document, name: str, request: PlanRequest) -> PlanAspect | None:
        """Return an aspect of a document, the one with the question's words in its heading first."""
        aspects = self._find_aspects(document.id)
        words = (*((request.heading,) if request.heading else ()), *request.words)
        named = sorted((one for one in aspects if one.name == name), key=lambda one: len(one.heading))
        headed = [one for word in words for one in named if word in nfkc(one.heading)]
        counted = [one for one in (*headed, *named) if len(one.items) == request.count]
        return next(iter((*counted, *headed, *named)), None)

    def _compare(
        self, request: PlanRequest, document: Document, subject: Sequence[str], writer: QuotingWriter
    ) -> Draft | None:
        previous = self._scope.previous(document)
        if previous is None or previous.kind == "meeting":
            return self._without_previous(request, document, subject, writer, is_known=previous is not None)
        parts = list[Part]()
        for name in request.aspects:
            parts += self._compared_aspect(name, request, (previous, document), subject, writer)
        if not parts and subject:
            parts = PlanSubject(self._find_passages, subject)(previous, document, writer)
        is_general = not (parts or subject or request.aspects)
        if is_general and request.operation in _LABELS:
            parts = self._changed_measures(request, previous, document, writer)
        if is_general and request.operation == "changed":
            for name in ("pillars", "targets", "vision", "principles"):
                parts += self._compared_aspect(name, request, (previous, document), (), writer)
        if not parts:
            return None
        return writer.draft([*parts, _source_line(previous, document)], document.title)

    def _without_previous(
        self, request: PlanRequest, document: Document, subject: Sequence[str], writer: QuotingWriter, *, is_known: bool
    ) -> Draft | None:
        """Return what the plan itself says of the change, else that no plan before it is there to compare with."""
        stated = self._stated_changes(request.operation, document, writer) if not (subject or request.aspects) else []
        if stated:
            return writer.draft([Paragraph(tuple(writer.list(stated))), _source_line(document)], document.title)
        if is_known or subject or not request.names_earlier:
            return None
        refusal = paragraph(message("no_previous", title=nest_quotes(document.title)))
        return Draft((refusal,), status=Status.NO_ANSWER, subject=document.title)

    def _stated_changes(self, operation: str, document: Document, writer: QuotingWriter) -> list[Statement]:
        """Return the sentences in which a plan says itself what it adds, drops or keeps."""
        if operation not in _STATED:
            return []
        return [
            writer.cite(passage.id, sentence)
            for passage in self._find_passages(document.id)
            if passage.kind != "row"
            for sentence in map(str.strip, split_document_sentences(passage.text))
            if _STATED[operation].search(sentence)
            and (_EARLIER_PLAN.search(nfkc(sentence)) or any(map(_CHANGE_HEADING.search, passage.path[1:])))
        ]

    def _compared_aspect(
        self,
        name: str,
        request: PlanRequest,
        plans: tuple[Document, Document],
        subject: Sequence[str],
        writer: QuotingWriter,
    ) -> list[Part]:
        """Return what the present plan has of an aspect and the one before had."""
        old, new = (self._aspect(one, name, request) for one in plans)
        if old is None or new is None:
            return []
        if name == "targets":
            return _compared_targets(request.operation, old.items, new.items, subject, writer)
        if not self._are_comparable(*plans, old, new):
            return []
        if name not in _LISTED or (len(old.items) == 1 and len(new.items) == 1):
            return _now_and_before(new, old, writer)
        groups = _group_items(old, new)
        shown = [request.operation] if request.operation in groups else list(groups)
        return [part for group in shown for part in _named_items(_LABELS[group], groups[group], writer)]

    def _are_comparable(self, previous: Document, document: Document, old: PlanAspect, new: PlanAspect) -> bool:
        """Whether two lists are of one kind: their headings share a word, or each plan has only one such list."""
        lists = [[one for one in self._find_aspects(plan.id) if one.name == new.name] for plan in (previous, document)]
        return _share_word(old, new) or all(len(one) == 1 for one in lists)

    def _changed_measures(
        self, request: PlanRequest, previous: Document, document: Document, writer: QuotingWriter
    ) -> list[Part]:
        """Return what the plan itself says was added, dropped or kept, then pillars and measures compared."""
        operation, parts = request.operation, list[Part]()
        stated = self._stated_changes(operation, document, writer)
        if stated:
            parts.append(Paragraph(tuple(writer.list(stated))))
        for name in _LABELS_OF:
            old, new = (self._aspect(one, name, request) for one in (previous, document))
            if (
                old is None
                or new is None
                or (name == "pillars" and not self._are_comparable(previous, document, old, new))
            ):
                continue
            items = _group_items(old, new)[operation]
            parts += _named_items(_LABELS_OF[name][operation], items, writer)
        return parts


def _source_line(*documents: Document) -> Paragraph:
    """Return the line that names the documents that were quoted."""
    titles = (message("lead_of_document", title=nest_quotes(document.title)) for document in documents)
    return paragraph(SourceLine(tuple(titles)))


def _asks_of_a_fact(query: Query, request: PlanRequest) -> bool:
    """Whether a question is about a day or a single fact, which other answerers find."""
    is_fact = (
        query.answer_type in (_FACTS_OF_CHANGES if request.operation else _FACTS)
        and len(request.aspects) <= 1
        and "targets" not in request.aspects
    )
    return is_fact or bool(query.dates and "targets" not in request.aspects)


def _share_word(first: PlanAspect, second: PlanAspect) -> bool:
    """Whether the headings of two aspects have a word of aspects in common."""
    words = [set(re.findall(any_of(_WORDS[first.name]), nfkc(one.heading))) for one in (first, second)]
    return bool(words[0] & words[1])


def _group_items(old: PlanAspect, new: PlanAspect) -> dict[str, list[PlanItem]]:
    """Return the items that the new plan adds, drops and keeps."""
    pairs = match_items(old.items, new.items)
    return {
        "added": [after for before, after in pairs if after and before is None],
        "removed": [before for before, after in pairs if before and after is None],
        "kept": [after for before, after in pairs if before and after],
    }


def _items_with_heading(aspect: PlanAspect, items: Sequence[PlanItem], writer: QuotingWriter) -> list[Part]:
    """Return the heading and the items; by their names alone first, where their explanations are long."""
    heading = strip_number(aspect.heading)
    is_long = sum(len(item.text) for item in items) > _LONGEST_LIST and aspect.name in _LISTED
    names = [writer.cite(item.passage_id, item.text, item.name if is_long else "") for item in items[:_MAX_ITEMS]]
    key = "plan_items" if len(items) > 1 and aspect.name in _LISTED else "plan_item"
    parts: list[Part] = [paragraph(message(key, heading=nest_quotes(heading), count=str(len(items))))]
    parts.append(Paragraph(tuple(writer.list(names) if len(names) > 1 else names)))
    explained = [item for item in items if is_long and item.text != item.name]
    if explained:
        parts.append(paragraph(message("plan_explained")))
        parts.append(Paragraph(tuple(writer.list(writer.cite(item.passage_id, item.text) for item in explained))))
    return parts


def _named_items(key: str, items: Sequence[PlanItem], writer: QuotingWriter) -> list[Part]:
    if not items:
        return [paragraph(message(_NONE[key]))] if key in _NONE else []
    names = (writer.cite(item.passage_id, item.text, item.name) for item in items)
    return [paragraph(message(key, count=str(len(items)))), Paragraph(tuple(writer.list(names)))]


def _now_and_before(new: PlanAspect, old: PlanAspect, writer: QuotingWriter) -> list[Part]:
    parts = list[Part]()
    for key, aspect in (("plan_now", new), ("plan_before", old)):
        statements = [writer.cite(item.passage_id, item.text) for item in aspect.items[:_MAX_SENTENCES]]
        parts += [
            paragraph(message(key, heading=nest_quotes(strip_number(aspect.heading)))),
            Paragraph(tuple(statements)),
        ]
    return parts


def _compared_targets(
    operation: str, old: Sequence[PlanItem], new: Sequence[PlanItem], subject: Sequence[str], writer: QuotingWriter
) -> list[Part]:
    """Return the targets of both plans that the operation selects, each as 前 → 今."""
    lines = list[Statement]()
    for before, after in match_items(old, new):
        named = after or before
        assert named is not None, "one of a pair is there"
        if subject and not all(word in nfkc(named.text) for word in subject):
            continue
        if not _is_selected(operation, before, after):
            continue
        both = [one for one in (before, after) if one]
        cited = tuple(dict.fromkeys(n for one in both for n in writer.cite(one.passage_id, one.text).cited))
        if before and after:
            values = f"{_value(before)} → {_value(after)}"
            lines.append(Statement(f"{_indicator(after)}：{values}", cited))
        else:
            lines.append(writer.cite(both[0].passage_id, both[0].text))
    if not lines:
        return []
    label = {"added": "plan_added", "removed": "plan_removed"}.get(operation, "plan_targets")
    return [paragraph(message(label, count=str(len(lines)))), Paragraph(tuple(writer.list(lines)))]


def _is_selected(operation: str, before: PlanItem | None, after: PlanItem | None) -> bool:
    if operation in {"added", "removed"}:
        return (before is None) if operation == "added" else (after is None)
    if before is None or after is None:
        return False
    old, new = target_number(before.text), target_number(after.text)
    if operation in {"raised", "lowered"}:
        if old is None or new is None or old[1] != new[1]:
            return False
        return new[0] > old[0] if operation == "raised" else new[0] < old[0]
    return (old == new) if operation == "kept" else True


def _value(item: PlanItem) -> str:
    return target_value(item.text) or nfkc(item.text)


def _indicator(item: PlanItem) -> str:
    """Return what a target measures: its name, of a sentence the part before the figure."""
    return item.name.rstrip("。")
