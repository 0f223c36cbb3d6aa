"""Starts the server: binds the address, opens the service, serves API and pages until stopped."""

import atexit
import errno
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict
from http.client import HTTPConnection
from threading import Event, Thread

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from bot.auth import SignIn
from bot.errors import BotError, RecordsError
from bot.http.log import configure_server_log
from bot.office import read_office
from bot.server.api import create_app
from bot.service import Service, open_service
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.errors import IngestError

# Time that a connection may stay open between two requests; browsers and proxies then open another one.
KEEP_ALIVE_S = 15
log = logging.getLogger(__name__)
# Interval of the deletion of expired records.
_DELETION_S = 6 * 60 * 60.0
# Open pages keep their connections, so the shutdown does not wait longer than this for them.
_SHUTDOWN_S = 5
# A worker that opens an index on a busy machine answers its supervisor late; killed after uvicorn's 5 s, it would never
# get ready. A worker that dies is replaced at once.
_WORKER_SILENCE_S = 60
_STARTUP_S = 300
_STARTUP_POLL_S = 0.05


class ServeError(BotError):
    """The server cannot listen on the address."""


def serve_until_stopped(settings: Settings, workers: int) -> None:
    """Serve until SIGINT or SIGTERM. Raises ServeError, OfficeError, NoIndexError and similar before the start."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # unlike the default, leaves all context managers
    configure_server_log()
    read_office(settings)  # reports invalid settings before processes start
    with bind(settings.host, settings.port) as listener:
        try:
            (_serve_api if workers > 1 else _serve_all)(settings, listener, workers)
        except KeyboardInterrupt:
            return


def _serve_all(settings: Settings, listener: socket.socket, _workers: int) -> None:
    with open_service(settings) as service, ExitStack() as stack:
        with _freeze_startup_objects():
            service.documents()  # opens the index; raises NoIndexError without one
            # Importing Gradio takes two seconds.
            from bot.pages.mount import mount_pages  # noqa: PLC0415

            app = stack.enter_context(_open_app(service, settings, mount_pages))
        _announce(settings, listener, token=_start_token(app.state.sign_in))
        uvicorn.Server(_uvicorn_config(app)).run([listener])


def _serve_api(settings: Settings, listener: socket.socket, workers: int) -> None:
    with open_service(settings) as service:
        service.documents()
    for name in ("data", "host", "port"):  # the workers read their settings from the environment
        os.environ[f"SHIRUBE_{name.upper()}"] = str(getattr(settings, name))
    _announce(settings, listener, "プロセスが2つ以上のときは API だけを開きます。画面は --workers 1 で開きます。")
    _Workers(_uvicorn_config("bot.server.serve:worker", workers=workers), sockets=[listener]).run()


class _Workers(Multiprocess):
    def keep_subprocess_alive(self) -> None:
        for process in self.processes:
            # While only the worker holds its end, a ping to a worker that was killed fails at once.
            process.child_conn.close()
        super().keep_subprocess_alive()


def worker() -> ASGIApp:
    """Return the API of one of several processes, with its service."""
    settings = read_settings()
    configure_server_log()
    stack = ExitStack()
    atexit.register(stack.close)
    service = stack.enter_context(open_service(settings))
    with _freeze_startup_objects():
        return stack.enter_context(_open_app(service, settings))


@contextmanager
def _open_app(
    service: Service, settings: Settings, mount_pages: Callable[[FastAPI, Service, Settings], object] | None = None
) -> Iterator[FastAPI]:
    with _delete_expired_records(service, settings.keep_days):
        with suppress(IngestError):  # opens the index before the first question
            service.warm()
        app = create_app(service, settings)
        if mount_pages:
            mount_pages(app, app.state.service, settings)
        yield app


@contextmanager
def _delete_expired_records(service: Service, keep_days: int | None) -> Iterator[None]:
    ended = Event()

    def run() -> None:
        while True:
            try:
                if keep_days and (deleted := service.forget_old(keep_days, "保存期間")).conversations:
                    log.info("forgotten", extra={"fields": asdict(deleted)})
                service.prune_originals("保存期間")
            except (BotError, IngestError, OSError) as error:  # several processes may; it is retried the next time
                log.warning("old records could not be deleted: %s", error)
            if ended.wait(_DELETION_S):
                return

    thread = Thread(target=run, name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _freeze_startup_objects() -> Iterator[None]:
    """Exclude objects of the start from garbage collection.

    Collecting them takes a second during the start, and later 0.2 s in the middle of an answer.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


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


def _uvicorn_config(app: ASGIApp | str, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # uvicorn's own middleware, which would trust this machine, is in bot/http/site.py
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        timeout_worker_healthcheck=_WORKER_SILENCE_S,
    )


def _start_token(sign_in: SignIn) -> str | None:
    try:
        return sign_in.renew_start_token()
    except RecordsError as error:  # for example a full disk; questions are answered nevertheless
        log.error("サインインのリンクを作れません。%s", error)  # noqa: TRY400 -- the text says what to do
        return None


def _wait_until_served(host: str, port: int) -> None:
    deadline = time.monotonic() + _STARTUP_S
    while time.monotonic() < deadline:
        with closing(HTTPConnection(host, port, timeout=_STARTUP_S)) as server:
            try:
                server.request("GET", "/health")
                server.getresponse()
            except ConnectionRefusedError:
                time.sleep(_STARTUP_POLL_S)
            else:
                return


def _announce(settings: Settings, listener: socket.socket, extra_text: str = "", token: str | None = None) -> None:
    port = listener.getsockname()[1]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(settings.host, settings.host)  # noqa: S104
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def announce_when_ready() -> None:
        _wait_until_served(host, port)
        sys.stdout.write(f"{settings.service_name}を {url} で開きました。止めるには Ctrl+C を押します。{extra_text}\n")
        if token:
            sys.stdout.write(f"職員・試験者の画面は {url}/signin?token={token} から開きます。\n")
        sys.stdout.flush()

    Thread(target=announce_when_ready, daemon=True).start()
