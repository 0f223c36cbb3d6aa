"""`python -m bot`: serving, asking, searching, records, accounts, keys, queue, dictionary, models and checks."""

import gc
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.cli.arguments import integer_between, parse_date, parse_month
from bot.cli.model_hub import OFFERS, RECOMMENDED
from ingest.cli.arguments import JapaneseArgumentParser

# Copies of the constants in bot/auth, whose import would slow down `--help`; a test compares them.
ACCOUNT_ROLES = ("staff", "tester", "editor", "admin")
KEY_SCOPES = ("ask", "search", "export", "admin")
# Allocations between garbage collections. With Python's default of 700 they take a twelfth of the start (decision 044).
_GC_THRESHOLD = 50_000


def parser() -> JapaneseArgumentParser:
    """Return the command line, with its help in Japanese."""
    top = JapaneseArgumentParser(
        prog="python -m bot", description="自治体が公開している文書から、根拠を付けて質問に答えます。"
    )
    commands = top.add_subparsers(required=True, metavar="命令", title="命令", parser_class=JapaneseArgumentParser)
    _serve(commands.add_parser("serve", help="API と画面を開く"))
    _ask(commands.add_parser("ask", help="ひとつの質問に答える"))
    _search(commands.add_parser("search", help="質問に近い箇所を、点数の順に示す"))
    _mcp(commands.add_parser("mcp", help="AIアシスタントに資料を使わせる（MCP、標準入出力）"))
    _doctor(commands.add_parser("doctor", help="設定と、動くもの・動かないもの・その直し方を示す"))
    _backup(
        commands.add_parser("backup", help="記録・追加した文書・索引を、ひとつのファイルに残す（動かしたままでよい）")
    )
    _restore(commands.add_parser("restore", help="バックアップを戻す。いまあるものは消さずに残す"))
    _forget(commands.add_parser("forget", help="会話の記録を消す: ひとつの会話か、古いもの"))
    for command in commands.choices.values():
        _data(command)
    _records(commands.add_parser("records", help="記録を、SQLite と PostgreSQL のあいだで写す"))
    _account(commands.add_parser("account", help="サインインできる人を作る・消す・並べる、サインインを終わらせる"))
    _key(commands.add_parser("key", help="プログラムの鍵を作る・取り消す・並べる"))
    _queue(commands.add_parser("queue", help="答えられなかった質問と役に立たなかった回答を、まとめて示す"))
    _dictionary(commands.add_parser("dictionary", help="言葉の辞書を、CSV に書き出す・CSV から取り込む"))
    _model(commands.add_parser("model", help="この計算機で動かす言語モデルを手に入れる"))
    return top


def _serve(command: JapaneseArgumentParser) -> None:
    command.set_defaults(command="serve")
    command.add_argument("--host", metavar="アドレス", help="待ち受けるアドレス（既定: 127.0.0.1）")
    command.add_argument(
        "--port", type=integer_between(0, 65535), metavar="番号", help="待ち受けるポート（既定: 8000）"
    )
    command.add_argument(
        "--workers",
        type=integer_between(1, 64),
        metavar="数",
        default=1,
        help="プロセスの数（既定: 1）。2以上では API だけを開く",
    )


def _ask(command: JapaneseArgumentParser) -> None:
    command.set_defaults(command="ask")
    command.add_argument("question", metavar="質問", help="質問の文")
    _as_of(command)
    command.add_argument(
        "--style", choices=["standard", "easy"], default="standard", help="文体（easy はやさしい日本語）"
    )
    command.add_argument("--audience", choices=["citizen", "staff"], default="citizen", help="市民向けか職員向けか")
    _json(command)


def _search(command: JapaneseArgumentParser) -> None:
    command.set_defaults(command="search")
    command.add_argument("question", metavar="質問", help="質問、または探すことば")
    command.add_argument("-k", type=integer_between(1, 1000), metavar="数", default=10, help="示す箇所の数（既定: 10）")
    command.add_argument("--doc-id", metavar="ID", help="この文書の中だけを探す")
    _as_of(command)
    _json(command)


