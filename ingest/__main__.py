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

    build = commands.add_parser("build", help="文書フォルダーを索引にする（変わった文書だけを読み直す）")
    build.add_argument("--full", action="store_true", help="変わっていない文書も、すべて読み直して作る")

    add = commands.add_parser("add", help="文書をひとつずつ追加する（同じ id なら置き換える）")
    add.add_argument("files", type=Path, nargs="+", metavar="ファイル", help="追加する文書")
    add.add_argument("--id", metavar="ID", help="文書の id。英小文字・数字・「.」「-」（既定: ファイル名から）")
    add.add_argument("--title", metavar="題名", help="文書の題名（既定: 最初の見出しかファイル名）")
    add.add_argument("--kind", choices=get_args(DocumentKind), metavar="種類", help=" ".join(get_args(DocumentKind)))
    add.add_argument("--issuer", metavar="名前", help="発行者")
    add.add_argument("--published", metavar="年月日", help="発行した年、年月、または日（例: 2026-01）")
    add.add_argument(
        "--period", nargs=2, metavar=("開始日", "終了日"), help="効力のある期間（例: 2026-04-01 2030-03-31）"
    )
    add.add_argument("--supersedes", action="append", metavar="ID", help="これが置き換える文書の id。繰り返せる")
    add.add_argument("--amends", action="append", metavar="ID", help="これが一部を改正する文書の id。繰り返せる")
    add.add_argument("--alias", action="append", dest="aliases", metavar="呼び名", help="別の呼び名。繰り返せる")
    add.add_argument("--url", metavar="URL", help="公開されている場所")

    remove = commands.add_parser("remove", help="文書を索引から外す")
    remove.add_argument("ids", nargs="+", metavar="ID", help="外す文書の id")

    commands.add_parser("list", help="索引にある文書の一覧を示す")

    show = commands.add_parser("show", help="文書から読み取った見出し・表・箇所を示す")
    show.add_argument("id", metavar="ID", help="文書の id")
    show.add_argument("--passages", action="store_true", help="箇所の本文も示す")
    show.add_argument("--tables", action="store_true", help="表だけを、列の意味（目標・実績・年・単位）とともに示す")

    check = commands.add_parser("check", help="文書フォルダーの問題を、索引にせずにすべて挙げる")

    manifest = commands.add_parser("manifest", help="文書から題名・日付・期間などを読み取り、manifest.toml の案を示す")
    manifest.add_argument(
        "folder", type=Path, nargs="?", metavar="フォルダー", help="文書フォルダー（既定: SHIRUBE_CORPUS か corpus）"
    )
    manifest.add_argument(
        "--write", action="store_true", help="manifest.toml に書き加える（書いてあることは変えない。既定: 示すだけ）"
    )

    withdraw = commands.add_parser("withdraw", help="文書を、次の質問からすぐに答えに使わないようにする")
    withdraw.add_argument("ids", nargs="+", metavar="ID", help="取り下げる文書の id")
    withdraw.add_argument("--reason", required=True, metavar="理由", help="取り下げる理由（一覧と記録に残る）")

    restore = commands.add_parser("restore", help="取り下げた文書を、また答えに使う")
    restore.add_argument("ids", nargs="+", metavar="ID", help="戻す文書の id")

    purge = commands.add_parser("purge", help="残してはいけない前の版の原本を、消し去る（記録に残る）")
    purge.add_argument("id", metavar="ID", help="文書の id")
    purge.add_argument("--version", metavar="版", help="この版だけを消す（既定: 前の版すべて）")
    purge.add_argument("--reason", required=True, metavar="理由", help="消し去る理由（記録に残る）")

    audit = commands.add_parser("audit", help="誰がいつ何をしたか（文書・アカウント・鍵・回答・課と窓口など）を示す")
    audit.add_argument("id", nargs="?", metavar="ID", help="この文書についてだけ示す")

    sync = commands.add_parser("sync", help="sources.toml のアドレスから文書を取得し直し、変わったものを索引にする")
    sync.add_argument(
        "--corpus",
        type=Path,
        metavar="フォルダー",
        help="sources.toml のあるフォルダー（既定: SHIRUBE_CORPUS か corpus）",
    )
    sync.add_argument("--no-build", action="store_true", help="取得だけをして、索引は作らない")
    sync.add_argument(
        "--confirm",
        action="append",
        metavar="文書",
        help="取得せずに、疑わしいとして分けておいた内容（id、ファイル名、アドレス）で置き換える",
    )
    sync.add_argument(
        "--watch", type=float, metavar="秒", help="終わらずに、この秒数ごとにフォルダーを見て、変われば索引を作る"
    )

    for command in (build, check):
        text = "文書と manifest.toml のあるフォルダー。繰り返し指定できる（既定: SHIRUBE_CORPUS か corpus）"
        command.add_argument("--corpus", type=Path, action="append", metavar="フォルダー", help=text)
    for command in (withdraw, restore, purge):
        command.add_argument("--by", metavar="名前", help="記録に残す名前（既定: この端末の利用者）")
    for command in commands.choices.values():
        command.add_argument(
            "--data", type=Path, metavar="フォルダー", help="索引と記録の置き場所（既定: SHIRUBE_DATA か var）"
        )
        command.add_argument("--json", action="store_true", help="結果を JSON で標準出力に出す")
    return top


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
