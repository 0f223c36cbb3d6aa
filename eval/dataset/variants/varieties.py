"""Registry of the varieties of variants."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eval.dataset.variants.era import swap_era
from eval.dataset.variants.kana import write_in_kana
from eval.dataset.variants.misspelling import misspell
from eval.dataset.variants.paraphrase import paraphrase_question
from eval.dataset.variants.width import change_width
from ingest.japanese import nfkc

VARIETIES: dict[str, tuple[str, Callable[[str], Iterator[str]]]] = {
    "paraphrase": ("言い回し", paraphrase_question),
    "misspelling": ("誤字", misspell),
    "kana": ("かな書き", write_in_kana),
    "width": ("全角・半角", change_width),
    "era": ("和暦・西暦", swap_era),
}
"""Name in the figures -> name for a reader, and what makes the variants of a normalised question."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to ask a question."""

    variety: str
    text: str


def make_variants(question: str) -> list[Variant]:
    """Return the variants of `question` that differ from it, and from one another; it may have none."""
    normal = nfkc(question)
    seen = {question, normal}
    found = []
    for variety, (_, made) in VARIETIES.items():
        for text in made(normal):
            if text not in seen:
                seen.add(text)
                found.append(Variant(variety, text))
    return found
