"""The subcommands that train the shipped models: train, follow-ups, fit."""

from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rich.console import Console

from eval.benchmarks.ranked import ranked_measurement
from eval.command import DONE, OUT, Measurement, command, emit, option, path_option, paths_option
from eval.errors import EvalError, SetFileError
from ingest.cli.command_line import integer_between
from ingest.configuration.environment import read_settings

if TYPE_CHECKING:
    from eval.training.examples import ReadingExample
    from eval.training.relevance_training import Scores

# A fit over this many questions of a SQuAD set takes minutes. @1 on JSQuAD: .9295 with 1,000 of JaQuAD, .9313 with
# 2,000 (decision 003).
_MOST_SQUAD_QUESTIONS = 2000


@command(
    "train",
    "同梱のモデル(関連の判定、語の並び、会話の続き)を学習して保存する",
    option("model", choices=["relevance", "tokens", "follow-ups"], help="学習するモデル"),
    path_option("--shared", "DIR", "公開の質問集のフォルダー(relevance と tokens に要る)"),
    option("--folds", type=integer_between(2, 20), default=4, metavar="N", help="交差検証の分け方の数"),
    option("--nets", type=integer_between(1, 20), default=3, metavar="N", help="平均するネットの数(relevance)"),
    option("--measure", action="store_true", help="保存せず、見ていない問いでの数値だけを出す(relevance)"),
    option("--further", action="store_true", help="同梱のものを、いまある質問で続けて学習する(tokens)"),
    path_option("--out", "FILE", "重みの保存先(既定: 同梱のファイル)"),
)
def train(options: Namespace) -> int:
    """Train a model and write its ONNX file; the figures are cross-validated."""
    if not find_spec("onnx"):
        raise SetFileError("onnx が入っていません。`make setup-dev` か `pip install '.[train]'` で入れてください。")
    if options.model == "follow-ups":
        return _train_follow_ups(options)
    if not options.shared:
        raise SetFileError("--shared に公開の質問集のフォルダーを指定してください。")
    from eval.training.all_tasks import load_tasks
    from eval.training.examples import collect_reading_examples

    settings = read_settings()
    by_task = {task.name: collect_reading_examples(settings, task) for task in load_tasks(options.shared)}
    examples = [example for task in by_task.values() for example in task]
    figures = (
        _train_tokens(options, examples, by_task) if options.model == "tokens" else _train(options, examples, by_task)
    )
    emit(figures) if options.json else Console().print_json(data=figures)
    return DONE


def _train(
    options: Namespace, examples: list["ReadingExample"], by_task: dict[str, list["ReadingExample"]]
) -> dict[str, Any]:
    from bot.relevance.relevance_model import SHIPPED
    from eval.training.examples import figures_by_task, score_by_overlap
    from eval.training.relevance_model import export_relevance_model
    from eval.training.relevance_training import cross_validated_readings, train_models

    predictions, platt = cross_validated_readings(examples, options.folds)
    if not options.measure:
        weights = {**train_models(examples, options.nets), "platt": platt}
        (options.out or SHIPPED).write_bytes(export_relevance_model(weights))
    return figures_by_task(by_task, {"reader": predictions, "overlap": list(map(score_by_overlap, examples))})


def _train_tokens(
    options: Namespace, examples: list["ReadingExample"], by_task: dict[str, list["ReadingExample"]]
) -> dict[str, Any]:
    """Train the token reader and the weights that combine its logits with the relevance model's.

    With `--further` the combination is kept: fitting it needs a model that has not seen the questions.
    """
    from bot.relevance.token_model import SHIPPED, combine_probabilities
    from eval.training.examples import figures_by_task
    from eval.training.relevance_training import cross_validated_readings
    from eval.training.token_model import export_token_reader, load_token_reader
    from eval.training.token_samples import load_answered_questions
    from eval.training.token_training import cross_validated_logits, fine_tune, fit_combination, pretrain

    out = options.out or SHIPPED
    if options.further:
        start, weights = load_token_reader(SHIPPED)
        out.write_bytes(export_token_reader(fine_tune(examples, start), weights))
        return {"n": len(examples), "out": str(out)}
    predictions, _ = cross_validated_readings(examples, options.folds)
    start = pretrain(load_answered_questions(options.shared / "training" / "jaquad-train.json"))
    logits = cross_validated_logits(examples, predictions, start, options.folds)
    weights = fit_combination(examples, predictions, logits)
    out.write_bytes(export_token_reader(fine_tune(examples, start), weights))

    def combine(scores: "Scores", read: Any) -> "Scores":
        units, passages, whole = scores
        return (
            combine_probabilities(weights["units"], units, read[0]),
            combine_probabilities(weights["passages"], passages, read[1]),
            float(combine_probabilities(weights["whole"], whole, read[1].max())),
        )

    combined = [
        combine(scores, read) if example.complete else scores
        for example, scores, read in zip(examples, predictions, logits, strict=True)
    ]
    return figures_by_task(by_task, {"reader": predictions, "with tokens": combined})


