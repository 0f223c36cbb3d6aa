"""`python -m eval retrieval`: recall, nDCG and MRR of the product's search on a set in the format of BEIR."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from bot.console.arguments import whole
from eval.beir import load_beir
from eval.command import DONE, Command, emit
from eval.config import described
from eval.display_ranked import show_figures
from eval.errors import SetFileError
from eval.halves import HALVES, by_half, half_of
from eval.ranked import RankedRun, ranked_figures, save_ranked
from ingest.settings import read_settings


def _arguments(command: ArgumentParser) -> None:
    command.add_argument(
        "--beir",
        type=Path,
        required=True,
        metavar="DIR",
        help="corpus.jsonl、queries.jsonl、qrels/ のあるフォルダー",
    )
    command.add_argument("--split", required=True, metavar="NAME", help="判定の名前(qrels/NAME.tsv)")
    command.add_argument(
        "--half",
        choices=["all", *HALVES],
        default="all",
        metavar="HALF",
        help="fit(重みを決める半分)、judge(確かめる半分)、all(既定: すべてと、両方の半分)。問いの id で決まる",
    )
    command.add_argument("--limit", type=whole(1, 10**9), metavar="N", help="先頭から N 問だけ測る")
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・問いごとの結果・数値の保存先")


def _retrieval(options: Namespace) -> int:
    beir = load_beir(options.beir, options.split)
    queries = [query for query in beir.queries if options.half in ("all", half_of(query.id))][: options.limit]
    if not queries:
        raise SetFileError(
            f"{options.beir}: --half {options.half} に入る問いがありません。--half all で測ってください。"
        )
    # Imported here: what opens an index costs half a second that the other commands need not pay.
    from eval.indexed import indexed  # noqa: PLC0415
    from eval.retrieval import measure, readings  # noqa: PLC0415

    settings = read_settings()
    with indexed(settings, readings(beir.corpus)) as searched:
        rows = measure(beir, queries, searched)
    figures = ranked_figures(rows) | ({"halves": by_half(rows)} if options.half == "all" else {})
    if options.out:
        about = {"beir": str(options.beir), "split": options.split, "half": options.half, "limit": options.limit}
        save_ranked(options.out, RankedRun(described("retrieval", settings) | about, rows, figures))
    if options.json:
        emit(figures | ({"out": str(options.out)} if options.out else {}))
    else:
        show_figures(Console(), figures, options.out)
    return DONE


RETRIEVAL = Command("retrieval", "BEIR の形の問いと判定で、検索の質と速さを測る", _arguments, _retrieval)
