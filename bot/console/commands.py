"""What each command does; the exit status is what they return."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

from rich.console import Console

from bot.answer import Question
from bot.errors import BadQuestionError, ForgettingError
from ingest.environment import read_settings

# What a command imports for itself is what the others need not wait for: Chroma, the encoder, the web server.
# ruff: noqa: PLC0415


def serve(options: Namespace) -> int:
    """Open API and pages until the process is told to end."""
    from bot.server.serve import serve_until_told

    serve_until_told(read_settings(data=options.data, host=options.host, port=options.port), options.workers)
    return 0


def ask(options: Namespace) -> int:
    """Answer one question; that the documents do not tell is an answer too."""
    from bot.console.terminal import show_answer
    from bot.service import open_service

    words = _readable(options.question)
    question = Question(question=words, as_of=options.as_of, style=options.style, audience=options.audience)
    with open_service(read_settings(data=options.data)) as service:
        answer = service.ask(question)
    if options.json:
        _emit(answer.model_dump(mode="json"))
    else:
        show_answer(Console(), answer)
    return 0


def search(options: Namespace) -> int:
    """Rank passages."""
    from bot.console.terminal import show_found
    from bot.http.shapes import Found
    from bot.service import open_service

    with open_service(read_settings(data=options.data)) as service:
        hits = service.search(_readable(options.question), options.k, options.as_of, options.doc_id)
        found = Found.of(hits, service.documents(options.as_of))
    if options.json:
        _emit(found.model_dump(mode="json"))
    else:
        show_found(Console(), found)
    return 0


def mcp(options: Namespace) -> int:
    """Serve an assistant over standard input and output, until it closes them."""
    from bot.mcp.server import assistants_server
    from bot.service import open_service

    settings = read_settings(data=options.data)
    with open_service(settings) as service:
        service.documents()  # opens the index: without one there is nothing to offer
        assistants_server(service, settings.service_name).run("stdio")
    return 0


def doctor(options: Namespace) -> int:
    """Report settings and checks; 1 when a check fails."""
    from bot.console.doctor import examine
    from bot.console.terminal import show_report

    report = examine(read_settings(data=options.data), deep=options.deep)
    if options.json:
        _emit(report.to_dict())
    else:
        show_report(Console(), report)
    return 0 if report.well else 1


def backup(options: Namespace) -> int:
    """Write everything in the data folder into one file."""
    from bot.backup import back_up
    from bot.console.terminal import show_saved

    saved = back_up(read_settings(data=options.data), options.file)
    _emit(asdict(saved)) if options.json else show_saved(Console(), saved)
    return 0


def restore(options: Namespace) -> int:
    """Put a backup back."""
    from bot.backup import restore as put_back
    from bot.console.terminal import show_restored

    restored = put_back(read_settings(data=options.data), options.file)
    _emit(asdict(restored)) if options.json else show_restored(Console(), restored)
    return 0


def forget(options: Namespace) -> int:
    """Delete one conversation, or the old ones."""
    from bot.console.terminal import show_forgotten
    from bot.service import open_service
    from ingest.audit import at_terminal

    settings = read_settings(data=options.data)
    days: int | None = options.days or settings.keep_days
    with open_service(settings) as service:
        if options.conversation is not None:
            gone = service.forget(options.conversation, at_terminal())
        elif days is not None:
            gone = service.forget_old(days, at_terminal())
        else:
            raise ForgettingError(
                "どの会話を消すか指定してください: 会話の番号、--days 日数、または SHIRUBE_KEEP_DAYS のどれかです。"
            )
    _emit(asdict(gone)) if options.json else show_forgotten(Console(), gone)
    return 0


def model_get(options: Namespace) -> int:
    """Fetch a local model."""
    from bot.console.local_model import get

    return get(options)


def _of(module: str, name: str) -> Callable[[Namespace], int]:
    """Return a command of another module, which is imported when it is called."""

    def command(options: Namespace) -> int:
        status: int = getattr(import_module(f"bot.console.{module}"), name)(options)
        return status

    return command


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "serve": serve,
    "ask": ask,
    "search": search,
    "mcp": mcp,
    "backup": backup,
    "restore": restore,
    "forget": forget,
    "account add": _of("accounts", "add"),
    "account remove": _of("accounts", "remove"),
    "account role": _of("accounts", "role"),
    "account list": _of("accounts", "show"),
    "account sessions": _of("accounts", "sessions"),
    "account revoke": _of("accounts", "revoke"),
    "key add": _of("accounts", "key_add"),
    "key revoke": _of("accounts", "key_revoke"),
    "key list": _of("accounts", "key_list"),
    "queue": _of("queue", "waiting"),
    "queue answered": _of("queue", "answered"),
    "queue cases": _of("queue", "cases"),
    "model get": model_get,
    "doctor": doctor,
}


def _readable(words: str) -> str:
    """Refuse bytes that are no UTF-8; Python lets them through as halves of characters."""
    try:
        words.encode()
    except UnicodeEncodeError as error:
        raise BadQuestionError("質問に読めない文字があります。UTF-8 の端末で入力してください。") from error
    return words


def _emit(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
