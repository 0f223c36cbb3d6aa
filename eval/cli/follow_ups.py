"""`python -m eval follow-ups`: trains the follow-up model and measures it on conversations."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from eval.cli.command import DONE, Command, emit
from eval.errors import SetFileError
from ingest.configuration.environment import read_settings

if TYPE_CHECKING:
    from bot.conversation import FollowUpRewriter
    from eval.training.follow_ups.conversations import FollowUpQuestion
    from ingest.documents import Document

_WHAT = "measure: 同梱のモデルで測る、train: 学習して保存する、cross: 書き手と質問集を除いて学習し、除いたもので測る"


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("what", choices=["measure", "train", "cross"], help=_WHAT)
    command.add_argument(
        "--conversations",
        type=Path,
        action="append",
        metavar="FILE",
        help="会話(既定: 同梱の会話。同梱のモデルが学習に使ったものなので、measure には別の会話を渡す)",
    )
    command.add_argument("--shared", type=Path, metavar="DIR", help="公開の文書のフォルダー(測るときに要る)")
    command.add_argument(
        "--weights", type=Path, metavar="FILE", help="重みの保存先、measure では測る重み(既定: 同梱のファイル)"
    )
    command.set_defaults(half="")  # report_ranked: no halves
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・問いごとの結果・数値の保存先")


def _follow_ups(options: Namespace) -> int:
    from eval.training.follow_ups.conversations import WRITTEN, load_conversations, load_single_questions

    files = options.conversations or WRITTEN
    questions = load_conversations(files)
    if options.what == "train":
        return _train(options, [*questions, *load_single_questions()])
    if not options.shared:
        raise SetFileError("測るには --shared に公開の文書のフォルダーを指定してください。")
    if options.what == "cross":
        return _measure_and_report(options, files, [*questions, *load_single_questions()], _cross_validate)
    return _measure_and_report(options, files, questions, partial(_rewrite_by_model, options.weights))


def _train(options: Namespace, questions: Sequence["FollowUpQuestion"]) -> int:
    from bot.conversation.follow_up_model import SHIPPED
    from eval.training.follow_ups.conversations import ABOUT_PREVIOUS, COMPLETE_QUESTION, SWAP

    if not find_spec("onnx"):
        raise SetFileError("学習には onnx が要ります。`make setup-dev` で入れてください。")
    if not {SWAP, ABOUT_PREVIOUS, COMPLETE_QUESTION} <= {question.kind for question in questions}:
        raise SetFileError("学習には about、swap、alone の質問がある会話が要ります。")
    weights = options.weights or SHIPPED
    weights.write_bytes(_model_bytes(questions))
    if options.json:
        emit({"weights": str(weights), "n": len(questions)})
    return DONE


def _measure_and_report(
    options: Namespace,
    files: Sequence[Path],
    questions: Sequence["FollowUpQuestion"],
    rewrite: Callable[[Sequence["FollowUpQuestion"], Sequence["Document"]], list[str]],
) -> int:
    from eval.benchmarks.ranked.temporary_index import open_temporary_index
    from eval.cli.ranked_figures import report_ranked
    from eval.training.follow_ups.conversation_documents import ArticleMatcher, load_readings
    from eval.training.follow_ups.followup_figures import measure_follow_ups

    settings = read_settings()
    with TemporaryDirectory() as folder:
        documents = load_readings(options.shared, Path(folder), {question.source_id for question in questions})
    with open_temporary_index(settings, documents) as searched:
        rewritten = rewrite(questions, searched.index.documents)
        rows = measure_follow_ups(
            questions,
            rewritten,
            searched.index,
            searched.encoder,
            ArticleMatcher(options.shared, searched.index.documents),
        )
    return report_ranked(options, FOLLOW_UPS.name, settings, rows, {"conversations": [str(file) for file in files]})


def _rewrite_by_model(
    model: Path | None, questions: Sequence["FollowUpQuestion"], documents: Sequence["Document"]
) -> list[str]:
    from bot.conversation import FollowUpRewriter

    return _rewrite_all(FollowUpRewriter(documents, model), questions)


def _cross_validate(questions: Sequence["FollowUpQuestion"], documents: Sequence["Document"]) -> list[str]:
    """Return the questions rewritten by models trained without them.

    Each fold leaves out one writer of conversations, and single questions about other documents.
    """
    from bot.conversation import FollowUpRewriter
    from eval.training.follow_ups.conversations import SINGLE

    writers = list(dict.fromkeys(question.writer for question in questions if question.kind != SINGLE))
    groups = list(dict.fromkeys(question.writer for question in questions if question.kind == SINGLE))
    fold = {name: place % len(writers) for names in (writers, groups) for place, name in enumerate(names)}
    rewritten: dict[int, str] = {}
    with TemporaryDirectory() as folder:
        for number in range(len(writers)):
            model = Path(folder) / f"{number}.onnx"
            model.write_bytes(_model_bytes([question for question in questions if fold[question.writer] != number]))
            places = [place for place, question in enumerate(questions) if fold[question.writer] == number]
            texts = _rewrite_all(FollowUpRewriter(documents, model), [questions[place] for place in places])
            rewritten |= dict(zip(places, texts, strict=True))
    return [rewritten[place] for place in range(len(questions))]


def _rewrite_all(step: "FollowUpRewriter", questions: Sequence["FollowUpQuestion"]) -> list[str]:
    from eval.training.follow_ups.followup_figures import rewrite_follow_ups

    if step.problem:
        raise SetFileError(step.problem)
    return rewrite_follow_ups(questions, step)


def _model_bytes(questions: Sequence["FollowUpQuestion"]) -> bytes:
    from eval.training.follow_ups.followup_training import load_standalone_questions, train_followup_model
    from eval.training.follow_ups.trainable_followup_model import export_followup_model

    return export_followup_model(*train_followup_model(questions, load_standalone_questions()))


FOLLOW_UPS = Command("follow-ups", "会話の続きを読むモデルを学習し、会話で測る", _arguments, _follow_ups)
