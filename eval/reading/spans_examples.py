"""What the span model is fitted on: for each question the candidates of the passages found, and which are right."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import intern

import numpy as np
from numpy.typing import NDArray

from bot.extract.clues import classes, numbers
from bot.extract.reading import READ
from bot.extract.span import Clue, Text, key, phrases
from bot.extract.wanted import Wanted, want
from bot.find.evidence import title_of
from bot.understand.question import understand
from eval.metrics.f1 import character_f1
from eval.ranked.indexed import Indexed, indexed
from eval.reading.reading import readings
from eval.reading.squad import SquadQuestion, evenly, load_squad
from eval.runs.halves import half_of
from eval.runs.progress import tracked
from ingest.settings import Settings

Marks = NDArray[np.bool_]

# Candidates of a passage that are set beside the right ones: it has about 300, and most tell nothing. They are drawn,
# those in a sentence with all of the question's words e^3 as often as those in one with none.
_OTHERS, _NEARER = 50, 3.0
# Where no candidate is a true answer, those are right that are most like one, if their character F1 is at least this.
_LIKE = 0.6


@dataclass(frozen=True, slots=True)
class SpanExample:
    """A question: of each of its candidates the numbers by name, the names of its classes, and whether it is right."""

    numbers: dict[str, NDArray[np.float32]]
    classes: tuple[tuple[str, ...], ...]
    right: Marks


def span_examples(settings: Settings, file: Path, most: int | None) -> list[SpanExample]:
    """Return an example for each question of the fitting half of a SQuAD set that has a right one among its candidates.

    At most `most` questions are asked, evenly from the set. What is drawn is drawn the same each time. Raises
    SetFileError, IngestError.
    """
    squad = load_squad(file)
    asked = evenly(tuple(question for question in squad.questions if half_of(question.id) == "fit"), most)
    if not asked:
        return []
    random = np.random.default_rng(0)
    with indexed(settings, readings(squad.contexts)) as searched:
        made = [_example(searched, question, random) for question in tracked(asked, "候補を集めています")]
    return [example for example in made if example is not None and example.right.any()]


def _example(searched: Indexed, asked: SquadQuestion, random: np.random.Generator) -> SpanExample | None:
    """Return the drawn candidates of all passages found, as the product finds and reads them; None without any."""
    wanted = want(understand(asked.text), searched.index.keyword.idf)
    parts = []
    for rank, hit in enumerate(searched.search(asked.text, READ)):
        text = phrases(title_of(hit.passage.section), hit.passage.text)
        if len(text):
            own = hit.passage.doc_id == str(asked.context)
            right = right_among(text.keys, asked.answers) if own else np.zeros(len(text), np.bool_)
            parts.append(_drawn(wanted, text, rank, right, random))
    return _joined(parts) if parts else None


def right_among(keys: Sequence[str], answers: Sequence[str]) -> Marks:
    """Return which candidates of a question's own passage are right, (candidates,); none may be."""
    true = {key(answer) for answer in answers}
    exact = np.array([name in true for name in keys])
    if exact.any():
        return exact
    like = np.array([character_f1(name, answers) for name in keys])
    near: Marks = (like == like.max()) & (like >= _LIKE)
    return near


def _drawn(wanted: Wanted, text: Text, rank: int, right: Marks, random: np.random.Generator) -> SpanExample:
    """Return the right candidates of a text and some of the others, in the order of the text."""
    columns = numbers(wanted, text, rank)
    others = np.flatnonzero(~right)
    chances = np.exp(_NEARER * columns["sentence"][others])
    size = min(_OTHERS, len(others))
    drawn = random.choice(others, size, replace=False, p=chances / chances.sum()) if size else others
    chosen = np.sort(np.concatenate([np.flatnonzero(right), drawn]))
    named: dict[Clue, tuple[str, ...]] = {}
    for clue in (text.clues[i] for i in chosen):
        if clue not in named:
            named[clue] = tuple(map(intern, classes(wanted, clue)))
    values = {name: column[chosen].astype(np.float32) for name, column in columns.items()}
    return SpanExample(values, tuple(named[text.clues[i]] for i in chosen), right[chosen])


def _joined(parts: Sequence[SpanExample]) -> SpanExample:
    """Return the candidates of several texts as one example; all have numbers of the same names."""
    values = {name: np.concatenate([part.numbers[name] for part in parts]) for name in parts[0].numbers}
    named = tuple(names for part in parts for names in part.classes)
    return SpanExample(values, named, np.concatenate([part.right for part in parts]))
