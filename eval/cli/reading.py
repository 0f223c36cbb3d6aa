"""`python -m eval reading`: measures short answers on a set in SQuAD format."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from bot.cli.arguments import integer_between
from eval.benchmarks.ranked.ranked_run import add_half_option, half_for_id
from eval.benchmarks.reading.squad import load_squad, sample_evenly
from eval.cli.command import Command
from eval.cli.ranked_figures import report_ranked
from eval.errors import SetFileError
from ingest.configuration.environment import read_settings


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--squad", type=Path, required=True, metavar="FILE", help="SQuAD 形式の JSON ファイル")
    add_half_option(command)
    command.add_argument(
        "--limit",
        type=integer_between(1, 10**9),
        metavar="N",
        help="ファイル全体から均等に選んだ N 問だけ測る(文章はすべて索引に入る)",
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・問いごとの結果・数値の保存先")


def _reading(options: Namespace) -> int:
    squad = load_squad(options.squad)
    chosen = tuple(q for q in squad.questions if options.half in ("all", half_for_id(q.id)))
    if not chosen:
        raise SetFileError(
            f"{options.squad}: --half {options.half} に入る問いがありません。--half all で測ってください。"
        )
    from eval.benchmarks.ranked.temporary_index import open_temporary_index
    from eval.benchmarks.reading.squad_reading import context_readings, measure_reading

    settings = read_settings()
    with open_temporary_index(settings, context_readings(squad.contexts)) as searched:
        rows = measure_reading(sample_evenly(chosen, options.limit), searched)
    inputs = {"squad": str(options.squad), "limit": options.limit}
    return report_ranked(options, READING.name, settings, rows, inputs)


READING = Command("reading", "SQuAD の形の問いで、文章から短い答えを選ぶ質と速さを測る", _arguments, _reading)