def _train_follow_ups(options: Namespace) -> int:
    from bot.conversation.follow_up_model import SHIPPED
    from eval.training.follow_up_model import export_followup_model
    from eval.training.follow_up_training import (
        WRITTEN,
        load_conversations,
        load_single_questions,
        load_standalone_questions,
        train_followup_model,
    )

    questions = [*load_conversations(WRITTEN), *load_single_questions()]
    out = options.out or SHIPPED
    out.write_bytes(export_followup_model(*train_followup_model(questions, load_standalone_questions())))
    if options.json:
        emit({"n": len(questions), "out": str(out)})
    return DONE


@command(
    "follow-ups",
    "会話の続きを読むモデルを、会話で測る",
    paths_option("--conversations", "FILE", "会話(同梱の会話は、同梱のモデルが学習に使ったもの)", required=True),
    path_option("--shared", "DIR", "公開の文書のフォルダー", required=True),
    path_option("--weights", "FILE", "測る重み(既定: 同梱のファイル)"),
    OUT,
)
def follow_ups(options: Namespace) -> Measurement:
    """Measure how questions are rewritten, and whether the right document is found for them."""
    from bot.conversation import FollowUpRewriter
    from eval.benchmarks.temporary_index import open_temporary_index
    from eval.training.follow_up_figures import (
        ArticleMatcher,
        load_readings,
        measure_follow_ups,
        rewrite_follow_ups,
    )
    from eval.training.follow_up_training import load_conversations

    questions = load_conversations(options.conversations)
    with TemporaryDirectory() as folder:
        documents = load_readings(options.shared, Path(folder), {question.source_id for question in questions})
    with open_temporary_index(read_settings(), documents) as searched:
        rewriter = FollowUpRewriter(searched.index.documents, options.weights)
        if rewriter.problem:
            raise SetFileError(rewriter.problem)
        articles = ArticleMatcher(options.shared, searched.index.documents)
        rewritten = rewrite_follow_ups(questions, rewriter)
        rows = measure_follow_ups(questions, rewritten, searched.index, searched.encoder, articles)
    options.half = ""  # no halves
    return ranked_measurement(options, rows, {"conversations": list(map(str, options.conversations))})


@command(
    "fit",
    "判定のある問いの半分で、検索の重みを決める",
    paths_option("--beir", "DIR", "BEIR の形のフォルダー"),
    option("--split", default="dev", metavar="NAME", help="その判定の名前(既定: dev)"),
    paths_option("--squad", "FILE", "SQuAD 形式の JSON"),
    path_option("--pdfs", "DIR", "PDF のフォルダー(--questions と共に)"),
    path_option("--questions", "FILE", "答えのページが記された問い"),
    option(
        "--limit",
        type=integer_between(1, 10**9),
        default=_MOST_SQUAD_QUESTIONS,
        metavar="N",
        help="SQuAD から使う問いの数",
    ),
    path_option("--out", "FILE", "重みの保存先(SHIRUBE_RANKER に指定)", required=True),
)
def fit(options: Namespace) -> int:
    """Fit the ranker's weights on the fitting halves of judged sets."""
    if (options.pdfs is None) != (options.questions is None):
        raise EvalError("--pdfs と --questions は、両方指定してください。")
    if not (options.beir or options.squad or options.pdfs):
        raise EvalError("--beir、--squad、--pdfs のどれかを指定してください。")
    from eval.training.ranker import (
        collect_ranking_examples,
        fit_ranker,
        load_beir_task,
        load_pages_task,
        load_squad_task,
    )

    tasks = {str(folder): load_beir_task(folder, options.split) for folder in options.beir}
    tasks |= {str(file): load_squad_task(file, options.limit) for file in options.squad}
    if options.pdfs:
        tasks[str(options.questions)] = load_pages_task(options.pdfs, options.questions)
    settings = read_settings()
    collected = {name: collect_ranking_examples(settings, task) for name, task in tasks.items()}
    by_task = {name: examples for name, examples in collected.items() if examples}
    if not by_task:
        raise EvalError("重みを決められる問いがありません。判定(qrels)や答えのある問いを確かめてください。")
    ranker = fit_ranker(list(by_task.values()))
    fitted_on = {Path(name).name: len(examples) for name, examples in by_task.items()}
    ranker.save(options.out, {"fitted_on": fitted_on})
    if options.json:
        emit({"weights": ranker.weights_by_key, "fitted_on": fitted_on, "out": str(options.out)})
        return DONE
    console = Console()
    for name, weight in ranker.weights_by_key.items():
        console.print(f"{weight:9.3f}  {name}", highlight=False)
    console.print(f"保存先: {options.out}", highlight=False)
    return DONE
