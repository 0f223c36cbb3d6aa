"""Reads what a plan says under the headings that plans have: vision, principles, pillars, targets, organisation."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.characters import normalise_without_spaces
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.markers import ITEM_MARK, strip_heading_number
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.quantities import quantities
from ingest.japanese.sentences import split_document_sentences
from ingest.japanese.tokenise import LIGHT_WORDS, morphemes

ASPECTS = (
    "targets",
    "principles",
    "vision",
    "pillars",
    "structure",
    "organisation",
    "positioning",
    "scope",
    "period",
    "costs",
    "review",
)
_WORDS = load_lexicon("plan_aspects")
_HEADINGS = {name: re.compile("|".join((*_WORDS[name], *_WORDS.get(f"{name}_headed", ())))) for name in ASPECTS}
# A number or a numbered word before a name: 1. · Ⅱ　· 原則1　· 挑戦その2：
_NUMBER = rf"[\dⅠ-Ⅻⅰ-ⅻ{KANJI_DIGITS}十IVX]{{1,4}}"
_NUMBERED = re.compile(
    rf"^(?:(?:[一-龥ァ-ヶ]{{1,5}}|)(?:その|第)?{_NUMBER}(?:の柱|つ目)?|その{_NUMBER})(?:[\s\u3000.．:：、]+|$)"
)
_QUOTE_MARK = re.compile(r"^[>＞]\s*")
_SEPARATOR = re.compile(r"[\u3000：]|:\s|\s{2,}|\s[-―—–]+\s|[―—–]{2}")
_ARROW = re.compile(r"→|⇒|から(?=[^、。]*(?:へ|に))")
_BRACKETED = re.compile(r"[（(][^（()）]*[)）]")
_LONGEST_LABEL, _MIN_SHARED = 36, 0.5
# Aspects that list things; the others are stated in sentences.
_LISTS = frozenset({"targets", "principles", "vision", "pillars", ""})
_ASIDE = re.compile(rf"^(?:{'|'.join(_WORDS['asides'])})")
_MEASURE_COLUMN = re.compile("|".join(_WORDS["measure_columns"]))
_NUMBER_ONLY = re.compile(rf"^{_NUMBER}$")


@dataclass(frozen=True, slots=True)
class PlanItem:
    """What a plan lists under a heading: its short name, and the verbatim line of the passage."""

    name: str
    text: str
    passage_id: str

    @property
    def key(self) -> str:
        """The name without number and spaces, the same in two plans that list the same thing."""
        return normalise_without_spaces(nfkc(strip_number(self.name)))


@dataclass(frozen=True, slots=True)
class PlanAspect:
    """What a plan says under one heading; `name` is one of ASPECTS, "" for a heading of its own."""

    name: str
    heading: str
    items: tuple[PlanItem, ...]


def strip_number(name: str) -> str:
    """Return a name without the number or numbered word before it: 原則1　早めに直す → 早めに直す."""
    stripped = strip_heading_number(name)
    return _NUMBERED.sub("", nfkc(stripped)).strip() or stripped


def read_aspects(document: Document, passages: Sequence[Passage]) -> tuple[PlanAspect, ...]:
    """Return the aspects of a document in their order; one for each heading that holds items or statements."""
    title = normalise_without_spaces(document.title)
    paths = [tuple(one for one in passage.path if normalise_without_spaces(one) != title) for passage in passages]
    aspects, seen = list[PlanAspect](), set[tuple[str, ...]]()
    for path in paths:
        for depth in range(len(path)):
            branch = path[: depth + 1]
            if branch in seen:
                continue
            seen.add(branch)
            under = [
                (own[depth + 1 :], passage)
                for own, passage in zip(paths, passages, strict=True)
                if own[: depth + 1] == branch
            ]
            name = aspect_of_heading(branch[-1])
            if any(aspect_of_heading(rest[0]) for rest, _ in under if rest):
                continue
            if items := tuple(item for item in _items(under, name) if not _ASIDE.match(nfkc(item.text))):
                aspects.append(PlanAspect(name, branch[-1], items))
            if name == "pillars" and (measures := tuple(_measures(under))):
                aspects.append(PlanAspect("measures", branch[-1], measures))
    return tuple(aspects)


def aspect_of_heading(heading: str) -> str:
    """Return the aspect that a heading is of, "" for none."""
    text = _BRACKETED.sub("", nfkc(strip_heading_number(heading))) or nfkc(heading)
    if _NUMBERED.match(text):
        return ""
    return next((name for name, words in _HEADINGS.items() if words.search(text)), "")


def target_value(text: str) -> str:
    """Return the value that a statement of a target aims at, "" for none: 4件→50件 → 50件."""
    after = _ARROW.split(_BRACKETED.sub("", nfkc(text)))[-1]
    found = [one for one in quantities(after) if one.unit and not one.unit.startswith("年")]
    return after[found[-1].start : found[-1].end] if found else ""


def target_number(text: str) -> tuple[Decimal, str] | None:
    """Return the figure and unit that a statement of a target aims at."""
    found = quantities(target_value(text))
    return (found[0].value, found[0].unit) if found else None


def match_items(old: Sequence[PlanItem], new: Sequence[PlanItem]) -> list[tuple[PlanItem | None, PlanItem | None]]:
    """Return the items of two plans in pairs: those of one name, then those that share most of their words.

    None stands where a plan lacks the item.
    """
    left, pairs = list(old), list[tuple[PlanItem | None, PlanItem | None]]()
    for item in new:
        before = next((one for one in left if one.key == item.key), None) or _most_similar(item, left)
        if before:
            left.remove(before)
        pairs.append((before, item))
    return [*pairs, *((one, None) for one in left)]


def _most_similar(item: PlanItem, others: Sequence[PlanItem]) -> PlanItem | None:
    """Return the item whose sentence shares most words; short names have to be equal."""
    if not item.name.endswith("。"):
        return None
    words = content_words(item.name)
    shares = [
        (len(words & (own := content_words(one.name))) / max(1, min(len(words), len(own))), one) for one in others
    ]
    share, best = max(shares, key=lambda pair: pair[0], default=(0.0, None))
    return best if share >= _MIN_SHARED else None


def content_words(text: str) -> frozenset[str]:
    """Return the normal forms of the words of a text that name things."""
    return frozenset(
        m.normal
        for m in morphemes(nfkc(text))
        if m.is_content
        and m.pos[0] in {"名詞", "動詞", "形容詞"}
        and m.pos[1] != "数詞"
        and m.normal not in LIGHT_WORDS
    )


def _measures(under: Sequence[tuple[tuple[str, ...], Passage]]) -> Iterator[PlanItem]:
    """Yield the measures of pillars: the items under their headings, or those in a column of measures."""
    for rest, passage in under:
        if rest:
            yield from _listed(passage)
        for cell in passage.cells[1:] if passage.kind == "row" and not rest else ():
            if _MEASURE_COLUMN.search(nfkc(cell.column)):
                for part in cell.value.split("、"):
                    yield PlanItem(part.strip(), part.strip(), passage.id)


def _items(under: Sequence[tuple[tuple[str, ...], Passage]], name: str) -> Iterator[PlanItem]:
    """Yield what a heading lists: the headings under it, else its rows, list items or sentences."""
    first = dict[str, Passage]()
    for rest, passage in under:
        if rest:
            first.setdefault(rest[0], passage)
    if first:
        for heading, passage in first.items():
            yield PlanItem(strip_heading_number(heading), strip_heading_number(heading), passage.id)
        return
    passages = [passage for _, passage in under]
    listed = [item for passage in passages for item in _listed(passage)]
    if not listed or name not in _LISTS:
        yield from (item for passage in passages for item in _sentences(passage))
    yield from listed


def _listed(passage: Passage) -> Iterator[PlanItem]:
    if passage.kind == "row" and passage.cells:
        cells = [cell for cell in passage.cells if cell.value.strip()]
        named = [cell for cell in cells if not _is_number(cell.value)] or cells[:1]
        if named:
            rest = [cell for cell in cells if cell is not named[0]]
            value = f"：{rest[-1].value.strip()}" if rest else ""
            yield PlanItem(named[0].value.strip(), f"{named[0].value.strip()}{value}", passage.id)
    elif passage.kind == "list":
        for line in passage.text.splitlines():
            mark = ITEM_MARK.match(line)
            text = line[mark.end() :].strip() if mark else ""
            text = strip_heading_number(text) if text else ""
            if text:
                yield PlanItem(_name(text), text, passage.id)


def _is_number(text: str) -> bool:
    """Whether a cell only numbers its row: 3 · 基本目標3."""
    text = nfkc(text).strip()
    return bool(_NUMBER_ONLY.match(text) or _NUMBERED.fullmatch(text))


def _name(text: str) -> str:
    """Return the name before the explanation of an item, the item itself where it has none."""
    numbered = _NUMBERED.match(text)
    start = numbered.end() if numbered and numbered.end() < len(text) else 0
    match = _SEPARATOR.search(text, start + 1)
    name = text[: match.start()] if match else text
    return name if len(name) <= _LONGEST_LABEL else text


def _sentences(passage: Passage) -> Iterator[PlanItem]:
    unmarked = "\n".join(
        line for line in passage.text.splitlines() if passage.kind != "list" or not ITEM_MARK.match(line)
    )
    for sentence in split_document_sentences(unmarked) if passage.kind != "row" else ():
        if text := _QUOTE_MARK.sub("", sentence.strip()):
            yield PlanItem(text, text, passage.id)
