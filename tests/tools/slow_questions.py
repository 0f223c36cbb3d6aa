"""`python -m tests.tools.slow_questions --data DIR` asks made-up questions and measures their processor time.

Long questions have 1,000 characters, short ones up to 40. They are made of the words that code between question and
answer looks for (lexicons, string literals of `bot/` and `ingest/japanese/`), of sentences of the documents, and of
random characters; always the same ones for one seed and index. Time is that of this process, records included.
"""

import argparse
import ast
import gc
import os
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from time import process_time

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import numpy as np

from bot.errors import BadQuestionError, QuestionTooLongError
from bot.question.text_limits import check_question
from bot.service import open_service
from bot.state import Question
from ingest.configuration.settings import Settings
from ingest.index.index import open_index
from ingest.japanese.sentences import sentences
from tests.conftest import ROOT

LONG, SHORT = 1_000, 40
_SHAPES = (
    *("・{0}について、{1}{2}\n", "{0}の{1}は{2}ですか。", "{0}、{1}、{2}と", "{0}{1}{2}", "「{0}」の「{1}」と『{2}』"),
    *("{0}について{1}議員は何と{2}ましたか?", "({0}){1}:{2}。", "{0}と{1}の違いは{2}", "{0} "),
)
# What people paste: numbers, mails, places, brackets, emoji, and a ligature that is 18 characters in normal form.
_PIECES = (
    *("令和6年度", "2024年4月1日", "12,345円", "第3次", "前の計画", "旧計画", "何回", "何人", "いくつ", "午前9時"),
    *("090-1234-5678", "a.b@example.jp", "https://example.jp/a?b=c", "4111 1111 1111 1111", "〒920-8577", "1-2-3"),
    *("「", "」", "『", "(", ")", "【", "。", "?", "\n", " ", "🎉", "👨‍👩‍👧", "ﷺ", "㍿", "ｱｲｳ", "１２３"),
)


def code_words() -> list[str]:
    """Return the Japanese words of lexicons and string literals between question and answer."""
    texts = [path.read_text("utf-8") for pattern in ("ingest", "bot") for path in ROOT.glob(f"{pattern}/**/*.toml")]
    for path in (*ROOT.glob("bot/**/*.py"), *ROOT.glob("ingest/japanese/*.py")):
        constants = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
        texts += [node.value for node in constants if isinstance(node.value, str)]
    return sorted({word for text in texts for word in re.findall(r"[一-龥々ぁ-ゖァ-ヺー0-9]{1,12}", text)})


def make_questions(choose: random.Random, words: Sequence[str], texts: Sequence[str], length: int) -> Iterator[str]:
    """Yield questions of `length` characters without end: shapes of words, random text, and repeated sentences."""
    shapes, repeated, own_words = list(_SHAPES), list(texts), list(words)

    def fill_shape() -> str:
        sources = choose.choices((words, _PIECES, own_words), (5, 3, 3), k=3)
        return choose.choice(shapes).format(*map(choose.choice, sources))

    makers: tuple[Callable[[], str], ...] = (
        *(fill_shape,) * 4,
        lambda: choose.choice(_PIECES),
        lambda: chr(choose.choice((choose.randint(0x20, 0x24F), choose.randint(0x3040, 0x9FFF), 0xFDFA))),
        lambda: choose.choice(repeated),
        lambda: repeated[0],
    )
    while True:
        shapes = choose.sample(_SHAPES, choose.randint(1, 3))
        repeated = choose.sample(texts, min(3, len(texts)))
        own_words = re.findall(r"\w{2,12}", "".join(repeated)) or list(words)
        chosen = choose.sample(makers, choose.randint(1, 2))
        text = ""
        while len(text) < length:
            text += choose.choice(chosen)()
        with suppress(BadQuestionError, QuestionTooLongError):  # refused at once, so nothing to measure
            check_question(text[:length])
            yield text[:length]


def main() -> int:
    """Print percentiles and the slowest questions; return 1 if one takes longer than allowed."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.slow_questions", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data folder with an index")
    parser.add_argument("--questions", type=int, default=100, help="number of long questions")
    parser.add_argument("--short", type=int, default=50, help="number of short questions")
    parser.add_argument("--seed", type=int, default=65)
    parser.add_argument("--most-s", type=float, default=0.3, help="processor seconds that no question may exceed")
    options = parser.parse_args()
    choose = random.Random(options.seed)
    rows: list[tuple[float, str]] = []
    with tempfile.TemporaryDirectory() as records:
        settings = Settings(_env_file=None, data=options.data, database_url=f"sqlite:///{records}/records.db")
        with open_index(settings) as index:
            passages = choose.sample(range(len(index.passages)), min(200, len(index.passages)))
            texts = [sentence for row in passages for sentence in sentences(index.passages[row].text)]
        with open_service(settings) as service:
            service.warm()
            gc.collect()
            gc.freeze()  # as a server does at its start
            for length, count in ((LONG, options.questions), (SHORT, options.short)):
                made = make_questions(choose, code_words(), texts, length)
                for text in islice(made, count):
                    start = process_time()
                    service.ask(Question(question=text))
                    rows.append((process_time() - start, text))
                p50, p95, worst = np.quantile([row[0] for row in rows[-count:]], (0.5, 0.95, 1))
                sys.stdout.write(f"{length:5} characters, n {count}: p50 {p50:.3f} p95 {p95:.3f} worst {worst:.3f} s\n")
    for taken, text in sorted(rows, reverse=True)[:3]:
        sys.stdout.write(f"{taken:.3f} s {text!r}\n")
    return int(max(rows)[0] > options.most_s)


if __name__ == "__main__":
    sys.exit(main())
