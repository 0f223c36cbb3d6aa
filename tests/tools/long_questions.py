"""Asks the longest questions that words can make of an index, and names those that take most work.

.venv/bin/python -m tests.tools.long_questions var --questions 300
"""

import argparse
import random
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

from bot.answering.question.text_limits import MAX_QUESTION_CHARS
from bot.answering.state import Question
from bot.errors import BadQuestionError
from bot.running.service.service import Service
from ingest.configuration.environment import read_settings
from tests.conftest import ROOT

DIGITS = "0123456789０１二三/-.:年月日第回円%人 "
BRACKETS = "「」『』()（）【】〔〕[]{}<>"
MIXED = "、。?？!！\n　 のはがをにでとも"


def words_of_lists() -> list[str]:
    """Return the words of all lists that the product ships."""
    texts = (path.read_text("utf-8") for package in ("bot", "ingest") for path in (ROOT / package).rglob("*.toml"))
    return sorted({word for text in texts for value in leaves(tomllib.loads(text)) for word in value.split()})


def leaves(value: Any) -> Iterator[str]:
    """Yield the texts in a decoded TOML file."""
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from leaves(each)


def long_questions(titles: list[str], chance: random.Random) -> Iterator[str]:
    """Yield questions of the greatest length, of one kind after the other, without end."""
    words = words_of_lists()
    draw = chance.choice

    def half_title() -> str:
        title = draw(titles)
        return draw([title[: len(title) // 2], " ".join(title), title + "の"])

    few = [draw(words) for _ in range(3)]
    kinds: tuple[Callable[[], str], ...] = (
        lambda: draw(words),
        lambda: draw(words) + draw(MIXED),
        lambda: draw(few),
        half_title,
        lambda: draw(BRACKETS),
        lambda: draw(BRACKETS) + draw(words),
        lambda: draw(DIGITS),
        lambda: draw(DIGITS) + draw(words),
        lambda: few[0][:1],
        lambda: few[0][:1] + draw(" 　、。"),
        lambda: draw(["4月1日", "時点で", "令和5年", "〜", "9時", "第2", "月曜", "、"]),
    )
    while True:
        for kind in kinds:
            few = [draw(words) for _ in range(3)]
            text = ""
            while len(text) < MAX_QUESTION_CHARS:
                text += kind() or "あ"
            yield text[:MAX_QUESTION_CHARS]


def main() -> None:
    """Print the questions that took most CPU seconds, longest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="data folder with an index")
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    settings = read_settings().model_copy(update={"data": options.data.resolve(), "vectors": ""})
    service = Service(settings, date.today)
    titles = [state.document.title for state in service.documents()]
    questions = long_questions(titles, random.Random(options.seed))
    taken = []
    for number, text in zip(range(options.questions + 5), questions, strict=False):
        start = process_time()
        with suppress(BadQuestionError):
            service.ask(Question(question=text))
        if number >= 5:  # the first load dictionaries and models
            taken.append((process_time() - start, text))
    for seconds, text in sorted(taken, reverse=True)[:8]:
        sys.stdout.write(f"{seconds:.2f} s  {text[:70]!r}\n")
    sys.stdout.write(f"median {sorted(taken)[len(taken) // 2][0]:.2f} s\n")


if __name__ == "__main__":
    main()
