"""The commands of `python -m bot` that serve, ask, check, and keep or delete records."""

# Commands import lazily, so that `--help` and wrong use are reported at once, and no command waits for the libraries of
# another.
# ruff: noqa: PLC0415

import argparse
import re
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import BadQuestionError, BotError
from bot.running.commands.model_hub import OFFERS, RECOMMENDED
from ingest.cli.command_line import CommandLine, Output, integer_between, one_of, option, path_option, terminal_user

if TYPE_CHECKING:
    from bot.answering.state.answer import Audience, Style
    from bot.running.storage.backup import Backup
    from ingest.configuration.settings import Settings

line = CommandLine("python -m bot", "自治体が公開している文書から、根拠を付けて質問に答えます。")
_MEGA = 1024 * 1024


def parse_date(text: str) -> date:
    with suppress(ValueError):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    raise argparse.ArgumentTypeError(f"「{text}」は日付ではありません。2026-04-01 の形で指定してください。")


_AS_OF = option("--as-of", type=parse_date, metavar="日付", help="いつの時点で答えるか（例: 2026-04-01。既定: 今日）")


@line.command(
    "serve",
    "API と画面を開く",
    option("--host", metavar="アドレス", help="待ち受けるアドレス（既定: 127.0.0.1）"),
    option("--port", type=integer_between(0, 65535), metavar="番号", help="待ち受けるポート（既定: 8000）"),
    option(
        "--workers",
        type=integer_between(1, 64),
        metavar="数",
        default=1,
        help="プロセスの数（既定: 1）。2以上では API だけを開く",
    ),
    has_output=False,
)
def serve(settings: "Settings", host: str | None, port: int | None, workers: int) -> None:
    from bot.running.server.serve import serve_until_stopped

    given = {"host": host, "port": port}
    update = {name: value for name, value in given.items() if value is not None}
    serve_until_stopped(settings.model_copy(update=update), workers)


@line.command(
    "ask",
    "ひとつの質問に答える",
    option("question", metavar="質問", help="質問の文"),
    _AS_OF,
    option("--style", choices=["standard", "easy"], default="standard", help="文体（easy はやさしい日本語）"),
    option("--audience", choices=["citizen", "staff"], default="citizen", help="市民向けか職員向けか"),
)
def ask(settings: "Settings", question: str, as_of: date | None, style: "Style", audience: "Audience") -> Output:
    from bot.answering.state import Question
    from bot.running.commands.terminal import show_answer
    from bot.running.service.service import open_service

    asked = Question(question=_check_encodable(question), as_of=as_of, style=style, audience=audience)
    with open_service(settings) as service:
        service.wait_for_model()
        answer = service.ask(asked)
    return Output(answer.model_dump(mode="json"), partial(show_answer, answer=answer))


@line.command(
    "search",
    "質問に近い箇所を、点数の順に示す",
    option("question", metavar="質問", help="質問、または探すことば"),
    option("-k", type=integer_between(1, 1000), metavar="数", default=10, help="示す箇所の数（既定: 10）"),
    option("--doc-id", metavar="ID", help="この文書の中だけを探す"),
    _AS_OF,
)
def search(settings: "Settings", question: str, k: int, doc_id: str | None, as_of: date | None) -> Output:
    from bot.channels.api.schemas import SearchResults
    from bot.running.commands.terminal import show_search_results
    from bot.running.service.service import open_service

    with open_service(settings) as service:
        hits = service.search(_check_encodable(question), k, as_of, doc_id)
        results = SearchResults.from_hits(hits, service.documents(as_of))
    return Output(results.model_dump(mode="json"), partial(show_search_results, results=results))


def _check_encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadQuestionError("質問に読めない文字があります。UTF-8 の端末で入力してください。") from error
    return text


@line.command("mcp", "AIアシスタントに資料を使わせる（MCP、標準入出力）", has_output=False)
def mcp(settings: "Settings") -> None:
    from bot.channels.assistants import create_mcp_server
    from bot.running.service.service import open_service

    with open_service(settings) as service:
        service.documents()  # opens the index; raises NoIndexError without one
        create_mcp_server(service, settings.service_name).run("stdio")


@line.command(
    "doctor",
    "設定と、動くもの・動かないもの・その直し方を示す",
    option(
        "--deep",
        action="store_true",
        help="すべてのファイルを読み、1問に答え、記録を書いて消す（数秒〜数分）",
    ),
)
def doctor(settings: "Settings", *, deep: bool) -> Output:
    from rich.console import Console

    from bot.running.commands.doctor import run_checks
    from bot.running.commands.terminal import show_report

    with Console(stderr=True).status("確かめています（言語モデルの見本の質問には、数分かかることがあります）"):
        report = run_checks(settings, deep=deep)
    return Output(report.to_dict(), partial(show_report, report=report), int(not report.well))


