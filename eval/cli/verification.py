"""`python -m eval verification`: measures wrong replies caught and right ones rejected."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from eval.benchmarks.verification.natural_replies import (
    VerifiedReply,
    is_natural,
    load_natural,
    natural_figures,
    verify_replies,
)
from eval.benchmarks.verification.pairs import load_pairs
from eval.benchmarks.verification.scripted_replies import ReplySet, load_replies, reply_sets
from eval.benchmarks.verification.scripted_verification import VerifiedScript, verification_figures, verify_scripted
from eval.cli.command import DONE, Command, emit
from eval.cli.tables.verification import show_natural, show_verification
from eval.storage.config import describe_run
from eval.storage.run_folder import write_folder
from ingest.chunking.document_reading import read_document
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.documents import Reading
from ingest.metadata.manifest import read_corpus


def _arguments(command: ArgumentParser) -> None:
    command.add_argument(
        "--replies", type=Path, action="append", metavar="FILE", help="回答の台本(既定: eval/scripted にあるものすべて)"
    )
    command.add_argument("--corpus", type=Path, metavar="DIR", help="--replies の箇所がある文書(既定: corpus/)")
    command.add_argument(
        "--pairs",
        type=Path,
        metavar="DIR",
        help="eval/benchmarks/verification/pairs の正誤の対を、公開の文書のフォルダーに当てて測る",
    )
    command.add_argument(
        "--altered",
        action="store_true",
        help="質問集への正しい回答の数・日付・名前を1つずつ変えたものも測る(約2分)",
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・1件ごとの結果・数値の保存先")


def _verification(options: Namespace) -> int:
    settings = read_settings()
    natural = [file for file in options.replies or () if is_natural(file)]
    if natural or options.pairs:
        return _verify_natural(options, natural)
    sets = _sets(options, settings)
    rows = [row for one in sets for row in verify_scripted(one.name, load_replies(one.files), _readings(one.corpus))]
    figures = verification_figures(rows)
    if options.altered:
        figures |= {"altered": _measure_altered(settings, _readings(options.corpus or settings.corpus))}
    if options.out:
        files = [str(file) for one in sets for file in one.files]
        config = describe_run(VERIFICATION.name, settings) | {"replies": files}
        write_folder(options.out, config, map(_row_json, rows), figures)
    if options.json:
        emit(figures | ({"out": str(options.out)} if options.out else {}))
    else:
        show_verification(Console(), figures, [row for row in rows if row.stopped is row.of.right])
    return DONE


def _verify_natural(options: Namespace, files: Sequence[Path]) -> int:
    """Hold replies and pairs against their own passages: with marks, with quotes, and with a judge that says yes."""
    replies = load_natural(files) + (load_pairs(options.pairs) if options.pairs else ())
    held = {
        "marks": verify_replies(replies),
        "quotes": verify_replies(replies, quotes=True),
        "judge_yes": verify_replies(replies, quotes=True, known=True),
    }
    figures = natural_figures(held["marks"]) | {
        "with_quotes": natural_figures(held["quotes"]),
        "judge_yes": natural_figures(held["judge_yes"]),
    }
    if options.out:
        asked = {"replies": [str(file) for file in files], "pairs": str(options.pairs or "")}
        config = describe_run(VERIFICATION.name, read_settings()) | asked
        rows = (_verified_json(way, row) for way, one in held.items() for row in one)
        write_folder(options.out, config, rows, figures)
    if options.json:
        emit(figures | ({"out": str(options.out)} if options.out else {}))
    else:
        show_natural(Console(), figures)
    return DONE


def _verified_json(way: str, row: VerifiedReply) -> dict[str, Any]:
    return {"way": way, "id": row.of.id, "kind": row.of.kind, "right": row.of.right, "stopped": list(row.stopped)}


def _sets(options: Namespace, settings: Settings) -> tuple[ReplySet, ...]:
    """Return the replies that the options name, over one corpus, or else the project's own."""
    if not options.replies:
        return reply_sets()
    return (ReplySet("replies", tuple(options.replies), options.corpus or settings.corpus),)


def _readings(corpus: Path) -> list[Reading]:
    return [read_document(entry.path, entry.document) for entry in read_corpus(corpus).entries]


def _measure_altered(settings: Settings, readings: Sequence[Reading]) -> dict[str, Any]:
    # Imported here: what opens an index costs half a second that the scripted replies need not pay.
    from eval.benchmarks.verification.altered_answers import altered_figures  # noqa: PLC0415

    return altered_figures(settings, readings)


def _row_json(row: VerifiedScript) -> dict[str, Any]:
    return {
        "set": row.set,
        "id": row.of.id,
        "kind": row.of.kind,
        "right": row.of.right,
        "stopped": row.stopped,
        "told": row.told,
    }


VERIFICATION = Command(
    "verification",
    "言語モデルの誤った回答を止める割合と、正しい回答を誤って止める割合を測る",
    _arguments,
    _verification,
)
