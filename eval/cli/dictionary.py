"""`python -m eval dictionary`: measures what the entries of a dictionary change."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from eval.cli.command import Command, means_json, report_measurement, show_means
from eval.errors import SetFileError
from eval.metrics.statistics import compute_mean
from ingest.configuration.environment import read_settings

if TYPE_CHECKING:
    from eval.benchmarks.dictionary_questions import QuestionEffect

_TITLES = {
    "right_before": "呼び名の質問に正しく答えた(辞書なし)",
    "right_after": "呼び名の質問に正しく答えた(辞書あり)",
    "difference": "その差",
    "others_worse": "ほかの問いで、辞書があると落ちた",
    "others_better": "ほかの問いで、辞書があると通った",
    "others_changed": "ほかの問いで、回答が変わった",
}


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--entries", type=Path, required=True, metavar="FILE", help="辞書(CSV)")
    command.add_argument("--questions", type=Path, required=True, metavar="FILE", help="呼び名の質問(1行に1件の JSON)")
    command.add_argument("--corpus", type=Path, action="append", required=True, metavar="DIR", help="その文書")
    command.add_argument("--others", action="append", default=[], metavar="SET", help="ほかの問いの質問集(all: すべて)")
    command.add_argument("--changed", action="store_true", help="正しくない質問と、変わった問いの回答を表示する")
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・質問ごとの結果・数値の保存先")


def _dictionary(options: Namespace) -> int:
    from bot.curation.dictionary.csv_file import read_csv
    from eval.benchmarks.dictionary_questions import load_name_questions, measure_names, measure_others

    settings = read_settings()
    try:
        entries = read_csv(options.entries.read_bytes())
    except OSError as error:
        raise SetFileError(f"辞書 {options.entries} を読めません({error.strerror})。") from error
    name_rows = list(measure_names(load_name_questions(options.questions), options.corpus, entries, settings))
    others = list(measure_others(options.others, entries, settings))
    means = {
        "right_before": compute_mean((effect.id, effect.right_before) for effect in name_rows),
        "right_after": compute_mean((effect.id, effect.right_after) for effect in name_rows),
        "difference": compute_mean((effect.id, effect.right_after - effect.right_before) for effect in name_rows),
        "others_worse": compute_mean((effect.id, effect.is_worse) for effect in others),
        "others_better": compute_mean((effect.id, effect.is_better) for effect in others),
        "others_changed": compute_mean((effect.id, effect.is_changed) for effect in others),
    }
    counts = {
        "worse": sum(effect.is_worse for effect in others),
        "named_worse": sum(effect.is_worse for effect in name_rows),
    }

    def show(console: Console) -> None:
        if options.changed:
            _show_effects(console, [effect for effect in name_rows if not effect.right_after])
            _show_effects(console, [effect for effect in others if effect.is_changed])
        show_means(console, means, _TITLES)
        console.print(f"辞書 {len(entries)}件。落ちたほかの問い {counts['worse']}件", highlight=False)

    return report_measurement(
        options,
        DICTIONARY.name,
        settings,
        means_json(means) | counts,
        show,
        rows=map(asdict, [*name_rows, *others]),
        inputs={"entries": str(options.entries), "questions": str(options.questions), "others": options.others},
    )


def _show_effects(console: Console, effects: Sequence["QuestionEffect"]) -> None:
    for effect in effects:
        marks = f"{'○' if effect.right_before else '×'}→{'○' if effect.right_after else '×'}"
        console.print(f"{marks} {effect.set} {effect.id} {effect.question}", style="bold", markup=False)
        for text in (effect.answer_before, effect.answer_after):
            console.print(f"  {text}\n", highlight=False, markup=False)


DICTIONARY = Command("dictionary", "役所の言葉の辞書を、呼び名の質問とほかの問いで測る", _arguments, _dictionary)