def _mcp(command: JapaneseArgumentParser) -> None:
    command.set_defaults(command="mcp")


def _account(command: JapaneseArgumentParser) -> None:
    acts = command.add_subparsers(required=True, metavar="操作", title="操作", parser_class=JapaneseArgumentParser)
    add = acts.add_parser("add", help="作る。パスワードは端末で尋ねるか、標準入力から1行読む")
    role = acts.add_parser("role", help="役割を替える")
    remove = acts.add_parser("remove", help="消す。サインインしている画面も使えなくなる")
    show = acts.add_parser("list", help="並べる")
    sessions = acts.add_parser("sessions", help="いまサインインしている人を並べる")
    revoke = acts.add_parser("revoke", help="サインインを終わらせる")
    for act in (add, role, remove):
        act.add_argument("name", metavar="名前", help="サインインに使う名前")
    meaning = "staff は電話に答え、tester は採点もし、editor は文書と回答を公開し、admin はすべてができる"
    add.add_argument("--role", choices=ACCOUNT_ROLES, default="staff", help=f"役割（既定: staff）。{meaning}")
    role.add_argument("role", choices=ACCOUNT_ROLES, help=meaning)
    revoke.add_argument("wanted", metavar="名前か番号", help="その人のすべてか、sessions が示す番号のひとつ")
    for name, act in acts.choices.items():
        act.set_defaults(command=f"account {name}")
        _data(act)
    for act in (show, sessions):
        _json(act)


def _key(command: JapaneseArgumentParser) -> None:
    acts = command.add_subparsers(required=True, metavar="操作", title="操作", parser_class=JapaneseArgumentParser)
    add = acts.add_parser("add", help="作る。鍵は一度だけ表示する")
    revoke = acts.add_parser("revoke", help="取り消す")
    show = acts.add_parser("list", help="並べる")
    for act in (add, revoke):
        act.add_argument("name", metavar="名前", help="どのプログラムの鍵か")
    add.add_argument(
        "--scope",
        choices=KEY_SCOPES,
        nargs="+",
        required=True,
        help="ask は質問、search は検索と文書、export は書き出し、admin は文書の公開と取り下げ",
    )
    add.add_argument(
        "--per-minute",
        type=integer_between(1, 1_000_000),
        metavar="数",
        default=600,
        help="1分間の質問と検索の数（既定: 600）",
    )
    _json(show)
    for name, act in acts.choices.items():
        act.set_defaults(command=f"key {name}")
        _data(act)


def _queue(command: JapaneseArgumentParser) -> None:
    command.set_defaults(command="queue")
    acts = command.add_subparsers(metavar="操作", title="操作", parser_class=JapaneseArgumentParser)
    answered = acts.add_parser("answered", help="ある月に答えられなかった質問のうち、いま答えられるものを数える")
    answered.set_defaults(command="queue answered")
    answered.add_argument("--month", type=parse_month, metavar="月", help="数える月（例: 2026-10。既定: 先月）")
    cases = acts.add_parser("cases", help="使われている職員の回答を、評価の質問集の形で1行ずつ出す")
    cases.set_defaults(command="queue cases")
    _json(answered)
    _json(command)
    for subcommand in (command, *acts.choices.values()):
        _data(subcommand)


def _dictionary(command: JapaneseArgumentParser) -> None:
    acts = command.add_subparsers(required=True, metavar="操作", title="操作", parser_class=JapaneseArgumentParser)
    export = acts.add_parser("export", help="ファイルに書き出す（UTF-8、BOM付き）")
    export.set_defaults(command="dictionary export")
    read = acts.add_parser("import", help="ファイルから取り込む。1行でも誤りがあれば、何も変えない")
    read.set_defaults(command="dictionary import")
    for act in (export, read):
        act.add_argument("file", type=Path, metavar="ファイル", help="CSV（列は 呼び名、正式な名前、種類、メモ）")
        _data(act)
    read.add_argument("--check", action="store_true", help="何が変わるかを示すだけで、取り込まない")
    read.add_argument("--remove-others", action="store_true", help="ファイルにない言葉を外す")
    _json(read)


