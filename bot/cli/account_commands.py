"""The commands `account` and `key`: staff accounts, sessions and API keys."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from getpass import getpass

from bot.auth import SignIn
from bot.auth.person import ROLE_NAMES, SignedInPerson
from bot.auth.sessions import Session
from bot.errors import AccountError
from ingest.configuration.audit import Action, record_event, terminal_user
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings


def add(options: Namespace) -> int:
    """Create an account; the password is prompted for, or read from standard input."""
    with _open_sign_in(options) as (sign_in, settings):
        person = sign_in.accounts.add(options.name, _password(), options.role)
        account = f"{ROLE_NAMES[person.role]}「{person.name}」のアカウント"
        _record_and_print(settings, "account", f"{account}を作りました", "/signin で使えます。")
    return 0


def role(options: Namespace) -> int:
    """Change the role of an account."""
    with _open_sign_in(options) as (sign_in, settings):
        person = sign_in.accounts.change(options.name, options.role)
        _record_and_print(settings, "account", f"「{person.name}」を{ROLE_NAMES[person.role]}にしました")
    return 0


def remove(options: Namespace) -> int:
    """Delete an account and end its sessions."""
    with _open_sign_in(options) as (sign_in, settings):
        sign_in.accounts.remove(options.name)
        _record_and_print(settings, "account", f"「{options.name}」のアカウントを消しました")
    return 0


def show(options: Namespace) -> int:
    """List the accounts."""
    with _open_sign_in(options) as (sign_in, _):
        people = sign_in.accounts.all()
    if options.json:
        _emit([_person_to_dict(person) for person in people])
    else:
        none = "アカウントはまだありません。`python -m bot account add 名前` で作れます。"
        _print_lines([f"{person.name}（{ROLE_NAMES[person.role]}）" for person in people], none)
    return 0


def sessions(options: Namespace) -> int:
    """List the current sessions with their origins."""
    with _open_sign_in(options) as (sign_in, _):
        current = sign_in.sessions.all()
    if options.json:
        _emit([_session_to_dict(session) for session in current])
    else:
        _print_lines([_session_line(session) for session in current], "サインインしている人はいません。")
    return 0


def _session_to_dict(session: Session) -> dict[str, object]:
    return {
        "id": session.id,
        "person": _person_to_dict(session.person),
        "begun": session.begun and str(session.begun),
        "expires": str(session.expires),
        "origin": asdict(session.origin),
    }


def _person_to_dict(person: SignedInPerson) -> dict[str, object]:
    return {"name": person.name, "role": person.role}


def _session_line(session: Session) -> str:
    until = f"{session.expires.astimezone():%Y-%m-%d %H:%M}まで"
    person = f"{session.person.name}（{ROLE_NAMES[session.person.role]}）"
    return f"{session.id}  {person}  {until}  {session.origin.address}  {session.origin.browser}"


def revoke(options: Namespace) -> int:
    """End a session by its id, or all sessions of a person."""
    with _open_sign_in(options) as (sign_in, settings):
        ended = sign_in.sessions.revoke(options.wanted)
        if not ended:
            raise AccountError(
                f"「{options.wanted}」のサインインはありません。`python -m bot account sessions` で確かめてください。"
            )
        _record_and_print(settings, "session", f"「{options.wanted}」のサインイン{ended}件を終わらせました")
    return 0


def key_add(options: Namespace) -> int:
    """Create an API key and print it; it cannot be shown again."""
    with _open_sign_in(options) as (sign_in, settings):
        secret = sign_in.keys.add(options.name, frozenset(options.scope), options.per_minute)
        scopes = "、".join(sorted(options.scope))
        record_event(settings, terminal_user(), "key", (), f"鍵「{options.name}」（{scopes}）を作りました")
    sys.stdout.write(f"{secret}\n")
    sys.stderr.write("鍵は今だけ表示します。Authorization: Bearer に続けて送ってください。\n")
    return 0


def key_revoke(options: Namespace) -> int:
    """Delete an API key."""
    with _open_sign_in(options) as (sign_in, settings):
        sign_in.keys.revoke(options.name)
        _record_and_print(settings, "key", f"鍵「{options.name}」を取り消しました")
    return 0


def key_list(options: Namespace) -> int:
    """List the API keys without their secrets, which are not stored."""
    with _open_sign_in(options) as (sign_in, _):
        keys = sign_in.keys.all()
    if options.json:
        _emit([asdict(key) | {"scopes": sorted(key.scopes), "created": str(key.created)} for key in keys])
    else:
        lines = [f"{key.name}  {' '.join(sorted(key.scopes))}  1分に{key.per_minute}件" for key in keys]
        _print_lines(lines, "鍵はまだありません。`python -m bot key add 名前 --scope ask` で作れます。")
    return 0


@contextmanager
def _open_sign_in(options: Namespace) -> Iterator[tuple[SignIn, Settings]]:
    settings = read_settings(data=options.data)
    sign_in = SignIn(settings)
    try:
        yield sign_in, settings
    finally:
        sign_in.close()


def _record_and_print(settings: Settings, action: Action, change: str, hint: str = "") -> None:
    record_event(settings, terminal_user(), action, (), change)
    sys.stdout.write(f"{change}。{hint}\n")


def _emit(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _print_lines(lines: list[str], none: str) -> None:
    sys.stdout.write(("\n".join(lines) or none) + "\n")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("パスワード: ")
    if getpass("もう一度: ") != password:
        raise AccountError("2つのパスワードが違います。もう一度やり直してください。")
    return password
