"""`python -m tests.tools.slow_questions` asks made-up questions of up to 1,000 characters and measures processor time.

Questions are made of every word that code between question and answer looks for (the string literals of `bot/` and
`ingest/japanese/`, its lexicons), of the documents' words and of the office's names. They are asked over a small index,
and over a large one with minutes of 8,000 speeches and a dictionary of 5,000 entries. Time is that of this process.
"""

import argparse
import ast
import gc
import json
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from time import process_time

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import numpy as np

from bot.dictionary.entries import DictionaryEntry
from bot.pipeline import Pipeline, build_pipeline
from bot.privacy.personal import mask_personal_data
from bot.runtime.models import Models
from bot.state import Question, Turn
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.index.index import open_current
from ingest.japanese.today import today
from tests.conftest import ROOT

# What is promised for the slowest.
MOST_S = 0.15
CHARACTERS = 1000
SPEECHES = 8_000
ENTRIES = 5_000
# Speeches of a council in the large index, each with several passages.
_COUNCIL_SPEECHES = 1_700
_SHAPES = (
    "・{0}について、{1}{2}\n",
    "{0}の{1}は{2}ですか。",
    "{0}、{1}、{2}と",
    "{0}{1}{2}",
    "{0}について{1}議員は何と{2}ましたか?",
    "({0}){1}:{2}。",
    "{0}は{1}で、{2}は",
    "{0} ",
)


class Names:
    """A dictionary of so many names for words of the documents."""

    def __init__(self, words: Sequence[str]) -> None:
        self._entries = [
            DictionaryEntry(f"{word}ちゃん", official, id=str(n))
            for n, (word, official) in enumerate(pairwise(words[: ENTRIES + 1]))
        ]

    def stamp(self) -> tuple[int, int]:
        """Return one stamp: nothing changes."""
        return len(self._entries), 1

    def entries(self) -> Sequence[DictionaryEntry]:
        """Return all entries."""
        return self._entries


def write_corpus(folder: Path, data: Path, *, is_large: bool) -> None:
    """Write bulletins and minutes of three towns, in a large corpus also a council's and long minutes."""
    for path in (data / "towns" / "corpus").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    if not is_large:
        return
    speeches = [json.loads(line) for line in (data / "kiryu" / "speeches.jsonl").open(encoding="utf-8")]
    texts = [speech["text"] for speech in speeches if len(speech["text"]) > 100]
    for n in range(0, _COUNCIL_SPEECHES, 100):
        (folder / f"council-{n}.md").write_text(f"# 質疑の記録{n}\n\n" + "\n\n".join(texts[n : n + 100]), "utf-8")
    sentences = [sentence for text in texts for sentence in re.findall(r"[^。\s]{15,40}。", text)][:SPEECHES]
    members = [f"{name}委員" for name in ["青木", "石川", "上田", "江口", "岡田", "加藤", "木村", "工藤"]]
    lines = [f"○{members[n % 8] if n % 2 else '総務課長'} {sentence}" for n, sentence in enumerate(sentences)]
    (folder / "long-minutes.md").write_text("# 令和8年第1回環境審議会会議録\n\n" + "\n\n".join(lines), "utf-8")


def code_words() -> list[str]:
    """Return the Japanese words of the string literals and lexicons between question and answer."""
    texts = [path.read_text("utf-8") for path in ROOT.glob("ingest/japanese/lexicons/*.toml")]
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("ingest/japanese/*.py"), *ROOT.glob("ingest/minutes/*.py")]:
        constants = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
        texts += [node.value for node in constants if isinstance(node.value, str)]
    return sorted({word for text in texts for word in re.findall(r"[一-龥々ぁ-ゖァ-ヺー0-9]{1,12}", text)})


def make_questions(words: Sequence[str], terms: Sequence[str], names: Sequence[str], count: int) -> Iterator[str]:
    """Yield questions, always the same ones: each repeats one to three shapes of sentences."""
    choose = random.Random(56)
    for _ in range(count):
        shapes = choose.sample(_SHAPES, choose.randint(1, 3))
        sources = choose.choices(((*words,), (*terms,), (*names,)), (5, 4, 1), k=3)
        length = choose.choice((200, 500, CHARACTERS, CHARACTERS))
        text = ""
        while len(text) < length:
            text += choose.choice(shapes).format(*(choose.choice(source) for source in sources))
        yield text[:length]


def measure(pipeline: Pipeline, questions: Sequence[str]) -> dict[str, object]:
    """Return percentiles of the seconds of questions, the share over the promise, and the slowest with their steps."""
    rows = []
    for question in questions:
        gc.collect()
        start = process_time()
        turn = Turn(Question(question=mask_personal_data(question), by_model=False), today())
        _, steps = pipeline.answer(turn)
        rows.append((process_time() - start, steps, question))
    seconds = np.array([row[0] for row in rows])
    slowest = sorted(rows, key=lambda row: -row[0])[:5]
    totals: dict[str, float] = {}
    for _, steps, _ in rows:
        for name, milliseconds in steps.items():
            totals[name] = totals.get(name, 0.0) + milliseconds / 1000
    return {
        "questions": len(rows),
        "over": float(np.mean(seconds > MOST_S)),
        "p50_s": float(np.median(seconds)),
        "p95_s": float(np.quantile(seconds, 0.95)),
        "worst_s": float(seconds.max()),
        "steps_s": {name: round(value, 2) for name, value in sorted(totals.items(), key=lambda item: -item[1])[:12]},
        "slowest": [
            (round(s, 3), {k: v for k, v in steps.items() if v > 20}, question) for s, steps, question in slowest
        ],
    }


def main() -> int:
    """Print the figures of both indexes; return 1 if a question takes longer than promised."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.slow_questions", description=__doc__)
    parser.add_argument("--texts", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the texts")
    parser.add_argument("--questions", type=int, default=700)
    parser.add_argument("--data", type=Path, help="folder that keeps the indexes between runs")
    parser.add_argument("--size", choices=("small", "large"), action="append")
    options = parser.parse_args()
    is_short = True
    with tempfile.TemporaryDirectory() as temporary:
        for size in options.size or ("small", "large"):
            folder = (options.data or Path(temporary)) / size
            corpus = folder / "corpus"
            settings = Settings(_env_file=None, data=folder / "data", corpus=corpus)
            corpus.mkdir(parents=True, exist_ok=True)
            write_corpus(corpus, options.texts, is_large=size == "large")
            build(settings, [corpus])
            models = Models(settings)
            with open_current(settings) as index:
                terms = [term for term in index.keyword.vocabulary if len(term) > 1]
                random.Random(1).shuffle(terms)
                names = Names(terms)
                pipeline = build_pipeline(
                    index, models.encoder, reranker=models.reranker, ranker=models.ranker, dictionary=names
                )
                pipeline.warm(today())
                gc.collect()
                gc.freeze()  # as a server does at its start
                name_texts = [entry.name for entry in names.entries()]
                questions = list(make_questions(code_words(), terms, name_texts, options.questions))
                figures = {"passages": len(index.passages), **measure(pipeline, questions)}
            is_short = is_short and not figures["over"]
            sys.stdout.write(json.dumps({size: figures}, ensure_ascii=False, indent=1) + "\n")
    return 0 if is_short else 1


if __name__ == "__main__":
    sys.exit(main())
