"""Prints the figures of verification on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.benchmarks.verification.scripted_verification import VerifiedScript

_COLUMNS = {"caught": "止めた", "wrongly_stopped": "誤って止めた"}


def show_verification(console: Console, figures: Mapping[str, Any], failed: Sequence[VerifiedScript]) -> None:
    """Print the shares by kind and by set, of all and of those after the checks; then each judged wrongly."""
    table = Table("種類", "件数", title="言語モデルの回答の検証", title_justify="left")
    for name in _COLUMNS.values():
        table.add_column(name, justify="right")
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
        for thing, share in altered["by_thing"].items():
            _add_shares(table, f"書き換え: {thing}", share)
        _add_shares(table, "書き換えのすべて", altered)
    console.print(table)
    for row in failed:
        end = "誤って止めた" if row.of.right else "止めなかった"
        console.print(f"  {end} {escape(row.of.id)}: {escape(row.of.reply)}", highlight=False)


_NATURAL = {
    "right_whole": "正しい回答がそのまま届く",
    "wrong_stopped": "誤った回答を止める",
    "wrong_sentence_stopped": "誤った文を止める",
}


def show_natural(console: Console, figures: Mapping[str, Any]) -> None:
    """Print the shares by kind, of either half, and of all: with marks, with quotes, with a judge that says yes."""
    ways = {
        "番号だけの回答": figures,
        "引用つきの回答": figures["with_quotes"],
        "引用つきの回答(言語モデルが何でも正しいと言うとき)": figures["judge_yes"],
    }
    for title, shares in ways.items():
        table = Table("種類", "件数", title=title, title_justify="left")
        for name in _NATURAL.values():
            table.add_column(name, justify="right")
        halves = {"読んだ半分": shares["read"], "読んでいない半分": shares["unread"], "すべて": shares}
        for name, share in {**shares["by_kind"], **halves}.items():
            cells = (f"{share[k]:.1%} ±{share[f'{k}_se']:.1%}" if k in share else "" for k in _NATURAL)
            n = share.get("right_whole_n", 0) + share.get("wrong_stopped_n", 0)
            table.add_row(escape(name), str(n), *cells)
        console.print(table)


def _add_shares(table: Table, name: str, share: Mapping[str, Any]) -> None:
    n = sum(share.get(f"{column}_n", 0) for column in _COLUMNS)
    cells = (f"{share[k]:.1%} ±{share[f'{k}_se']:.1%}" if k in share else "" for k in _COLUMNS)
    table.add_row(escape(name), str(n), *cells)
