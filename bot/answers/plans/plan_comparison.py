"""States how a plan differs from the one before: its aspects, targets, measures, or what both say on a subject."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.answers.plans.quoting_writer import QuotingWriter, as_list
from bot.answers.plans.subject_comparison import compare_subject
from bot.languages import nest_quotes
from bot.question.plan_request import AspectRequest, PlanChange
from bot.state import Paragraph, Part, Statement, paragraph, service_message
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.sentences import split_document_sentences
from ingest.overview.aspects import (
    Aspect,
    PlanAspect,
    PlanItem,
    share_heading_word,
    strip_number,
    target_number,
    target_value,
)
from ingest.overview.changes import Changes, compare_items

LIST_ASPECTS = frozenset({Aspect.PILLARS, Aspect.PRINCIPLES, Aspect.TARGETS, Aspect.MEASURES})
"""The aspects that are shown as lists; of others the first sentences are shown."""
MAX_SENTENCES = 2
"""Sentences shown of an aspect that is no list."""
# What is compared if a question asks only what changed.
_GENERAL_ASPECTS = (Aspect.PILLARS, Aspect.TARGETS, Aspect.VISION, Aspect.PRINCIPLES)
_MESSAGE_KEYS = {
    PlanChange.ADDED: "plan_added",
    PlanChange.REMOVED: "plan_removed",
    PlanChange.KEPT: "plan_kept",
}
_EMPTY_MESSAGE_KEYS = {
    PlanChange.ADDED: "plan_added_none",
    PlanChange.REMOVED: "plan_removed_none",
    PlanChange.KEPT: "plan_kept_none",
}
_MESSAGE_KEYS_BY_ASPECT = {
    Aspect.PILLARS: {
        PlanChange.ADDED: "plan_added_pillars",
        PlanChange.REMOVED: "plan_removed_pillars",
        PlanChange.KEPT: "plan_kept_pillars",
    },
    Aspect.MEASURES: {
        PlanChange.ADDED: "plan_added_measures",
        PlanChange.REMOVED: "plan_removed_measures",
        PlanChange.KEPT: "plan_kept_measures",
    },
}
_WORDS = load_lexicon("plan_aspects")
_CHANGE_HEADING = re.compile(any_of(_WORDS["change_headings"]))
_EARLIER_PLAN = re.compile(r"(?:第\d+次|前の?|旧)(?:計画|プラン|戦略|方針|指針|ビジョン)")
_STATED_CHANGES = {change: re.compile(any_of(_WORDS[change])) for change in _MESSAGE_KEYS}


@dataclass(frozen=True, slots=True)
class PlanContents:
    """A plan with its aspects and passages."""

    document: Document
    aspects: Sequence[PlanAspect]
    passages: Sequence[Passage]

    def find_aspect(self, name: Aspect, request: AspectRequest) -> PlanAspect | None:
        """Return an aspect of the plan: with the number of items asked for, else with the question's words as heading.

        None if the plan has no such aspect.
        """
        aspects = sorted((aspect for aspect in self.aspects if aspect.name == name), key=_heading_length)
        words = list(filter(None, (request.counted_noun, *request.aspect_words)))
        headed = [aspect for word in words for aspect in aspects if word in nfkc(aspect.heading)]
        counted = [aspect for aspect in (*headed, *aspects) if len(aspect.items) == request.item_count]
        return next(iter((*counted, *headed, *aspects)), None)


@dataclass(frozen=True, slots=True)
class PlanComparison:
    """Compares a plan with the one before, as a question asks.

    Attributes:
        request: what the question asks.
        old: the plan before.
        new: the plan in force.
        subject: the words of the question that name something in the plan.
        writer: numbers the quotes.
    """

    request: AspectRequest
    old: PlanContents
    new: PlanContents
    subject: Sequence[str]
    writer: QuotingWriter

    def parts(self) -> list[Part]:
        """Return the differences: of the named aspects, else the subject, else measures or the main aspects."""
        if parts := self._compare_aspects(self.request.aspects):
            return parts
        if self.subject:
            return compare_subject(self.old.passages, self.new.passages, self.subject, self.writer)
        if self.request.aspects:
            return []
        if self.request.change in _MESSAGE_KEYS:
            return self._changed_measures(self.request.change)
        return self._compare_aspects(_GENERAL_ASPECTS) if self.request.change is PlanChange.CHANGED else []

    def _compare_aspects(self, names: Iterable[Aspect]) -> list[Part]:
        return [part for name in names for part in self._compare_aspect(name)]

    def _compare_aspect(self, name: Aspect) -> list[Part]:
        old, new = (plan.find_aspect(name, self.request) for plan in (self.old, self.new))
        if old is None or new is None:
            return []
        if name is Aspect.TARGETS:
            return self._compare_targets(compare_items(old.items, new.items))
        if not self._are_comparable(old, new):
            return []
        if name not in LIST_ASPECTS or len(old.items) == len(new.items) == 1:
            return [*self._quote_aspect("plan_now", new), *self._quote_aspect("plan_before", old)]
        items = _items_by_change(old, new)
        changes = [change for change in items if change == self.request.change] or list(items)
        return [part for change in changes for part in self._list_change(change, items[change])]

    def _are_comparable(self, old: PlanAspect, new: PlanAspect) -> bool:
        counts = [sum(aspect.name == new.name for aspect in plan.aspects) for plan in (self.old, self.new)]
        return share_heading_word(old, new) or counts == [1, 1]

    def _compare_targets(self, changes: Changes[PlanItem]) -> list[Part]:
        change = self.request.change
        if change in (PlanChange.ADDED, PlanChange.REMOVED):
            items = changes.added if change is PlanChange.ADDED else changes.removed
            key = _MESSAGE_KEYS[change]
            lines = [self.writer.cite(item.passage_id, item.text) for item in items if self._is_on_subject(item)]
        else:
            key = "plan_targets"
            lines = [
                self._target_line(old, new)
                for old, new in changes.kept
                if self._is_on_subject(new) and _is_selected(change, old, new)
            ]
        return [paragraph(service_message(key, count=str(len(lines)))), as_list(lines)] if lines else []

    def _is_on_subject(self, target: PlanItem) -> bool:
        return all(word in nfkc(target.text) for word in self.subject)

    def _target_line(self, old: PlanItem, new: PlanItem) -> Statement:
        old_source, new_source = (self.writer.cite(item.passage_id, item.text).cited for item in (old, new))
        old_value, new_value = (target_value(item.text) or nfkc(item.text) for item in (old, new))
        sources = tuple(dict.fromkeys((*old_source, *new_source)))
        return Statement(f"{new.name.rstrip('。')}：{old_value} → {new_value}", sources)

    def _quote_aspect(self, message_key: str, aspect: PlanAspect) -> list[Part]:
        heading = nest_quotes(strip_number(aspect.heading))
        statements = (self.writer.cite(item.passage_id, item.text) for item in aspect.items[:MAX_SENTENCES])
        return [paragraph(service_message(message_key, heading=heading)), Paragraph(tuple(statements))]

    def _list_change(self, change: PlanChange, items: Sequence[PlanItem]) -> list[Part]:
        if not items:
            return [paragraph(service_message(_EMPTY_MESSAGE_KEYS[change]))]
        return self._list_items(_MESSAGE_KEYS[change], items)

    def _list_items(self, message_key: str, items: Sequence[PlanItem]) -> list[Part]:
        names = (self.writer.cite(item.passage_id, item.text, item.name) for item in items)
        return [paragraph(service_message(message_key, count=str(len(items)))), as_list(names)]

    def _changed_measures(self, change: PlanChange) -> list[Part]:
        parts = list[Part]()
        if stated := list(find_stated_changes(change, self.new, self.writer)):
            parts.append(as_list(stated))
        for name, message_keys in _MESSAGE_KEYS_BY_ASPECT.items():
            old, new = (plan.find_aspect(name, self.request) for plan in (self.old, self.new))
            if old is None or new is None or (name is Aspect.PILLARS and not self._are_comparable(old, new)):
                continue
            if items := _items_by_change(old, new)[change]:
                parts += self._list_items(message_keys[change], items)
        return parts


def find_stated_changes(change: PlanChange | None, plan: PlanContents, writer: QuotingWriter) -> Iterator[Statement]:
    """Yield the sentences in which a plan itself says what it adds, drops or keeps."""
    pattern = _STATED_CHANGES.get(change) if change else None
    if pattern is None:
        return
    for passage in plan.passages:
        is_on_changes = any(map(_CHANGE_HEADING.search, passage.path[1:]))
        sentences = split_document_sentences(passage.text) if passage.kind != "row" else ()
        for sentence in map(str.strip, sentences):
            if pattern.search(sentence) and (is_on_changes or _EARLIER_PLAN.search(nfkc(sentence))):
                yield writer.cite(passage.id, sentence)


def _heading_length(aspect: PlanAspect) -> int:
    return len(aspect.heading)


def _items_by_change(old: PlanAspect, new: PlanAspect) -> dict[PlanChange, Sequence[PlanItem]]:
    changes = compare_items(old.items, new.items)
    return {
        PlanChange.ADDED: changes.added,
        PlanChange.REMOVED: changes.removed,
        PlanChange.KEPT: [item for _, item in changes.kept],
    }


def _is_selected(change: PlanChange | None, old: PlanItem, new: PlanItem) -> bool:
    old_number, new_number = target_number(old.text), target_number(new.text)
    if change is PlanChange.KEPT:
        return old_number == new_number
    if change not in (PlanChange.RAISED, PlanChange.LOWERED):
        return True
    if old_number is None or new_number is None or old_number[1] != new_number[1]:
        return False
    return old_number[0] < new_number[0] if change is PlanChange.RAISED else old_number[0] > new_number[0]
