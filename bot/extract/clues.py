"""What speaks for each candidate of a text as the answer: numbers, and classes of the grammar.

After the logistic regression of Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text"
(arXiv:1606.05250, section 5), with particles, counters and the noun asked for in place of dependency paths.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from bot.extract.nearness import Nearness
from bot.extract.shape import core
from bot.extract.span import Clue, Text, key
from bot.extract.wanted import Wanted

Column = NDArray[np.float32] | NDArray[np.float64] | NDArray[np.bool_]
# Morphemes within which a word stands beside a candidate, and characters within which the noun asked for does.
_BESIDE, _BESIDE_CHARS = 3, 8


def numbers(wanted: Wanted, text: Text, rank: int) -> dict[str, Column]:
    """Return the numbers by name, each (candidates,); `rank` counts the passages found from 0. A name may be absent."""
    near = Nearness(wanted.words, text)
    return {
        **_coverage(wanted, text, near, rank),
        **_itself(wanted, text, near),
        **_beside(wanted, near),
        **_noun(wanted, text),
        **_counter(wanted, text),
        **_particle(wanted, text, near),
    }


def classes(wanted: Wanted, clue: Clue) -> Iterator[str]:
    """Yield the names of the classes that a candidate with this clue is in, for this question."""
    shape, before, behind, size = clue
    way = wanted.way
    yield f"shape {shape}"
    yield f"way {way}, {shape}"
    yield f"kind {wanted.asked.kind}, {core(shape)}"
    yield f"noun {wanted.head_kind}, {core(shape)}"
    yield f"before {before}"
    yield f"behind {behind}"
    yield f"way {way}, behind {behind}"
    yield f"way {way}, before {before}"
    yield f"{core(shape)}, behind {behind}"
    yield f"{core(shape)}, before {before}"
    yield f"asked {wanted.particle}, behind {behind}"
    yield f"size {size}"


def _coverage(wanted: Wanted, text: Text, near: Nearness, rank: int) -> dict[str, Column]:
    """Tell how much of the question the sentence, it and the one before it, and the passage hold.

    A heading counts as the best sentence under it.
    """
    own, around = near.covered(), near.covered(with_before=True)
    letters = _letters(wanted, text)
    best = [float(values[1:].max(initial=0.0)) for values in (own, around, letters)]
    sentence = text.sentence_of[text.first]
    columns = [
        np.where(text.in_heading, most, v[sentence]) for most, v in zip(best, (own, around, letters), strict=True)
    ]
    return {
        "sentence": columns[0],
        "sentence and before": columns[1],
        "letters": columns[2],
        "passage": np.full(len(text), near.covered_anywhere()),
        "rank": np.full(len(text), float(rank)),
        "first": np.full(len(text), rank == 0),
        "heading": text.in_heading,
        "heading of": text.in_heading * best[0],
    }


def _letters(wanted: Wanted, text: Text) -> NDArray[np.float64]:
    """Return the share of the question's pairs of letters in each sentence: words that are split otherwise."""
    asked = _pairs(wanted.asked.text)
    return np.array([len(asked & _pairs(said)) for said in text.said]) / max(1, len(asked))


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _itself(wanted: Wanted, text: Text, near: Nearness) -> dict[str, Column]:
    """Tell what of the question is in the candidate, and whether the question offers it."""
    question = wanted.asked.text.replace(" ", "")
    heading = key(text.text[: text.body])
    known = {name: name in question for name in dict.fromkeys(text.keys)}
    inside = near.inside()
    return {
        "words of the question": inside,
        "no word of the question": inside == 0,
        "all in the question": np.array([known[name] for name in text.keys]),
        "offered": np.array([known[name] and wanted.offers(name) for name in text.keys]),
        "is the heading": np.array([name == heading for name in text.keys]),
        "in the heading": np.array([name in heading for name in text.keys]),
        "length": np.log1p(text.ends - text.starts),
    }


def _beside(wanted: Wanted, near: Nearness) -> dict[str, Column]:
    """Tell how near the question's words stand, and whether those beside its interrogative stand beside here too."""
    left, right = near.left, near.right
    return {
        "left": near.weigh(left, 2),
        "right": near.weigh(right, 2),
        "far left": near.weigh(left, 8),
        "far right": near.weigh(right, 8),
        "around": near.weigh(np.minimum(left, right), 8),
        "same before": near.any_within(left, wanted.before, _BESIDE),
        "same behind": near.any_within(right, wanted.after, _BESIDE),
        "before, behind": near.any_within(right, wanted.before, _BESIDE),
        "behind, before": near.any_within(left, wanted.after, _BESIDE),
    }


def _noun(wanted: Wanted, text: Text) -> dict[str, Column]:
    """Tell how the candidate stands to the noun asked for (どの国, 監督は誰)."""
    noun = wanted.head
    if not noun:
        return {}
    ends = np.array([name.endswith(noun) for name in text.keys])
    equal = np.array([name == noun for name in text.keys])
    return {
        f"{wanted.way}: ends in the noun": ends & ~equal,
        f"{wanted.way}: ends in its last letter": np.array([name.endswith(noun[-1]) for name in text.keys]) & ~equal,
        "is the noun": equal,
        "noun in the sentence": np.array([noun in said for said in text.said])[text.sentence_of[text.first]],
        "noun before": np.array([noun[-2:] in text.text[max(0, a - _BESIDE_CHARS) : a] for a in text.starts]),
        "noun behind": np.array([noun[-2:] in text.text[b : b + _BESIDE_CHARS] for b in text.ends]),
    }


def _counter(wanted: Wanted, text: Text) -> dict[str, Column]:
    """Tell whether the candidate is a figure with the counter asked for."""
    unit = wanted.unit
    if not unit:
        return {}
    inside = np.array([unit in name for name in text.keys])
    return {
        "with counter": inside,
        "without counter": ~inside,
        "ends in counter": np.array([name.endswith(unit) for name in text.keys]),
        "counter behind": np.array([text.text.startswith(unit, b) for b in text.ends]),
    }


def _particle(wanted: Wanted, text: Text, near: Nearness) -> dict[str, Column]:
    """Tell whether the candidate has the interrogative's particle, and the question's predicate behind it."""
    behind = [text.morphemes[i + 1].surface if i + 1 < len(text.morphemes) else "" for i in text.last]
    return {
        "same particle": np.array([bool(wanted.particle) and surface == wanted.particle for surface in behind]),
        "predicate behind": near.any_within(near.right, wanted.predicate, len(text.morphemes)),
        "predicate beside": near.any_within(near.right, wanted.predicate, _BESIDE + 1),
    }


def table(columns: Mapping[str, Column], names: Mapping[str, int], size: int) -> NDArray[np.float32]:
    """Return the columns called `names` side by side, (size, len(names)); zeros where one is absent."""
    values = np.zeros((size, len(names)), dtype=np.float32)
    for name, column in columns.items():
        if name in names:
            values[:, names[name]] = column
    return values
