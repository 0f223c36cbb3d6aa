"""The commands of `python -m bot`; each returns its exit status."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

from rich.console import Console

from bot.errors import BadQuestionError, ForgettingError
from bot.state import Question
from ingest.configuration.environment import read_settings

# Commands import lazily, so that the others need not wait for Chroma, the encoder or the web server.
# ruff: noqa: PLC0415


def serve(options: Namespace) -> int:
    """Serve API and pages until the process is stopped."""
    from bot.server.serve import serve_until_stopped

    serve_until_stopped(read_settings(data=options.data, host=options.host, port=options.port), options.workers)
    return 0


def ask(options: Namespace) -> int:
    """Answer one question; 0 also if the documents have no answer."""
    from bot.cli.terminal import show_answer
    from bot.service import open_service

    text = _check_encodable(options.question)
    question = Question(question=text, as_of=options.as_of, style=options.style, audience=options.audience)
    with open_service(read_settings(data=options.data)) as service:
        service.wait_for_model()
        answer = service.ask(question)
    if options.json:
        _emit(answer.model_dump(mode="json"))
    else:
        show_answer(Console(), answer)
    return 0


def search(options: Namespace) -> int:
    """Print ranked passages."""
    from bot.cli.terminal import show_search_results
    from bot.http.schemas import SearchResults
    from bot.service import open_service

    with open_service(read_settings(data=options.data)) as service:
        hits = service.search(_check_encodable(options.question), options.k, options.as_of, options.doc_id)
        results = SearchResults.from_hits(hits, service.documents(options.as_of))
    if options.json:
        _emit(results.model_dump(mode="json"))
    else:
        show_search_results(Console(), results)
    return 0


def mcp(options: Namespace) -> int:
    """Serve an assistant over standard input and output until it closes them."""
    from bot.service import open_service
    from bot.web.mcp.server import create_mcp_server

    settings = read_settings(data=options.data)
    with open_service(settings) as service:
        service.documents()  # opens the index; raises NoIndexError without one
        create_mcp_server(service, settings.service_name).run("stdio")
    return 0


def doctor(options: Namespace) -> int:
    """Print settings and checks; 1 if a check fails."""
    from bot.cli.doctor import run_checks
    from bot.cli.terminal import show_report

    with Console(stderr=True).status("確かめています（言語モデルの見本の質問には、数分かかることがあります）"):
        report = run_checks(read_settings(data=options.data), deep=options.deep)
    if options.json:
        _emit(report.to_dict())
    else:
        show_report(Console(), report)
    return 0 if report.well else 1


def backup(options: Namespace) -> int:
    """Write a backup of the data folder."""
    from bot.cli.terminal import show_backup
    from bot.storage.backup import write_backup

    saved = write_backup(read_settings(data=options.data), options.file)
    _emit(asdict(saved)) if options.json else show_backup(Console(), saved)
    return 0


def restore(options: Namespace) -> int:
    """Restore a backup."""
    from bot.cli.terminal import show_restore
    from bot.storage.backup import restore_backup

    restored = restore_backup(read_settings(data=options.data), options.file)
    _emit(asdict(restored)) if options.json else show_restore(Console(), restored)
    return 0


def forget(options: Namespace) -> int:
    """Delete one conversation, or those that are older than a number of days."""
    from bot.cli.terminal import show_deletion
    from bot.service import open_service
    from ingest.configuration.audit import terminal_user

    settings = read_settings(data=options.data)
    days: int | None = options.days or settings.keep_days
    with open_service(settings) as service:
        if options.conversation is not None:
            deleted = service.forget(options.conversation, terminal_user())
        elif days is not None:
            deleted = service.forget_old(days, terminal_user())
        else:
            raise ForgettingError(
                "どの会話を消すか指定してください: 会話の番号、--days 日数、または SHIRUBE_KEEP_DAYS のどれかです。"
            )
    _emit(asdict(deleted)) if options.json else show_deletion(Console(), deleted)
    return 0


def _lazy_command(module: str, name: str) -> Callable[[Namespace], int]:
    def command(options: Namespace) -> int:
        status: int = getattr(import_module(f"bot.cli.{module}"), name)(options)
        return status

    return command


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "serve": serve,
    "ask": ask,
    "search": search,
    "mcp": mcp,
    "backup": backup,
    "restore": restore,
    "records copy": _lazy_command("record_commands", "copy"),
    "forget": forget,
    "account add": _lazy_command("account_commands", "add"),
    "account remove": _lazy_command("account_commands", "remove"),
    "account role": _lazy_command("account_commands", "role"),
    "account list": _lazy_command("account_commands", "show"),
    "account sessions": _lazy_command("account_commands", "sessions"),
    "account revoke": _lazy_command("account_commands", "revoke"),
    "key add": _lazy_command("account_commands", "key_add"),
    "key revoke": _lazy_command("account_commands", "key_revoke"),
    "key list": _lazy_command("account_commands", "key_list"),
    "queue": _lazy_command("queue_commands", "waiting"),
    "queue answered": _lazy_command("queue_commands", "answered"),
    "queue cases": _lazy_command("queue_commands", "cases"),
    "dictionary export": _lazy_command("dictionary_commands", "export"),
    "dictionary import": _lazy_command("dictionary_commands", "import_file"),
    "model get": _lazy_command("model_hub", "get"),
    "doctor": doctor,
}


def _check_encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadQuestionError("質問に読めない文字があります。UTF-8 の端末で入力してください。") from error
    return text


def _emit(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
