"""`python -m eval verification`: measures wrong replies caught and right ones rejected."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

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
from eval.cli.command import Command, figure_table, report_measurement, share_cell
from ingest.chunking.document_reading import read_document
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.documents import ParsedDocument
from ingest.metadata.manifest import read_corpus

_COLUMNS = {"caught": "止めた", "wrongly_stopped": "誤って止めた"}


def show_verification(console: Console, figures: Mapping[str, Any], failed: Sequence[VerifiedScript]) -> None:
    """Print the shares by kind, by set and for later scripts, then each wrong verdict."""
    table = figure_table(["種類", "件数"], _COLUMNS.values(), title="言語モデルの回答の検証")
    for kind, share in figures["by_kind"].items():
        _add_shares(table, kind, share)
    table.add_section()
    for name, share in figures["by_set"].items():
        _add_shares(table, f"文書: {name}", share)
    table.add_section()
    _add_shares(table, "あとから書いた台本", figures["after"])
    _add_shares(table, "台本のすべて", figures)
    if altered := figures.get("altered"):
        table.add_section()
        for kind, share in altered["by_thing"].items():
            _add_shares(table, f"書き換え: {kind}", share)
        _add_shares(table, "書き換えのすべて", altered)
    console.print(table)
    for row in failed:
        outcome = "誤って止めた" if row.reply.right else "止めなかった"
        console.print(f"  {outcome} {escape(row.reply.id)}: {escape(row.reply.reply)}", highlight=False)


_NATURAL_COLUMNS = {
    "right_whole": "正しい回答がそのまま届く",
    "wrong_stopped": "誤った回答を止める",
    "wrong_sentence_stopped": "誤った文を止める",
}


def show_natural(console: Console, figures: Mapping[str, Any]) -> None:
    """Print the shares by kind, of either half, and of all: with marks, with quotes."""
    tables = {
        "番号だけの回答": figures,
        "引用つきの回答": figures["with_quotes"],
    }
    for title, shares in tables.items():
        table = figure_table(["種類", "件数"], _NATURAL_COLUMNS.values(), title=title)
        halves = {"読んだ半分": shares["read"], "読んでいない半分": shares["unread"], "すべて": shares}
        for name, share in {**shares["by_kind"], **halves}.items():
            n = share.get("right_whole_n", 0) + share.get("wrong_stopped_n", 0)
            table.add_row(escape(name), str(n), *(share_cell(share, column) for column in _NATURAL_COLUMNS))
        console.print(table)


def _add_shares(table: Table, name: str, share: Mapping[str, Any]) -> None:
    n = sum(share.get(f"{column}_n", 0) for column in _COLUMNS)
    table.add_row(escape(name), str(n), *(share_cell(share, column) for column in _COLUMNS))


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
        return _verify_natural(options, settings, natural)
    sets = _sets(options, settings)
    rows = [
        row
        for reply_set in sets
        for row in verify_scripted(reply_set.name, load_replies(reply_set.files), _readings(reply_set.corpus))
    ]
    figures = verification_figures(rows)
    if options.altered:
        from eval.benchmarks.verification.altered_answers import altered_figures

        figures |= {"altered": altered_figures(settings, _readings(options.corpus or settings.corpus))}
    return report_measurement(
        options,
        VERIFICATION.name,
        settings,
        figures,
        lambda console: show_verification(console, figures, [row for row in rows if row.stopped is row.reply.right]),
        rows=map(_row_json, rows),
        inputs={"replies": [str(file) for reply_set in sets for file in reply_set.files]},
    )


def _verify_natural(options: Namespace, settings: Settings, files: Sequence[Path]) -> int:
    replies = load_natural(files) + (load_pairs(options.pairs) if options.pairs else ())
    verified = {
        "marks": verify_replies(replies),
        "quotes": verify_replies(replies, quotes=True),
    }
    figures = natural_figures(verified["marks"]) | {"with_quotes": natural_figures(verified["quotes"])}
    return report_measurement(
        options,
        VERIFICATION.name,
        settings,
        figures,
        lambda console: show_natural(console, figures),
        rows=(_verified_json(form, row) for form, results in verified.items() for row in results),
        inputs={"replies": [str(file) for file in files], "pairs": str(options.pairs or "")},
    )


def _verified_json(form: str, row: VerifiedReply) -> dict[str, Any]:
    return {
        "way": form,
        "id": row.reply.id,
        "kind": row.reply.kind,
        "right": row.reply.right,
        "stopped": list(row.stopped),
    }


def _sets(options: Namespace, settings: Settings) -> tuple[ReplySet, ...]:
    if not options.replies:
        return reply_sets()
    return (ReplySet("replies", tuple(options.replies), options.corpus or settings.corpus),)


def _readings(corpus: Path) -> list[ParsedDocument]:
    return [read_document(entry.path, entry.document) for entry in read_corpus(corpus).entries]


def _row_json(row: VerifiedScript) -> dict[str, Any]:
    return {
        "set": row.set,
        "id": row.reply.id,
        "kind": row.reply.kind,
        "right": row.reply.right,
        "stopped": row.stopped,
        "told": row.verified_text,
    }


VERIFICATION = Command(
    "verification",
    "言語モデルの誤った回答を止める割合と、正しい回答を誤って止める割合を測る",
    _arguments,
    _verification,
)
