"""Converts a curated answer into a regression case."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from bot.curation.answers import CuratedAnswer
from bot.errors import DeskError
from bot.verification import names, organisation_names, remove_marks
from ingest.documents import Passage
from ingest.japanese import dates, nfkc
from ingest.japanese.figures import figures
from ingest.japanese.today import to_japan_date
from ingest.japanese.tokenise import morphemes

# Words that are asked for where an answer states no figure, date or name.
_WORDS = 3


def to_regression_case(curated: CuratedAnswer, passages: Sequence[Passage]) -> dict[str, Any]:
    """Return the case in the format of `eval/cases` (README.md there); `passages` are those of its sources.

    `must` has a group for each date, figure and name of the answer, as the answer and as the passages write it, or for
    its longest words where it states none. Raises DeskError where no source stands under a heading.
    """
    cited = dict.fromkeys(f"{p.doc_id}#{p.section}" for p in passages if p.section)
    if not cited:
        raise DeskError("出典が見出しの下にないため、質問集の形にできません。見出しのある箇所を出典に加えてください。")
    text = nfkc(remove_marks(curated.text))
    said = "\n".join(nfkc(passage.text) for passage in passages)
    must = list(dict.fromkeys([*_dates(text), *_figures(text, said), *_names(text, said)]))
    return {
        "id": f"staff-{curated.id[:12]}",
        "kind": "curated",
        "turns": [curated.wordings[0]],
        "must": [list(group) for group in must or list(_words(text, said))],
        "cite": list(cited),
        "behave": "answer",
        "as_of": max(to_japan_date(curated.created), curated.valid_from or date.min).isoformat(),
        "tags": ["curated"],
        "provenance": "from-staff",
        "note": f"職員の回答（第{curated.version}版）から",
    }


def _dates(text: str) -> Iterator[tuple[str, ...]]:
    """Yield each date as it is written; the two calendars are one to whoever scores."""
    yield from ((text[m.start : m.end],) for m in dates(text))


def _figures(text: str, said: str) -> Iterator[tuple[str, ...]]:
    """Yield each figure as the answer writes it and as the passages do: 1万件, 10,000件."""
    for figure in figures(text):
        alike = [f for f in figures(said) if (f.value, f.unit) == (figure.value, figure.unit)]
        written = [text[figure.start : figure.end], *(said[f.start : f.end] for f in alike)]
        if alike:  # what is counted or added up by the answer itself stands in no passage
            yield tuple(dict.fromkeys(written))


def _names(text: str, said: str) -> Iterator[tuple[str, ...]]:
    """Yield the names, and the offices and papers; one within another is asked for with it."""
    found = [
        name for name in dict.fromkeys([*(name for _, name in names(text)), *organisation_names(text)]) if name in said
    ]
    yield from ((name,) for name in found if not any(name in other for other in found if other != name))


def _words(text: str, said: str) -> Iterator[tuple[str, ...]]:
    """Yield the longest of the words that the answer has from the passages."""
    found = morphemes(text, "C")
    nouns = ("".join(m.surface for m in run) for is_noun, run in groupby(found, lambda m: m.is_noun) if is_noun)
    runs = {run for run in nouns if run in said}
    words = runs or {m.surface for m in found if m.is_content and m.surface in said}
    yield from ((word,) for word in sorted(words, key=lambda word: (-len(word), word))[:_WORDS])
