"""`python -m eval reading`: short answers from passages, on a set in the format of SQuAD."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from bot.console.arguments import whole
from eval.commands.command import Command
from eval.commands.ranked import report
from eval.errors import SetFileError
from eval.ranked.halves import add_half, half_of
from eval.reading.squad import evenly, load_squad
from ingest.environment import read_settings


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--squad", type=Path, required=True, metavar="FILE", help="SQuAD 形式の JSON ファイル")
    add_half(command)
    command.add_argument(
        "--limit",
        type=whole(1, 10**9),
        metavar="N",
        help="ファイル全体から均等に選んだ N 問だけ測る(文章はすべて索引に入る)",
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・問いごとの結果・数値の保存先")


def _reading(options: Namespace) -> int:
    squad = load_squad(options.squad)
    asked = tuple(q for q in squad.questions if options.half in ("all", half_of(q.id)))
    if not asked:
        raise SetFileError(
            f"{options.squad}: --half {options.half} に入る問いがありません。--half all で測ってください。"
        )
    # Imported here: what opens an index costs half a second that the other commands need not pay.
    from eval.ranked.indexed import indexed  # noqa: PLC0415
    from eval.reading.reading import measure, readings  # noqa: PLC0415

    settings = read_settings()
    with indexed(settings, readings(squad.contexts)) as searched:
        rows = measure(evenly(asked, options.limit), searched)
    about = {"command": "reading", "squad": str(options.squad), "limit": options.limit}
    return report(options, rows, settings, about)


READING = Command("reading", "SQuAD の形の問いで、文章から短い答えを選ぶ質と速さを測る", _arguments, _reading)