def _model(command: JapaneseArgumentParser) -> None:
    acts = command.add_subparsers(required=True, metavar="操作", title="操作", parser_class=JapaneseArgumentParser)
    get = acts.add_parser("get", help="配布元から取得して確かめ、.env に書く（HF_ENDPOINT で別の配布元）")
    get.set_defaults(command="model get")
    get.add_argument(
        "name",
        metavar="モデル",
        nargs="?",
        default=RECOMMENDED,
        help=f"{'、'.join(OFFERS)}、または 持ち主/リポジトリ/ファイル.gguf（既定: {RECOMMENDED}）",
    )
    get.add_argument("--file", type=Path, metavar="ファイル", help="手元の GGUF ファイルを、取得せずに使う")
    get.add_argument("--sha256", metavar="値", help="ファイルの SHA-256（既定: 配布元が示す値）")
    get.add_argument("--yes", action="store_true", help="ライセンスに従うものとして、尋ねずに取得する")
    _data(get)


def _doctor(command: JapaneseArgumentParser) -> None:
    command.set_defaults(command="doctor")
    command.add_argument(
        "--deep",
        action="store_true",
        help="すべてのファイルを読み、1問に答え、記録を書いて消し、つなぎ先と時計まで確かめる（数秒〜数分）",
    )
    _json(command)


def _backup(command: JapaneseArgumentParser) -> None:
    command.set_defaults(command="backup")
    command.add_argument("file", type=Path, metavar="ファイル", help="書き出す先（例: shirube-2026-11.zip）")
    _json(command)


def _restore(command: JapaneseArgumentParser) -> None:
    command.set_defaults(command="restore")
    command.add_argument("file", type=Path, metavar="ファイル", help="`backup` で書き出したファイル")
    _json(command)


def _records(command: JapaneseArgumentParser) -> None:
    acts = command.add_subparsers(required=True, metavar="操作", title="操作", parser_class=JapaneseArgumentParser)
    copy = acts.add_parser("copy", help="すべての記録を写し、両方が一致することを確かめる")
    copy.set_defaults(command="records copy")
    places = (
        "SQLite のファイル、アドレス（postgresql+psycopg://…）、または設定のデータベースを指す SHIRUBE_DATABASE_URL"
    )
    copy.add_argument("source", metavar="元", help=places)
    copy.add_argument("target", metavar="先", help="同じ書き方で、空のデータベースか、途中まで写したもの")
    _json(copy)
    _data(copy)


def _forget(command: JapaneseArgumentParser) -> None:
    command.set_defaults(command="forget")
    which = command.add_mutually_exclusive_group()
    which.add_argument("conversation", nargs="?", metavar="会話の番号", help="この会話を消す")
    which.add_argument(
        "--days",
        type=integer_between(1, 36500),
        metavar="日数",
        help="最後の質問からこの日数を過ぎた会話を消す（既定: SHIRUBE_KEEP_DAYS）",
    )
    _json(command)


def _as_of(command: JapaneseArgumentParser) -> None:
    command.add_argument(
        "--as-of", type=parse_date, metavar="日付", help="いつの時点で答えるか（例: 2026-04-01。既定: 今日）"
    )


def _data(command: JapaneseArgumentParser) -> None:
    command.add_argument(
        "--data", type=Path, metavar="フォルダー", help="索引と記録の置き場所（既定: SHIRUBE_DATA か var）"
    )


def _json(command: JapaneseArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="結果を JSON で標準出力に出す")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 success, 1 a failed check (doctor), 2 wrong use or bad input."""
    options = parser().parse_args(arguments)
    gc.set_threshold(_GC_THRESHOLD)
    # Imported here, so that `--help` and wrong use are reported at once.
    from bot.cli import service_commands  # noqa: PLC0415
    from bot.errors import BotError  # noqa: PLC0415
    from ingest.errors import IngestError  # noqa: PLC0415

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    try:
        return service_commands.COMMANDS[options.command](options)
    except (BotError, IngestError) as error:
        sys.stderr.write(f"エラー: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
