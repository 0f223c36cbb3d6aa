"""Finds and replaces quoted words in the text of provisions, whatever their widths and spaces."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from ingest.japanese import nfkc_with_spans, normalise_without_spaces
from ingest.provisions.addresses import Part
from ingest.provisions.provisions import Provision

_PROVISO = re.compile(r"(?<=。)\s*(?:ただし、|ただし，|但し、)")
# Kinds of provisions whose caption is part of what an amendment of their words means.
_KINDS_WITH_CAPTION = frozenset({"別表", "様式", "章", "節"})
Span = tuple[int, int]


class WordOccurrence(NamedTuple):
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
    needle, content = normalise_without_spaces(words), normalise_without_spaces(text)
    if not needle or needle not in content:
        return []
    normal, all_spans = nfkc_with_spans(text)
    spans = [span for character, span in zip(normal, all_spans, strict=True) if not character.isspace()]
    occurrences: list[Span] = []
    position = content.find(needle)
    while position >= 0:
        end = position + len(needle)
        begins_within = content[position].isdigit() and re.match(r"[\d,.]", content[max(0, position - 1) : position])
        is_cut = begins_within or (content[end - 1].isdigit() and re.match(r"\d|[,.]\d", content[end : end + 2]))
        if not is_cut:
            occurrences.append((spans[position][0], spans[end - 1][1]))
        position = content.find(needle, position + 1 if is_cut else end)
    return occurrences


def part_span(text: str, part: Part) -> Span | None:
    """Return the position of a part of a provision in its text; None if it has no such part."""
    proviso = _PROVISO.search(text) if part == "ただし書" else None
    return (proviso.start() if proviso else 0, len(text)) if proviso or part != "ただし書" else None


def find_in_provision(provision: Provision, part: Part, words: str) -> list[WordOccurrence]:
    """Return each occurrence of the words in a part of a provision and of those in it."""
    is_caption = part in {"見出し", "題名"}
    needle = normalise_without_spaces(words)
    occurrences = list[WordOccurrence]()
    for member in (provision,) if is_caption else provision.walk():
        has_caption = member is provision and member.step.kind in _KINDS_WITH_CAPTION
        if is_caption or part == "見出しを含む" or has_caption:
            occurrences += (WordOccurrence(member, "caption", span) for span in find_words(member.caption, words))
        limit = part_span(member.text, part) if needle in member.normal_text and not is_caption else None
        if limit:
            spans = find_words(member.text, words)
            occurrences += (
                WordOccurrence(member, "text", span) for span in spans if limit[0] <= span[0] and span[1] <= limit[1]
            )
    return occurrences


def replace_occurrences(root: Provision, occurrences: Sequence[WordOccurrence], new: str) -> Provision:
    """Return the provisions with `new` in place of each of the words, which do not overlap; parts without stay."""
    values: dict[int, dict[str, str]] = {}
    for item in sorted(occurrences, key=lambda item: item.span, reverse=True):
        fields = values.setdefault(item.provision.key, {})
        value = fields.get(item.field, item.value)
        fields[item.field] = value[: item.span[0]] + new + value[item.span[1] :]

    def change(provision: Provision) -> Provision:
        children = tuple(map(change, provision.children))
        is_same = all(child is other for child, other in zip(children, provision.children, strict=True))
        fields = values.get(provision.key)
        if is_same and not fields:
            return provision
        children = provision.children if is_same else children
        return replace(provision, children=children, **(fields or {}))  # type: ignore[arg-type]

    return change(root)
