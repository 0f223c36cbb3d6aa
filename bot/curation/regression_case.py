"""Converts a curated answer into a regression case."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from bot.answers.curated_records import CuratedAnswer
from bot.errors import DeskError
from bot.state.citation_marks import remove_marks
from bot.verification.literals import names, organisation_names
from ingest.documents import Passage
from ingest.japanese import dates, nfkc
from ingest.japanese.mentions.quantities import figures
from ingest.japanese.today import to_japan_date
from ingest.japanese.tokenise import morphemes

# Words that a case requires if an answer has no figure, date or name.
_MAX_WORDS = 3


def to_regression_case(curated: CuratedAnswer, passages: Sequence[Passage]) -> dict[str, Any]:
    """Return a curated answer with the passages of its sources as a case of `eval/cases` (README.md there).

    `must` has a group for each date, figure and name of the answer in the notations of answer and passages, or for
    its longest words if there are none. Raises DeskError if no source has a heading.
    """
    cited = dict.fromkeys(f"{p.doc_id}#{p.section}" for p in passages if p.section)
    if not cited:
        raise DeskError("出典が見出しの下にないため、質問集の形にできません。見出しのある箇所を出典に加えてください。")
    text = nfkc(remove_marks(curated.text))
    source_text = "\n".join(nfkc(passage.text) for passage in passages)
    # One notation of a date is enough, because scorers compare dates in both calendars.
    mentions = [(text[mention.start : mention.end],) for mention in dates(text)]
    literals = [*mentions, *_figures(text, source_text), *_names(text, source_text)]
    if not literals:
        tokens = morphemes(text, "C")
        runs = ["".join(m.surface for m in run) for is_noun, run in groupby(tokens, lambda m: m.is_noun) if is_noun]
        compounds = {run for run in runs if run in source_text}
        words = compounds or {m.surface for m in tokens if m.is_content and m.surface in source_text}
        literals = [(word,) for word in sorted(words, key=lambda word: (-len(word), word))[:_MAX_WORDS]]
    must = list(dict.fromkeys(literals))
    return {
        "id": f"staff-{curated.id[:12]}",
        "kind": "curated",
        "turns": [curated.wordings[0]],
        "must": [list(group) for group in must],
        "cite": list(cited),
        "behave": "answer",
        "as_of": max(to_japan_date(curated.created), curated.valid_from or date.min).isoformat(),
        "tags": ["curated"],
        "provenance": "from-staff",
        "note": f"職員の回答（第{curated.version}版）から",
    }


def _figures(text: str, source_text: str) -> Iterator[tuple[str, ...]]:
    for figure in figures(text):
        same = [other for other in figures(source_text) if (other.value, other.unit) == (figure.value, figure.unit)]
        if same:
            notations = [text[figure.start : figure.end], *(source_text[f.start : f.end] for f in same)]
            yield tuple(dict.fromkeys(notations))


def _names(text: str, source_text: str) -> Iterator[tuple[str, ...]]:
    candidates = dict.fromkeys([*(name for _, name in names(text)), *organisation_names(text)])
    cited_names = [name for name in candidates if name in source_text]
    for name in cited_names:
        if not any(name in other for other in cited_names if other != name):
            yield (name,)
