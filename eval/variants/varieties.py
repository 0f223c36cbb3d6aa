"""The varieties of variants; a new one is a file and a line here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eval.variants.era import other_era
from eval.variants.kana import in_kana
from eval.variants.misspelling import misspelt
from eval.variants.paraphrase import paraphrased
from eval.variants.width import widths
from ingest.normalise import nfkc

VARIETIES: dict[str, tuple[str, Callable[[str], Iterator[str]]]] = {
    "paraphrase": ("言い回し", paraphrased),
    "misspelling": ("誤字", misspelt),
    "kana": ("かな書き", in_kana),
    "width": ("全角・半角", widths),
    "era": ("和暦・西暦", other_era),
}
"""Name in the figures -> name for a reader, and what makes the variants of a normalised question."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to ask a question."""

    variety: str
    text: str


def variants(question: str) -> list[Variant]:
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