@line.command(
    "backup",
    "記録・追加した文書・索引を、ひとつのファイルに残す（動かしたままでよい）",
    path_option("file", "ファイル", "書き出す先（例: shirube-2026-11.tar.gz）"),
)
def backup(settings: "Settings", file: Path) -> Output:
    from bot.running.storage.backup import write_backup

    saved = write_backup(settings, file)
    message = [
        f"{file} に残しました（{file.stat().st_size / _MEGA:,.1f} MB）。書いたあと読み直して確かめました。",
        f"会話 {saved.conversations:,}件、回答 {saved.answers:,}件、索引 {saved.generation or 'なし'}",
        "市民の質問と職員のサインインの記録が入っています。置き場所にご注意ください。",
    ]
    if settings.database_url:
        message.append("※ 記録は SHIRUBE_DATABASE_URL のデータベースにあります。pg_dump などで別に残してください。")
    if settings.chroma_url:
        message.append(
            "※ ベクトルは SHIRUBE_CHROMA_URL のサーバーにあります。戻したあと `python -m ingest build` で作り直せます。"
        )
    return Output(_to_value(file, saved), "\n".join(message))


def _to_value(file: Path, backup: "Backup") -> dict[str, object]:
    return {"file": str(file), **backup.model_dump(mode="json", exclude={"format"})}


@line.command(
    "restore",
    "バックアップを戻す。いまあるものは消さずに残す",
    path_option("file", "ファイル", "`backup` で書き出したファイル"),
)
def restore(settings: "Settings", file: Path) -> Output:
    from bot.running.storage.backup import restore_backup
    from ingest.japanese.today import JAPAN

    restored = restore_backup(settings, file)
    message = [
        f"{restored.created.astimezone(JAPAN):%Y-%m-%d %H:%M}（日本時間）のバックアップを戻しました。",
        f"会話 {restored.conversations:,}件、回答 {restored.answers:,}件、索引 {restored.generation or 'なし'}",
    ]
    if restored.kept:
        message.append(f"前にあったものは {restored.kept} にあります。要らなければ消してください。")
    if settings.database_url and restored.answers:
        message.append(
            "※ 使うのは SHIRUBE_DATABASE_URL のデータベースです。バックアップの記録は shirube.sqlite に戻しました。"
        )
    message.append("サーバーが動いているなら、起動し直してください。")
    return Output(_to_value(file, restored), "\n".join(message))


@line.command(
    "forget",
    "会話の記録を消す: ひとつの会話か、古いもの",
    one_of(
        option("conversation", nargs="?", metavar="会話の番号", help="この会話を消す"),
        option(
            "--days",
            type=integer_between(1, 36500),
            metavar="日数",
            help="最後の質問からこの日数を過ぎた会話を消す（既定: SHIRUBE_KEEP_DAYS）",
        ),
    ),
)
def forget(settings: "Settings", conversation: str | None, days: int | None) -> Output:
    from bot.running.service.service import open_service

    days = days or settings.keep_days
    with open_service(settings) as service:
        if conversation is not None:
            deleted = service.forget(conversation, terminal_user())
        elif days is not None:
            deleted = service.forget_old(days, terminal_user())
        else:
            raise BotError(
                "どの会話を消すか指定してください: 会話の番号、--days 日数、または SHIRUBE_KEEP_DAYS のどれかです。"
            )
    counts = f"回答 {deleted.answers:,}件、評価 {deleted.votes:,}件"
    return Output(
        asdict(deleted),
        f"会話 {deleted.conversations:,}件（{counts}）を記録から消しました。\n"
        "※ 職員が公開した回答と、前に取ったバックアップには残ります。",
    )


line.group("model", "この計算機で動かす言語モデルを手に入れる")


@line.command(
    "model get",
    "配布元から取得して確かめ、.env に書く（HF_ENDPOINT で別の配布元）",
    option(
        "name",
        metavar="モデル",
        nargs="?",
        default=RECOMMENDED,
        help=f"{'、'.join(OFFERS)}、または 持ち主/リポジトリ/ファイル.gguf（既定: {RECOMMENDED}）",
    ),
    path_option("--file", "ファイル", "手元の GGUF ファイルを、取得せずに使う"),
    option("--yes", action="store_true", help="ライセンスに従うものとして、尋ねずに取得する"),
    has_output=False,
)
def get_model(settings: "Settings", name: str, file: Path | None, *, yes: bool) -> None:
    from bot.running.commands.model_hub import configure_model, download_model

    file = file or download_model(settings.data, name, is_agreed=yes)
    sys.stdout.write(configure_model(file))
