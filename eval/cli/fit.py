"""`python -m eval fit`: fits the ranker's weights on the fitting halves of judged sets."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from bot.cli.arguments import integer_between
from eval.cli.command import DONE, Command, emit
from eval.errors import EvalError
from ingest.configuration.environment import read_settings

# A fit over this many questions of a SQuAD set takes minutes. @1 on JSQuAD: .9295 with 1,000 of JaQuAD, .9313 with
# 2,000 (decision 003).
_MOST_SQUAD_QUESTIONS = 2000


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--beir", type=Path, action="append", default=[], metavar="DIR", help="BEIR の形のフォルダー")
    command.add_argument("--split", default="dev", metavar="NAME", help="その判定の名前(既定: dev)")
    command.add_argument("--squad", type=Path, action="append", default=[], metavar="FILE", help="SQuAD 形式の JSON")
    command.add_argument("--pdfs", type=Path, metavar="DIR", help="PDF のフォルダー(--questions と共に)")
    command.add_argument("--questions", type=Path, metavar="FILE", help="答えのページが記された問い")
    command.add_argument(
        "--limit",
        type=integer_between(1, 10**9),
        default=_MOST_SQUAD_QUESTIONS,
        metavar="N",
        help="SQuAD から使う問いの数",
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="重みの保存先(SHIRUBE_RANKER に指定)")


def _fit(options: Namespace) -> int:
    if (options.pdfs is None) != (options.questions is None):
        raise EvalError("--pdfs と --questions は、両方指定してください。")
    if not (options.beir or options.squad or options.pdfs):
        raise EvalError("--beir、--squad、--pdfs のどれかを指定してください。")
    from eval.training.ranker.ranker_fitting import fit_ranker
    from eval.training.ranker.ranking_examples import (
        collect_ranking_examples,
        load_beir_task,
        load_pages_task,
        load_squad_task,
    )

    tasks = {str(folder): load_beir_task(folder, options.split) for folder in options.beir}
    tasks |= {str(file): load_squad_task(file, options.limit) for file in options.squad}
    if options.pdfs:
        tasks[str(options.questions)] = load_pages_task(options.pdfs, options.questions)
    settings = read_settings()
    by_task = {name: collect_ranking_examples(settings, task) for name, task in tasks.items()}
    by_task = {name: examples for name, examples in by_task.items() if examples}
    if not by_task:
        raise EvalError("重みを決められる問いがありません。判定(qrels)や答えのある問いを確かめてください。")
    ranker = fit_ranker(list(by_task.values()))
    fitted_on = {Path(name).name: len(examples) for name, examples in by_task.items()}
    ranker.save(options.out, {"fitted_on": fitted_on})
    if options.json:
        emit({"weights": ranker.weights_by_key, "fitted_on": fitted_on, "out": str(options.out)})
    else:
        console = Console()
        for name, weight in ranker.weights_by_key.items():
            console.print(f"{weight:9.3f}  {name}", highlight=False)
        console.print(f"保存先: {options.out}", highlight=False)
    return DONE


FIT = Command("fit", "判定のある問いの半分で、検索の重みを決める", _arguments, _fit)
