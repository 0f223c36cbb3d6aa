"""Finds and replaces quoted words in the text of provisions, whatever their widths and spaces."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ingest.errors import LimitExceededError
from ingest.japanese import nfkc, nfkc_with_spans, normalise_without_spaces
from ingest.provisions.addresses import Part
from ingest.provisions.provisions import Provision

_PROVISO = re.compile(r"(?<=。)\s*(?:ただし、|ただし，|但し、)")
_SENTENCE_END = re.compile(r"(?<=。)(?!」|）|\))")
# Kinds of provisions whose caption is part of what an amendment of their words means.
_KINDS_WITH_CAPTION = frozenset({"別表", "様式", "章", "節", "第"})
# Marks that make one character with the one before them.
_IN_CLUSTERS = re.compile("[\u0300-\u036f\u3099\u309a\uff9e\uff9f]")
# Places that one operation may change, and characters that it may add.
_MAX_OCCURRENCES = 5_000
_MAX_ADDED = 200_000
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
    needle = normalise_without_spaces(words)
    if not needle or needle not in normalise_without_spaces(text):
        return []
    if text == nfkc(text) and not _IN_CLUSTERS.search(text):  # most texts, a tenth of the time
        spans = [(n, n + 1) for n, character in enumerate(text) if not character.isspace()]
    else:
        normal, all_spans = nfkc_with_spans(text)
        spans = [span for character, span in zip(normal, all_spans, strict=True) if not character.isspace()]
    content = normalise_without_spaces(text)
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
    needle = normalise_without_spaces(words)

    def in_caption(member: Provision) -> Iterator[WordOccurrence]:
        return (WordOccurrence(member, "caption", span) for span in find_words(member.caption, words))

    def in_text(member: Provision) -> Iterator[WordOccurrence]:
        limit = part_span(member.text, part) if needle in member.normal_text else None
        for start, end in find_words(member.text, words) if limit else ():
            if limit and limit[0] <= start and end <= limit[1]:
                yield WordOccurrence(member, "text", (start, end))

    is_caption = part in {"見出し", "題名"}
    occurrences = list[WordOccurrence]()
    if is_caption or part == "見出しを含む" or provision.step.kind in _KINDS_WITH_CAPTION:
        occurrences += in_caption(provision)
    if is_caption:
        return occurrences
    for member in _members(provision, part):
        occurrences += in_text(member)
        if member is not provision and part == "見出しを含む":
            occurrences += in_caption(member)
    return occurrences


def replace_occurrences(root: Provision, occurrences: Sequence[WordOccurrence], new: str) -> Provision:
    """Return the provisions with `new` in place of each of the words, which do not overlap; parts without stay.

    Raises LimitExceededError if that adds too much.
    """
    if len(occurrences) > _MAX_OCCURRENCES:
        raise LimitExceededError(f"一つの改正で変わる箇所が多すぎます（上限は{_MAX_OCCURRENCES:,}か所）")
    if len(occurrences) * len(new) > _MAX_ADDED:
        raise LimitExceededError(f"一つの改正で加わる文字が多すぎます（上限は{_MAX_ADDED:,}字）")
    spans: dict[int, dict[str, list[Span]]] = {}
    for item in occurrences:
        spans.setdefault(item.provision.key, {}).setdefault(item.field, []).append(item.span)

    keys = sorted(spans)

    def change(provision: Provision) -> Provision:
        first, last = provision.key_range
        if bisect_left(keys, first) == bisect_right(keys, last):
            return provision
        changes: dict[str, str | tuple[Provision, ...]] = {}
        for name, places in spans.get(provision.key, {}).items():
            value, pieces, position = getattr(provision, name), list[str](), 0
            for start, end in sorted(places):
                pieces += (value[position:start], new)
                position = end
            changes[name] = "".join([*pieces, value[position:]])
        children = tuple(map(change, provision.children))
        if any(child is not other for child, other in zip(children, provision.children, strict=True)):
            changes["children"] = children
        return replace(provision, **changes) if changes else provision  # type: ignore[arg-type]

    return change(root)


def _members(provision: Provision, part: Part) -> Iterable[Provision]:
    """Return the provision and all in it, or only the items (各号), or what is not in items."""
    if part == "各号列記以外の部分":
        paragraphs = provision.children if provision.step.kind == "条" else ()
        return provision, *(child for child in paragraphs if child.step.kind == "項")
    if part == "各号":
        return (member for item in provision.walk() if item.step.kind == "号" for member in item.walk())
    return provision.walk()
