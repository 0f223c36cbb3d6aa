"""`make chaos`: every file of an index is damaged in six ways, and each time a question is asked and a build is run.

Nothing may be answered from a damaged index, nobody may see a traceback, and one plain build must mend everything.
"""

import logging
import random
import re
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import track

from bot.answering.state import Question
from bot.errors import BotError
from bot.running.service.service import open_service
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.errors import IngestError
from ingest.index.index import current_name, open_index
from tests.ingest.small_corpus import PLAN, REPORT, make_corpus

Outcome = Literal["right", "error", "changed", "traceback"]
QUESTIONS = ("計画の期間は何年間ですか", "講座には何人が参加しましたか", "窓口の時間はどう変わりましたか")
_SEED = 17


@dataclass(frozen=True, slots=True)
class Trial:
    """A file of the index damaged in one way, with the outcome of a question and of a build."""

    file: str
    way: str
    outcome: Outcome
    said: str
    mended: bool

    @property
    def well(self) -> bool:
        """Return whether a clear error was reported, and a build mended the index."""
        return self.mended and self.outcome == "error"


def _flip_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


# How a file of at least one byte is damaged, given what another file of the index holds.
WAYS: Mapping[str, Callable[[Path, bytes], object]] = {
    "emptied": lambda path, _other: path.write_bytes(b""),
    "truncated": lambda path, _other: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "flipped": lambda path, _other: _flip_byte(path),
    "deleted": lambda path, _other: path.unlink(),
    "garbage": lambda path, _other: path.write_bytes(random.Random(_SEED).randbytes(max(64, path.stat().st_size))),
    "exchanged": lambda path, other: path.write_bytes(other),
}


class Ground:
    """A small corpus and its index.

    With `adapt` a build learns the meaning of words, which takes half of its time and writes no other files.
    """

    def __init__(self, folder: Path, *, adapt: bool = True) -> None:
        self._folder, self._adapt = folder, adapt
        self._corpus = make_corpus(folder / "corpus", plan=PLAN, report=REPORT)
        self._trials = 0
        self._whole = folder / "whole"
        build(self._settings(self._whole), [self._corpus])
        self._right = self._ask(self._settings(self._whole))

    def files(self) -> list[str]:
        """Return the files of the index, `current` among them, as they are named to `trial`."""
        folder = self._index(self._whole)
        return ["current", *sorted(_name(path, folder) for path in folder.rglob("*") if path.is_file())]

    def trial(self, file: str, way: str) -> Trial:
        """Damage one file in a copy of the index, ask, build, and ask again."""
        self._trials += 1
        data = self._folder / f"trial-{self._trials}"
        shutil.copytree(self._whole, data)
        settings = self._settings(data)
        folder = self._index(data)
        files = {_name(path, folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
        path = (files | {"current": data / "current"})[file]
        contents = (each.read_bytes() for each in files.values())
        WAYS[way](path, next(content for content in contents if content != path.read_bytes()))
        outcome, said = self._outcome(settings)
        try:
            return Trial(file, way, outcome, said, self._mended(settings))
        finally:
            shutil.rmtree(data)

    def _settings(self, data: Path) -> Settings:
        return Settings(_env_file=None, data=data, corpus=self._corpus, adapt=self._adapt)

    def _index(self, data: Path) -> Path:
        return data / "generations" / (current_name(self._settings(data)) or "")

    def _ask(self, settings: Settings) -> list[tuple[object, ...]]:
        with open_service(settings) as service:
            answers = [service.ask(Question(question=question)) for question in QUESTIONS]
        return [(a.status, a.answer, [(c.doc_id, c.section, c.quote) for c in a.citations]) for a in answers]

    def _outcome(self, settings: Settings) -> tuple[Outcome, str]:
        try:
            return ("right", "") if self._ask(settings) == self._right else ("changed", "")
        except (BotError, IngestError) as error:
            return "error", str(error)
        except Exception:  # noqa: BLE001 -- that this happens is what is looked for
            return "traceback", traceback.format_exc()

    def _mended(self, settings: Settings) -> bool:
        try:
            build(settings, [self._corpus])
            open_index(settings).close()
            return self._ask(settings) == self._right
        except Exception:  # noqa: BLE001 -- as above
            return False


def _name(path: Path, folder: Path) -> str:
    # Without the folder that Chroma names anew each time.
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}/", "", path.relative_to(folder).as_posix())


def main() -> int:
    """Damage each file in each way; return 1 if a trial failed."""
    console = Console(width=120)
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(folder))
        planned = [(file, way) for file in ground.files() for way in WAYS]
        progress = track(planned, "chaos", console=Console(stderr=True))
        done = [ground.trial(file, way) for file, way in progress]
    console.print(dict(Counter(trial.outcome for trial in done)))
    bad = [trial for trial in done if not trial.well]
    for trial in bad:
        console.print(f"{trial.file} {trial.way}: {trial.outcome}, mended {trial.mended}\n{trial.said}")
    console.print(f"{len(done)} trials, {len(bad)} bad, {sum(not trial.mended for trial in done)} not mended")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
