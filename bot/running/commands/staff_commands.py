"""The commands of `python -m bot` for accounts, sessions and API keys."""

# Commands import lazily, so that `--help` and wrong use are reported at once.
# ruff: noqa: PLC0415

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from getpass import getpass
from typing import TYPE_CHECKING, Any

from bot.errors import AccountError
from bot.running.auth.person import ROLE_NAMES, ROLES, SCOPES, Role
from bot.running.commands.service_commands import line
from ingest.cli.command_line import Output, integer_between, option, terminal_user

if TYPE_CHECKING:
    from bot.running.auth.sign_in import SignIn
    from ingest.configuration.audit import Action
    from ingest.configuration.settings import Settings

_ROLES = "staff は電話に答え、tester は採点もし、editor は文書と回答を公開し、admin はすべてができる"
_NAME = option("name", metavar="名前", help="サインインに使う名前")


def _open_sign_in(settings: "Settings") -> "closing[SignIn]":
    from bot.running.auth.sign_in import SignIn

    return closing(SignIn(settings))


def _changed(settings: "Settings", action: "Action", value: dict[str, Any], change: str, hint: str = "") -> Output:
    from ingest.configuration.audit import record_event

    record_event(settings, terminal_user(), action, (), change)
    return Output(value, f"{change}。{hint}")


line.group("account", "サインインできる人を作る・消す・並べる、サインインを終わらせる")


@line.command(
    "account add",
    "作る。パスワードは端末で尋ねるか、標準入力から1行読む",
    _NAME,
    option("--role", choices=ROLES[1:], default="staff", help=f"役割（既定: staff）。{_ROLES}"),
)
def add_account(settings: "Settings", name: str, role: "Role") -> Output:
    with _open_sign_in(settings) as sign_in:
        person = sign_in.accounts.add(name, _read_password(), role)
    change = f"{ROLE_NAMES[person.role]}「{person.name}」のアカウントを作りました"
    return _changed(settings, "account", asdict(person), change, "/signin で使えます。")


def _read_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("パスワード: ")
    if getpass("もう一度: ") != password:
        raise AccountError("2つのパスワードが違います。もう一度やり直してください。")
    return password


@line.command("account role", "役割を替える", _NAME, option("role", choices=ROLES[1:], help=_ROLES))
def change_role(settings: "Settings", name: str, role: "Role") -> Output:
    with _open_sign_in(settings) as sign_in:
        person = sign_in.accounts.change(name, role)
    change = f"「{person.name}」を{ROLE_NAMES[person.role]}にしました"
    return _changed(settings, "account", {"name": person.name, "role": person.role}, change)


@line.command("account remove", "消す。サインインしている画面も使えなくなる", _NAME)
def remove_account(settings: "Settings", name: str) -> Output:
    with _open_sign_in(settings) as sign_in:
        sign_in.accounts.remove(name)
    return _changed(settings, "account", {"removed": name}, f"「{name}」のアカウントを消しました")


@line.command("account list", "並べる")
def list_accounts(settings: "Settings") -> Output:
    with _open_sign_in(settings) as sign_in:
        people = sign_in.accounts.all()
    none = "アカウントはまだありません。`python -m bot account add 名前` で作れます。"
    return Output(
        [{"name": person.name, "role": person.role} for person in people],
        "\n".join(f"{person.name}（{ROLE_NAMES[person.role]}）" for person in people) or none,
    )


@line.command("account sessions", "いまサインインしている人を並べる")
def list_sessions(settings: "Settings") -> Output:
    from ingest.japanese.today import JAPAN

    with _open_sign_in(settings) as sign_in:
        sessions = sign_in.sessions.all()
    value, lines = [], []
    for session in sessions:
        name, role = session.person.name, session.person.role
        begun = session.begun and str(session.begun)
        value.append(
            {
                "id": session.id,
                "person": {"name": name, "role": role},
                "begun": begun,
                "expires": str(session.expires),
                "origin": asdict(session.origin),
            }
        )
        until = f"{session.expires.astimezone(JAPAN):%Y-%m-%d %H:%M}（日本時間）まで"
        origin = f"{session.origin.address}  {session.origin.browser}"
        lines.append(f"{session.id}  {name}（{ROLE_NAMES[role]}）  {until}  {origin}")
    return Output(value, "\n".join(lines) or "サインインしている人はいません。")


@line.command(
    "account revoke",
    "サインインを終わらせる",
    option("wanted", metavar="名前か番号", help="その人のすべてか、sessions が示す番号のひとつ"),
)
def revoke_sessions(settings: "Settings", wanted: str) -> Output:
    with _open_sign_in(settings) as sign_in:
        ended = sign_in.sessions.revoke(wanted)
    if not ended:
        raise AccountError(
            f"「{wanted}」のサインインはありません。`python -m bot account sessions` で確かめてください。"
        )
    change = f"「{wanted}」のサインイン{ended}件を終わらせました"
    return _changed(settings, "session", {"revoked": wanted, "sessions": ended}, change)


line.group("key", "プログラムの鍵を作る・取り消す・並べる")
_KEY_NAME = option("name", metavar="名前", help="どのプログラムの鍵か")


@line.command(
    "key add",
    "作る。鍵は一度だけ表示する",
    _KEY_NAME,
    option(
        "--scope",
        choices=SCOPES,
        nargs="+",
        required=True,
        help="ask は質問、search は検索と文書、export は書き出し、admin は文書の公開と取り下げ",
    ),
    option(
        "--per-minute",
        type=integer_between(1, 1_000_000),
        metavar="数",
        default=600,
        help="1分間の質問と検索の数（既定: 600）",
    ),
    has_output=False,
)
def add_key(settings: "Settings", name: str, scope: Sequence[Any], per_minute: int) -> None:
    with _open_sign_in(settings) as sign_in:
        secret = sign_in.keys.add(name, frozenset(scope), per_minute)
    _changed(settings, "key", {}, f"鍵「{name}」（{'、'.join(sorted(scope))}）を作りました")
    sys.stdout.write(f"{secret}\n")
    sys.stderr.write("鍵は今だけ表示します。Authorization: Bearer に続けて送ってください。\n")


@line.command("key revoke", "取り消す", _KEY_NAME)
def revoke_key(settings: "Settings", name: str) -> Output:
    with _open_sign_in(settings) as sign_in:
        sign_in.keys.revoke(name)
    return _changed(settings, "key", {"revoked": name}, f"鍵「{name}」を取り消しました")


@line.command("key list", "並べる")
def list_keys(settings: "Settings") -> Output:
    with _open_sign_in(settings) as sign_in:
        keys = sign_in.keys.all()
    lines = [f"{key.name}  {' '.join(sorted(key.scopes))}  1分に{key.per_minute}件" for key in keys]
    return Output(
        [asdict(key) | {"scopes": sorted(key.scopes), "created": str(key.created)} for key in keys],
        "\n".join(lines) or "鍵はまだありません。`python -m bot key add 名前 --scope ask` で作れます。",
    )
