"""Finds and replaces quoted words in the text of provisions, whatever their widths and spaces."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from ingest.amendments.addresses import Part
from ingest.amendments.provisions import Provision
from ingest.japanese import nfkc_with_spans

_PROVISO = re.compile(r"(?<=。)\s*(?:ただし、|ただし，|但し、)")
_SENTENCE_END = re.compile(r"(?<=。)(?!」|）|\))")
Span = tuple[int, int]


def _squeeze(text: str) -> tuple[str, list[Span]]:
    """Return the text in normal form without white space, and the span in `text` of each character."""
    normal, spans = nfkc_with_spans(text)
    kept = [(character, span) for character, span in zip(normal, spans, strict=True) if not character.isspace()]
    return "".join(character for character, _ in kept), [span for _, span in kept]


def find_words(text: str, words: str) -> list[Span]:
    """Return the spans of `text` that have these words; a figure within a longer one (30日 in 130日) is none."""
    within, spans = _squeeze(text)
    wanted, _ = _squeeze(words)
    if not wanted:
        return []
    found: list[Span] = []
    position = within.find(wanted)
    while position >= 0:
        end = position + len(wanted)
        is_cut = (
            wanted[0].isdigit() and position > 0 and (within[position - 1].isdigit() or within[position - 1] in ",.")
        ) or (
            wanted[-1].isdigit() and end < len(within) and (within[end].isdigit() or re.match(r"[,.]\d", within[end:]))
        )
        if not is_cut:
            found.append((spans[position][0], spans[end - 1][1]))
            position = within.find(wanted, end)
        else:
            position = within.find(wanted, position + 1)
    return found


def part_span(text: str, part: Part) -> Span | None:
    """Return where a part of a provision is in its text; None where it has no such part."""
    if part == "ただし書":
        match = _PROVISO.search(text)
        return (match.start(), len(text)) if match else None
    if part == "本文":
        match = _PROVISO.search(text)
        return (0, match.start()) if match else None
    if part in {"前段", "後段"}:
        match = _SENTENCE_END.search(text)
        if match is None or match.end() >= len(text.rstrip()):
            return None
        proviso = _PROVISO.search(text)
        end = proviso.start() if proviso and proviso.start() > match.end() else len(text)
        return (0, match.end()) if part == "前段" else (match.end(), end)
    return 0, len(text)


Place = tuple[Provision, str, Span]


def find_in_provision(provision: Provision, part: Part, words: str) -> list[Place]:
    """Return each occurrence in a provision and those in it: the provision, the field (text or caption), the span."""
    return list(_occurrences(provision, part, words))


def _occurrences(provision: Provision, part: Part, words: str) -> Iterator[Place]:
    has_caption = part in {"見出し", "題名", "見出しを含む"} or provision.step.kind in {
        "別表",
        "様式",
        "章",
        "節",
        "第",
    }
    if has_caption:
        yield from ((provision, "caption", span) for span in find_words(provision.caption, words))
    if part in {"見出し", "題名"}:
        return
    members = {"各号列記以外の部分": _members, "各号": _items}.get(part, Provision.walk)
    for member in members(provision):
        limit = part_span(member.text, part)
        if limit is not None:
            for start, end in find_words(member.text, words):
                if limit[0] <= start and end <= limit[1]:
                    yield member, "text", (start, end)
        if member is not provision and part == "見出しを含む":
            yield from ((member, "caption", span) for span in find_words(member.caption, words))


def _members(provision: Provision) -> Iterator[Provision]:
    """Yield the provision without its items: an article with its paragraphs."""
    yield provision
    if provision.step.kind == "条":
        yield from (child for child in provision.children if child.step.kind == "項")


def _items(provision: Provision) -> Iterator[Provision]:
    """Yield the items in a provision with all in them."""
    yield from (member for one in provision.walk() if one.step.kind == "号" for member in one.walk())


def replace_spans(provision: Provision, places: list[Place], new: Callable[[str], str]) -> Provision:
    """Return the provision with `new` of the words in each of the places."""
    changed = provision
    for name in ("text", "caption"):
        value = getattr(provision, name)
        spans = sorted(
            (span for one, field, span in places if one.key == provision.key and field == name), reverse=True
        )
        for start, end in spans:
            value = value[:start] + new(value[start:end]) + value[end:]
        if spans:
            changed = replace(changed, **{name: value})
    return replace(changed, children=tuple(replace_spans(child, places, new) for child in provision.children))
