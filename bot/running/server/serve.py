"""Starts the server: binds the address, and lets uvicorn replace workers that end or hang until it is stopped."""

# What answers is imported by the workers alone: their supervisor stays small, and they start half a second earlier.
# ruff: noqa: PLC0415

import asyncio
import errno
import faulthandler
import gc
import logging
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import asdict
from functools import partial
from http.client import HTTPConnection
from multiprocessing import parent_process
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn
from anyio import to_thread
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from bot.errors import BotError, RecordsError
from bot.running.office.office import read_office
from ingest.configuration.settings import Settings
from ingest.errors import IngestError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.running.auth.sign_in import SignIn
    from bot.running.http.admission import Admission
    from bot.running.service.service import Service

# Time that a connection may stay open between two requests; browsers and proxies then open another one.
KEEP_ALIVE_S = 15
log = logging.getLogger(__name__)
# Interval of the deletion of expired records.
_DELETION_S = 6 * 60 * 60.0
# Open pages keep their connections, so the shutdown does not wait longer than this for them.
_SHUTDOWN_S = 5
# A worker whose event loop is silent for so long is replaced. Another one needs up to five seconds to start, so that
# people are answered again twelve seconds after a worker hung.
_HANG_S = 5
_CHECK_S = 0.5
# No answer takes so long, in addition to its language model: a statement of PostgreSQL ends after 30 s.
_LONGEST_ANSWER_S = 60
# A worker that opens an index on a busy machine answers its supervisor late; killed after uvicorn's 5 s, it would never
# get ready. A worker that dies is replaced at once.
_STARTUP_SILENCE_S = 60
_STARTUP_POLL_S = 0.05
_ONLY_API = "プロセスが2つ以上のときは API だけを開きます。画面は --workers 1 で開きます。"


class ServeError(BotError):
    """The server cannot listen on the address, or its workers cannot start."""


def serve_until_stopped(settings: Settings, workers: int) -> None:
    """Serve until SIGINT or SIGTERM. Raises ServeError and OfficeError; a worker reports why it cannot start."""
    read_office(settings)  # reports invalid settings before processes start
    with bind(settings.host, settings.port) as listener:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        config = uvicorn.Config(
            partial(_worker, settings, has_pages=workers == 1, needs_index=True),
            factory=True,
            workers=workers,
            log_config=None,
            server_header=False,
            proxy_headers=False,  # bot/running/http/site.py; uvicorn's own would trust this machine
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=_SHUTDOWN_S,
            timeout_worker_healthcheck=_STARTUP_SILENCE_S,
        )
        if workers > 1:
            Thread(target=_announce, args=(settings, _ONLY_API), daemon=True).start()
        supervisor = _Supervisor(config, [listener])
        supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise ServeError("サーバーを開けません。理由は、上に表示したとおりです。")


class _Supervisor(Multiprocess):
    handle_hup = Multiprocess.handle_term  # of a terminal that is closed

    def keep_subprocess_alive(self) -> None:
        # An index that is damaged or away later does not end the workers that have it open.
        self.config.app.keywords["needs_index"] = False  # type: ignore[union-attr]
        for process in self.processes:
            # While only the worker holds its end, a ping to a worker that was killed fails at once.
            process.child_conn.close()
        super().keep_subprocess_alive()

    def terminate_all(self) -> None:
        for process in self.processes:  # uvicorn also closes the pipes, of which workers would complain
            process.process.terminate()


def _worker(settings: Settings, *, has_pages: bool, needs_index: bool) -> "FastAPI":
    from bot.running.http.log import configure_server_log

    configure_server_log()
    # Collecting objects of the start takes a second during the start, and later 0.2 s in the middle of an answer.
    gc.disable()
    try:
        app = _open_app(settings, has_pages=has_pages, needs_index=needs_index)
    except Exception as error:
        if not isinstance(error, BotError | IngestError):
            log.exception("a worker cannot start")
        sys.stderr.write(f"エラー: {error}\n")
        sys.exit(STARTUP_FAILURE)  # of any other status, uvicorn starts another worker
    gc.freeze()
    gc.enable()
    return app


