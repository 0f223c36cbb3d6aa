"""Finds and replaces quoted words in the text of provisions, whatever their widths and spaces."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ingest.amendments.addresses import Part
from ingest.amendments.provisions import Provision
from ingest.japanese import nfkc_with_spans

_PROVISO = re.compile(r"(?<=。)\s*(?:ただし、|ただし，|但し、)")
_SENTENCE_END = re.compile(r"(?<=。)(?!」|）|\))")
# Kinds of provisions whose caption is part of what an amendment of their words means.
_KINDS_WITH_CAPTION = frozenset({"別表", "様式", "章", "節", "第"})
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WordOccurrence:
    """Words in the text or the caption of a provision, and their span there."""

    provision: Provision
    field: Literal["text", "caption"]
    span: Span

    @property
    def value(self) -> str:
        """The whole text or caption."""
        return self.provision.caption if self.field == "caption" else self.provision.text


def find_words(text: str, words: str) -> list[Span]:
    """Return the spans of `text` that have these words; a figure within a longer one (30日 in 130日) is none."""
    content, spans = _squeeze(text)
    needle, _ = _squeeze(words)
    occurrences: list[Span] = []
    position = content.find(needle) if needle else -1
    while position >= 0:
        end = position + len(needle)
        is_cut = _cuts_figure(content, position, end)
        if not is_cut:
            occurrences.append((spans[position][0], spans[end - 1][1]))
        position = content.find(needle, position + 1 if is_cut else end)
    return occurrences


def part_span(text: str, part: Part) -> Span | None:
    """Return the position of a part of a provision in its text; None if it has no such part."""
    proviso = _PROVISO.search(text)
    if part == "ただし書":
        return (proviso.start(), len(text)) if proviso else None
    if part == "本文":
        return (0, proviso.start()) if proviso else None
    if part not in {"前段", "後段"}:
        return 0, len(text)
    first_end = _SENTENCE_END.search(text)
    if first_end is None or first_end.end() >= len(text.rstrip()):
        return None
    if part == "前段":
        return 0, first_end.end()
    has_later_proviso = proviso is not None and proviso.start() > first_end.end()
    return first_end.end(), proviso.start() if proviso and has_later_proviso else len(text)


def find_in_provision(provision: Provision, part: Part, words: str) -> list[WordOccurrence]:
    """Return each occurrence of the words in a part of a provision and of those in it."""
    is_caption = part in {"見出し", "題名"}
    occurrences = list[WordOccurrence]()
    if is_caption or part == "見出しを含む" or provision.step.kind in _KINDS_WITH_CAPTION:
        occurrences += _find_in_caption(provision, words)
    if is_caption:
        return occurrences
    members = {"各号列記以外の部分": _without_items, "各号": _items}.get(part, Provision.walk)
    for member in members(provision):
        occurrences += _find_in_text(member, part, words)
        if member is not provision and part == "見出しを含む":
            occurrences += _find_in_caption(member, words)
    return occurrences


def replace_occurrences(provision: Provision, occurrences: Sequence[WordOccurrence], new: str) -> Provision:
    """Return the provision with `new` in place of each of the words, which do not overlap."""
    changed = provision
    for name in ("text", "caption"):
        value = getattr(provision, name)
        spans = [item.span for item in occurrences if item.provision.key == provision.key and item.field == name]
        for start, end in sorted(spans, reverse=True):
            value = value[:start] + new + value[end:]
        if spans:
            changed = replace(changed, **{name: value})
    return replace(
        changed, children=tuple(replace_occurrences(child, occurrences, new) for child in provision.children)
    )


def _squeeze(text: str) -> tuple[str, list[Span]]:
    normal, spans = nfkc_with_spans(text)
    visible = [(character, span) for character, span in zip(normal, spans, strict=True) if not character.isspace()]
    return "".join(character for character, _ in visible), [span for _, span in visible]


def _cuts_figure(content: str, start: int, end: int) -> bool:
    begins_within = content[start].isdigit() and bool(re.search(r"[\d,.]$", content[:start]))
    ends_within = content[end - 1].isdigit() and bool(re.match(r"\d|[,.]\d", content[end:]))
    return begins_within or ends_within


def _find_in_caption(provision: Provision, words: str) -> Iterator[WordOccurrence]:
    for span in find_words(provision.caption, words):
        yield WordOccurrence(provision, "caption", span)


def _find_in_text(provision: Provision, part: Part, words: str) -> Iterator[WordOccurrence]:
    limit = part_span(provision.text, part)
    if limit is None:
        return
    for start, end in find_words(provision.text, words):
        if limit[0] <= start and end <= limit[1]:
            yield WordOccurrence(provision, "text", (start, end))


def _without_items(provision: Provision) -> Iterator[Provision]:
    yield provision
    if provision.step.kind == "条":
        yield from (child for child in provision.children if child.step.kind == "項")


def _items(provision: Provision) -> Iterator[Provision]:
    for descendant in provision.walk():
        if descendant.step.kind == "号":
            yield from descendant.walk()
