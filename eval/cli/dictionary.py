"""`python -m eval dictionary`: measures what the entries of a dictionary change."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from eval.cli.command import Command, report_measurement
from eval.errors import CaseFileError
from eval.metrics.statistics import compute_mean
from ingest.configuration.environment import read_settings

_NAMES = {
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
        raise CaseFileError(f"辞書 {options.entries} を読めません({error.strerror})。") from error
    named = list(measure_names(load_name_questions(options.questions), options.corpus, entries, settings))
    others = list(measure_others(options.others, entries, settings))
    means = {
        "right_before": compute_mean((one.id, float(one.right_before)) for one in named),
        "right_after": compute_mean((one.id, float(one.right_after)) for one in named),
        "difference": compute_mean((one.id, float(one.right_after) - float(one.right_before)) for one in named),
        "others_worse": compute_mean((one.id, float(one.is_worse)) for one in others),
        "others_better": compute_mean((one.id, float(one.right_after and not one.right_before)) for one in others),
        "others_changed": compute_mean((one.id, float(one.answer_before != one.answer_after)) for one in others),
    }
    counts = {"worse": sum(one.is_worse for one in others), "named_worse": sum(one.is_worse for one in named)}

    def show(console: Console) -> None:
        shown = [one for one in named if not one.right_after or one.is_worse]
        shown += [one for one in others if one.answer_before != one.answer_after]
        for one in shown if options.changed else ():
            marks = f"{'○' if one.right_before else '×'}→{'○' if one.right_after else '×'}"
            console.print(f"{marks} {one.set} {one.id} {one.question}", style="bold", markup=False)
            for text in (one.answer_before, one.answer_after):
                console.print(f"  {text}\n", highlight=False, markup=False)
        for name, mean in means.items():
            if mean.n:
                console.print(f"{_NAMES[name]}: {mean.value:.3f}(標準誤差 {mean.se:.3f}、{mean.n}件)", highlight=False)
        console.print(f"辞書 {len(entries)}件。落ちたほかの問い {counts['worse']}件", highlight=False)

    return report_measurement(
        options,
        DICTIONARY.name,
        settings,
        {name: {"value": mean.value, "se": mean.se, "n": mean.n} for name, mean in means.items() if mean.n} | counts,
        show,
        rows=map(asdict, [*named, *others]),
        inputs={"entries": str(options.entries), "questions": str(options.questions), "others": options.others},
    )


DICTIONARY = Command("dictionary", "役所の言葉の辞書を、呼び名の質問とほかの問いで測る", _arguments, _dictionary)