def _open_app(settings: Settings, *, has_pages: bool, needs_index: bool) -> "FastAPI":
    from bot.running.server.api import create_app
    from bot.running.server_state import server_state
    from bot.running.service.service import Service
    from bot.running.storage.database import database_url, open_database
    from ingest.japanese.today import today

    open_database(database_url(settings))  # reports a database of an earlier release
    service = Service(settings, today)
    if needs_index:
        service.documents()
    with suppress(IngestError):  # opens the index before the first question
        service.warm()
    app = create_app(service, settings)
    state = server_state(app)
    if has_pages:
        from bot.running.server.pages import mount_pages  # importing Gradio takes three seconds

        mount_pages(app)
        Thread(target=_announce, args=(settings, "", state.sign_in), daemon=True).start()
    open_parts = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(started: "FastAPI") -> AsyncIterator[object]:
        with closing(service):
            async with open_parts(started) as opened:
                tasks = _end_when_hung(state.admission, settings), _delete_expired_records(service, settings)
                _running = [asyncio.create_task(task) for task in tasks]  # until the loop ends
                yield opened

    app.router.lifespan_context = lifespan  # type: ignore[assignment]  # Starlette's type is of a state
    return app


async def _end_when_hung(admission: "Admission", settings: Settings) -> None:
    # The timer is not Python's: it also ends a process whose threads wait for a regular expression.
    supervisor, longest_s = parent_process(), _LONGEST_ANSWER_S + settings.llm_timeout_s
    while supervisor and supervisor.is_alive() and admission.longest_s < longest_s:
        faulthandler.dump_traceback_later(_HANG_S, exit=True)
        await asyncio.sleep(_CHECK_S)
    signal.raise_signal(signal.SIGTERM)


async def _delete_expired_records(service: "Service", settings: Settings) -> None:
    while True:
        try:
            days, forget = settings.keep_days, service.forget_old
            if days and (deleted := await to_thread.run_sync(forget, days, "保存期間")).conversations:
                log.info("forgotten", extra={"fields": asdict(deleted)})
            await to_thread.run_sync(service.prune_originals, "保存期間")
        except (BotError, IngestError, OSError) as error:  # several processes may; it is retried the next time
            log.warning("old records could not be deleted: %s", error)
        await asyncio.sleep(_DELETION_S)


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket that does not listen: until the server answers, a proxy has to use another worker."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listener.family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        problems = {
            errno.EADDRINUSE: f"ポート {port} は、ほかのプログラムが使っています。"
            f"そのプログラムを止めるか、--port {port + 1} のように別の番号を指定してください。",
            errno.EACCES: f"ポート {port} を開く権限がありません。--port に 1024 以上の番号を指定してください。",
        }
        other = f"アドレス「{host}」では待ち受けできません（{error.strerror}）。"
        advice = "--host に 127.0.0.1 などを指定してください。"
        raise ServeError(problems.get(error.errno or 0, other + advice)) from error
    return listener


def _announce(settings: Settings, extra_text: str, sign_in: "SignIn | None" = None) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(settings.host, settings.host)  # noqa: S104
    url = f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
    while True:
        with closing(HTTPConnection(host, settings.port)) as server, suppress(ConnectionRefusedError):
            server.request("GET", "/health")
            server.getresponse()
            break
        time.sleep(_STARTUP_POLL_S)
    sys.stdout.write(f"{settings.service_name}を {url} で開きました。止めるには Ctrl+C を押します。{extra_text}\n")
    try:
        if token := sign_in and sign_in.renew_start_token():
            sys.stdout.write(f"職員・試験者の画面は {url}/signin?token={token} から開きます。\n")
    except RecordsError as error:  # for example a full disk; questions are answered nevertheless
        log.error("サインインのリンクを作れません。%s", error)  # noqa: TRY400 -- the text says what to do
    sys.stdout.flush()
