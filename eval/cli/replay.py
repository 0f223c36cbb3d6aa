"""`python -m eval replay`: serves the replies of a saved run as a language model."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from bot.cli.arguments import integer_between
from eval.cli.command import DONE, Command
from eval.scoring.run_record import load_run

_PORT = 18100


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("run", type=Path, metavar="RUN", help="言語モデルを使った eval run の保存先")
    command.add_argument(
        "--port", type=integer_between(1, 65535), default=_PORT, metavar="N", help=f"待ち受けるポート(既定: {_PORT})"
    )


def _replay(options: Namespace) -> int:
    import uvicorn

    from eval.systems.stored_replies import StoredReplies, create_replay_app

    replies = StoredReplies(load_run(options.run).rows)
    console = Console()
    console.print(
        f"{replies.model} の返事 {len(replies)} 件を返します。終えるには Ctrl+C を押してください。\n"
        f"  python -m eval run … --llm {replies.model}=http://127.0.0.1:{options.port}/v1",
        highlight=False,
        soft_wrap=True,
    )
    uvicorn.run(create_replay_app(replies), host="127.0.0.1", port=options.port, log_level="warning")
    console.print(f"保存された返事がなかった呼び出し: {replies.missing} 件", highlight=False)
    return DONE


REPLAY = Command("replay", "保存した評価の言語モデルの返事を、もう一度返すサーバーを動かす", _arguments, _replay)
