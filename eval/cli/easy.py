"""`python -m eval easy`: measures readability and hard words of answers in easy Japanese."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr
from rich.table import Table

from bot.cli.arguments import integer_between
from bot.service import Service, open_service
from bot.state import Question, Style
from bot.verification import CITED
from eval.cli.command import Command, report_measurement
from eval.errors import EvalError
from eval.metrics.reading_ease import hard_words, reading_ease
from eval.metrics.statistics import standard_error
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.japanese.sentences import sentences

_QUESTIONS = 60
_TITLES = {
    "reading_ease": "読みやすさ RS（建石ほか 1988。高いほどやさしい）",
    "hard_share": "むずかしい言葉の割合",
    "hard_words": "1回答のむずかしい言葉",
    "sentence_letters": "1文の文字",
    "letters": "1回答の文字",
}


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--data", type=Path, metavar="DIR", help="このフォルダーで使用中の索引に尋ねる")
    command.add_argument(
        "--limit",
        type=integer_between(1, 10_000),
        default=_QUESTIONS,
        metavar="N",
        help=f"索引が持つ質問の例のうち、尋ねる数（既定: {_QUESTIONS}）",
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・1件ごとの回答とむずかしい言葉・数値の保存先")


def _run(options: Namespace) -> int:
    settings = read_settings(data=options.data)
    rows = _ask_examples(settings, options.limit)
    if not rows:
        raise EvalError("索引に質問の例がありません。python -m ingest build --full で作り直してください。")
    figures = {"n": len(rows)} | {style: _figures([row[style] for row in rows]) for style in ("standard", "easy")}
    return report_measurement(
        options, EASY.name, settings, figures, lambda console: console.print(_figure_table(figures)), rows=rows
    )


def _ask_examples(settings: Settings, limit: int) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        unrecorded = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{folder}/records.sqlite")})
        with open_service(unrecorded) as service:
            answered = [(question, _ask_both_styles(service, question)) for question in service.examples(limit)]
    return [{"question": question} | answers for question, answers in answered if answers]


def _ask_both_styles(service: Service, question: str) -> dict[str, dict[str, Any]] | None:
    answers = dict[str, dict[str, Any]]()
    styles: tuple[Style, ...] = ("standard", "easy")
    for style in styles:
        answer = service.ask(Question(question=question, style=style))
        if answer.status not in CITED:
            return None
        answers[style] = {"answer": answer.answer} | dict(_measure_text(answer.answer))
    return answers


def _measure_text(text: str) -> Iterator[tuple[str, Any]]:
    hard, words = hard_words(text)
    lines = [sentence for line in text.splitlines() for sentence in sentences(line) if sentence.strip()]
    letters = sum(map(len, lines))
    yield "reading_ease", reading_ease(text)
    yield "hard", hard
    yield "hard_words", len(hard)
    yield "hard_share", len(hard) / max(words, 1)
    yield "sentence_letters", letters / max(len(lines), 1)
    yield "letters", letters


def _figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    figures = dict[str, float]()
    for name in _TITLES:
        values = [float(row[name]) for row in rows]
        figures |= {name: sum(values) / len(values), f"{name}_se": standard_error(values)}
    return figures


def _figure_table(figures: Mapping[str, Any]) -> Table:
    table = Table("", "ふつう", "やさしい", title=f"やさしい日本語（{figures['n']}問）", title_justify="left")
    for name, title in _TITLES.items():
        both = (figures[style] for style in ("standard", "easy"))
        table.add_row(
            title, *(f"{style_figures[name]:.2f} ± {style_figures[f'{name}_se']:.2f}" for style_figures in both)
        )
    return table


EASY = Command("easy", "やさしい日本語の回答の読みやすさと、残るむずかしい言葉を測る", _arguments, _run)
