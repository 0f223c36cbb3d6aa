"""`account`: who may sign in to the pages for staff."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from getpass import getpass

from bot.errors import AccountError
from bot.sign_in import SignIn
from ingest.settings import read_settings

SAID = {"staff": "職員", "tester": "試験者"}


def add(options: Namespace) -> int:
    """Make an account; the password is asked for on the terminal, or read from standard input."""
    with _opened(options) as sign_in:
        person = sign_in.accounts.add(options.name, _password(), options.role)
    sys.stdout.write(f"{SAID[person.role]}「{person.name}」のアカウントを作りました。/signin で使えます。\n")
    return 0


def remove(options: Namespace) -> int:
    """Delete an account and end its sessions."""
    with _opened(options) as sign_in:
        sign_in.accounts.remove(options.name)
    sys.stdout.write(f"「{options.name}」のアカウントを消しました。\n")
    return 0


def show(options: Namespace) -> int:
    """List the accounts."""
    with _opened(options) as sign_in:
        people = sign_in.accounts.all()
    if options.json:
        sys.stdout.write(json.dumps([asdict(person) for person in people], ensure_ascii=False, indent=2) + "\n")
    else:
        none = "アカウントはまだありません。`python -m bot account add 名前` で作れます。"
        sys.stdout.write("\n".join(f"{person.name}（{SAID[person.role]}）" for person in people) or none)
        sys.stdout.write("\n")
    return 0


@contextmanager
def _opened(options: Namespace) -> Iterator[SignIn]:
    sign_in = SignIn(read_settings(data=options.data))
    try:
        yield sign_in
    finally:
        sign_in.close()


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("パスワード: ")
    if getpass("もう一度: ") != password:
        raise AccountError("2つのパスワードが違います。もう一度やり直してください。")
    return password
