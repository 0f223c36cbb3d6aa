"""The questions that the decision is tried on, each set over its own passages."""

import json
from collections.abc import Callable, Collection, Sequence
from datetime import date
from pathlib import Path

from bot.pipeline import Pipeline
from bot.turn import Draft
from eval.decision.decision import Asked, Tried, try_all
from eval.errors import SetFileError
from eval.metrics.contained import plain
from eval.ranked.beir import load_beir
from eval.ranked.indexed import indexed
from eval.ranked.retrieval import readings as entries
from eval.reading.reading import readings as contexts
from eval.reading.squad import evenly, load_squad
from eval.regression.data import load_cases
from eval.regression.sets import own_sets
from eval.runs.aside import aside
from eval.runs.lines import placed_lines
from ingest.build import build
from ingest.documents import Passage, Reading
from ingest.encoders import open_encoder
from ingest.index import open_index
from ingest.settings import Settings

# The public sets tell of no day; no document of theirs has a date either.
_DAY = date(2026, 1, 1)


def try_squad(settings: Settings, file: Path, most: int) -> list[Tried]:
    """Try a set in the format of SQuAD: right is an answer that holds the true one."""
    squad = load_squad(file)
    texts = [context.text for context in squad.contexts]
    asked = [
        Asked(q.id, q.text, _DAY, _holds_one_of(q.answers), _is_text(texts[q.context]))
        for q in evenly(squad.questions, most)
    ]
    return _try(settings, file.parent.name, contexts(squad.contexts), asked)


def try_beir(settings: Settings, folder: Path, split: str, unanswerable: Path | None) -> list[Tried]:
    """Try a set in the format of BEIR: right is an answer that cites a relevant entry; `unanswerable` has none."""
    beir = load_beir(folder, split)
    asked = [
        Asked(query.id, query.text, _DAY, _cites(relevant), _is_of(relevant))
        for query in beir.queries
        if (relevant := frozenset(doc_id for doc_id, grade in beir.grades[query.id].items() if grade > 0))
    ]
    if unanswerable:
        asked += [Asked(f"none-{n}", text, _DAY, _never, None) for n, text in enumerate(_texts(unanswerable), 1)]
    return _try(settings, folder.name, entries(beir.corpus), asked)


def try_own(settings: Settings) -> list[Tried]:
    """Try the own cases of one turn: they tell where an answer is due, and so what the decision is to be."""
    found: list[Tried] = []
    for one in own_sets():
        if one.is_there:
            cases = [c for c in load_cases(one.files) if len(c.turns) == 1 and c.behave != "clarify"]
            asked = [
                Asked(c.id, c.turns[0], c.as_of or _DAY, _any, _any if c.behave == "answer" else None, taken_away=False)
                for c in cases
            ]
            with aside(settings) as apart:
                build(apart, one.corpora)
                with open_index(apart) as index:
                    found += try_all(one.name, asked, Pipeline(index, open_encoder(apart)))
    return found


def _try(settings: Settings, name: str, readings: Sequence[Reading], asked: Sequence[Asked]) -> list[Tried]:
    with indexed(settings, readings) as over:
        return try_all(name, asked, Pipeline(over.index, over.encoder))


def _texts(file: Path) -> list[str]:
    """Return the questions of a file of JSON lines with `text`; raises SetFileError for another line."""
    texts = []
    for where, line in placed_lines(file):
        try:
            texts.append(str(json.loads(line)["text"]))
        except (ValueError, KeyError, TypeError) as error:
            raise SetFileError(f'{where}: {{"text"}} の JSON として読めません。') from error
    return texts


def _holds_one_of(answers: Sequence[str]) -> Callable[[Draft], bool]:
    return lambda draft: any(plain(answer) in plain(draft.text) for answer in answers)


def _is_text(text: str) -> Callable[[Passage], bool]:
    return lambda passage: passage.text == text


def _cites(doc_ids: Collection[str]) -> Callable[[Draft], bool]:
    return lambda draft: any(source.passage.doc_id in doc_ids for source in draft.sources)


def _is_of(doc_ids: Collection[str]) -> Callable[[Passage], bool]:
    return lambda passage: passage.doc_id in doc_ids


def _any(_: object) -> bool:
    return True


def _never(_: Draft) -> bool:
    return False
