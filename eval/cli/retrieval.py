"""`python -m eval retrieval`: measures recall, nDCG and MRR on a set in BEIR format."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from bot.cli.arguments import integer_between
from eval.benchmarks.ranked.beir import load_beir
from eval.benchmarks.ranked.ranked_run import add_half_option, half_for_id
from eval.cli.command import Command
from eval.cli.ranked_figures import report_ranked
from eval.errors import SetFileError
from ingest.configuration.environment import read_settings


def _arguments(command: ArgumentParser) -> None:
    command.add_argument(
        "--beir",
        type=Path,
        required=True,
        metavar="DIR",
        help="corpus.jsonl、queries.jsonl、qrels/ のあるフォルダー",
    )
    command.add_argument("--split", required=True, metavar="NAME", help="判定の名前(qrels/NAME.tsv)")
    add_half_option(command)
    command.add_argument("--limit", type=integer_between(1, 10**9), metavar="N", help="先頭から N 問だけ測る")
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・問いごとの結果・数値の保存先")


def _retrieval(options: Namespace) -> int:
    beir = load_beir(options.beir, options.split)
    queries = [query for query in beir.queries if options.half in ("all", half_for_id(query.id))][: options.limit]
    if not queries:
        raise SetFileError(
            f"{options.beir}: --half {options.half} に入る問いがありません。--half all で測ってください。"
        )
    from eval.benchmarks.ranked.beir_retrieval import entry_readings, measure_retrieval
    from eval.benchmarks.ranked.temporary_index import open_temporary_index

    settings = read_settings()
    with open_temporary_index(settings, entry_readings(beir.corpus)) as searched:
        rows = measure_retrieval(beir, queries, searched)
    inputs = {"beir": str(options.beir), "split": options.split, "limit": options.limit}
    return report_ranked(options, RETRIEVAL.name, settings, rows, inputs)


RETRIEVAL = Command("retrieval", "BEIR の形の問いと判定で、検索の質と速さを測る", _arguments, _retrieval)
