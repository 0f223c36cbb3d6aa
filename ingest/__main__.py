"""`python -m ingest`: build, add, remove, list, show, check, manifest, withdraw, restore, purge, audit, sync."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from ingest.cli.arguments import JapaneseArgumentParser
from ingest.documents import DocumentKind
from ingest.errors import IngestError

INTERRUPTED = 130


def parser() -> JapaneseArgumentParser:
    """Return the command line, with its help in Japanese."""
    top = JapaneseArgumentParser(
        prog="python -m ingest", description="自治体の計画や会議の資料を読み、質問に答えるための索引にします。"
    )
    commands = top.add_subparsers(
        required=True, dest="command", metavar="命令", title="命令", parser_class=JapaneseArgumentParser
    )
    _build(commands.add_parser("build", help="文書フォルダーを索引にする（変わった文書だけを読み直す）"))
    _add(commands.add_parser("add", help="文書をひとつずつ追加する（同じ id なら置き換える）"))
    _remove(commands.add_parser("remove", help="文書を索引から外す"))
    commands.add_parser("list", help="索引にある文書の一覧を示す")
    _show(commands.add_parser("show", help="文書から読み取った見出し・表・箇所を示す"))
    _check(commands.add_parser("check", help="文書フォルダーの問題を、索引にせずにすべて挙げる"))
    _manifest(commands.add_parser("manifest", help="文書から題名・日付・期間などを読み取り、manifest.toml の案を示す"))
    _withdraw(commands.add_parser("withdraw", help="文書を、次の質問からすぐに答えに使わないようにする"))
    _restore(commands.add_parser("restore", help="取り下げた文書を、また答えに使う"))
    _purge(commands.add_parser("purge", help="残してはいけない前の版の原本を、消し去る（記録に残る）"))
    _audit(commands.add_parser("audit", help="誰がいつ何をしたか（文書・アカウント・鍵・回答・課と窓口など）を示す"))
    _sync(commands.add_parser("sync", help="sources.toml のアドレスから文書を取得し直し、変わったものを索引にする"))
    for command in commands.choices.values():
        command.add_argument(
            "--data", type=Path, metavar="フォルダー", help="索引と記録の置き場所（既定: SHIRUBE_DATA か var）"
        )
        command.add_argument("--json", action="store_true", help="結果を JSON で標準出力に出す")
    return top


def _build(command: JapaneseArgumentParser) -> None:
    _corpus(command)
    command.add_argument("--full", action="store_true", help="変わっていない文書も、すべて読み直して作る")


def _corpus(command: JapaneseArgumentParser) -> None:
    command.add_argument(
        "--corpus",
        type=Path,
        action="append",
        metavar="フォルダー",
        help="文書と manifest.toml のあるフォルダー。繰り返し指定できる（既定: SHIRUBE_CORPUS か corpus）",
    )


def _add(command: JapaneseArgumentParser) -> None:
    command.add_argument("files", type=Path, nargs="+", metavar="ファイル", help="追加する文書")
    command.add_argument("--id", metavar="ID", help="文書の id。英小文字・数字・「.」「-」（既定: ファイル名から）")
    command.add_argument("--title", metavar="題名", help="文書の題名（既定: 最初の見出しかファイル名）")
    command.add_argument(
        "--kind", choices=get_args(DocumentKind), metavar="種類", help=" ".join(get_args(DocumentKind))
    )
    command.add_argument("--issuer", metavar="名前", help="発行者")
    command.add_argument("--published", metavar="年月日", help="発行した年、年月、または日（例: 2026-01）")
    days = ("開始日", "終了日")
    command.add_argument("--period", nargs=2, metavar=days, help="効力のある期間（例: 2026-04-01 2030-03-31）")
    command.add_argument("--supersedes", action="append", metavar="ID", help="これが置き換える文書の id。繰り返せる")
    command.add_argument("--amends", action="append", metavar="ID", help="これが一部を改正する文書の id。繰り返せる")
    command.add_argument("--alias", action="append", dest="aliases", metavar="呼び名", help="別の呼び名。繰り返せる")
    command.add_argument("--url", metavar="URL", help="公開されている場所")


def _remove(command: JapaneseArgumentParser) -> None:
    command.add_argument("ids", nargs="+", metavar="ID", help="外す文書の id")


def _show(command: JapaneseArgumentParser) -> None:
    command.add_argument("id", metavar="ID", help="文書の id")
    command.add_argument("--passages", action="store_true", help="箇所の本文も示す")
    command.add_argument("--tables", action="store_true", help="表だけを、列の意味（目標・実績・年・単位）とともに示す")


def _check(command: JapaneseArgumentParser) -> None:
    _corpus(command)


def _manifest(command: JapaneseArgumentParser) -> None:
    command.add_argument(
        "folder", type=Path, nargs="?", metavar="フォルダー", help="文書フォルダー（既定: SHIRUBE_CORPUS か corpus）"
    )
    command.add_argument(
        "--write", action="store_true", help="manifest.toml に書き加える（書いてあることは変えない。既定: 示すだけ）"
    )


def _withdraw(command: JapaneseArgumentParser) -> None:
    command.add_argument("ids", nargs="+", metavar="ID", help="取り下げる文書の id")
    command.add_argument("--reason", required=True, metavar="理由", help="取り下げる理由（一覧と記録に残る）")
    _by(command)


def _restore(command: JapaneseArgumentParser) -> None:
    command.add_argument("ids", nargs="+", metavar="ID", help="戻す文書の id")
    _by(command)


def _purge(command: JapaneseArgumentParser) -> None:
    command.add_argument("id", metavar="ID", help="文書の id")
    command.add_argument("--version", metavar="版", help="この版だけを消す（既定: 前の版すべて）")
    command.add_argument("--reason", required=True, metavar="理由", help="消し去る理由（記録に残る）")
    _by(command)


def _by(command: JapaneseArgumentParser) -> None:
    command.add_argument("--by", metavar="名前", help="記録に残す名前（既定: この端末の利用者）")


def _audit(command: JapaneseArgumentParser) -> None:
    command.add_argument("id", nargs="?", metavar="ID", help="この文書についてだけ示す")


def _sync(command: JapaneseArgumentParser) -> None:
    command.add_argument(
        "--corpus",
        type=Path,
        metavar="フォルダー",
        help="sources.toml のあるフォルダー（既定: SHIRUBE_CORPUS か corpus）",
    )
    command.add_argument("--no-build", action="store_true", help="取得だけをして、索引は作らない")
    command.add_argument(
        "--confirm",
        action="append",
        metavar="文書",
        help="取得せずに、疑わしいとして分けておいた内容（id、ファイル名、アドレス）で置き換える",
    )
    command.add_argument(
        "--watch", type=float, metavar="秒", help="終わらずに、この秒数ごとにフォルダーを見て、変われば索引を作る"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 done, 1 done except for unreadable files, 2 wrong use or bad input."""
    options = parser().parse_args(arguments)
    try:
        # Imported here to keep `--help` and error messages fast.
        from ingest.cli.commands import COMMANDS  # noqa: PLC0415

        return COMMANDS[options.command](options)
    except IngestError as error:
        sys.stderr.write(f"エラー: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write(
            "中断しました。使用中の索引は元のままです。読み終えた文書は残してあり、次の取り込みはその続きから始まります。\n"
        )
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
