"""Runs a server in this process over a service with prepared answers."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from socket import create_server
from threading import Event, Thread
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from bot.answering.state import Answer, Question
from bot.channels.pages.mount import Page, mount_page
from bot.running.server.api import create_app
from bot.running.server.pages import mount_pages
from bot.running.service.service import AnswerListener, OnTurn, Service
from bot.running.storage.record_store import RecordedTurn
from ingest.configuration.settings import Settings
from tests.bot.draft_rendering import with_content
from tests.bot.fixed_service import StandIn


class Prepared(StandIn):
    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self.changes = changes
        self.go, self.go_on = Event(), Event()
        self.go.set()
        self.go_on.set()

    def _ask(
        self, question: Question, listener: AnswerListener, on_turn: OnTurn | None, earlier: Sequence[str]
    ) -> Answer:
        self.go.wait()
        answer = super()._ask(question, listener, on_turn, earlier).model_copy(update=self.changes)
        answer = answer if "content" in self.changes else with_content(answer)
        self.go_on.wait()
        self.told_in[answer.conversation_id][-1] = RecordedTurn(question.question, answer, repeated=question.repeated)
        return answer


class Passed(StandIn):
    to: Service = StandIn()

    def __getattribute__(self, name: str) -> Any:
        own = name == "to" or name.startswith("__")
        return super().__getattribute__(name) if own else getattr(self.to, name)


@contextmanager
def served(service: Service, *, pages: Sequence[Page] | None = None, **settings: Any) -> Iterator[str]:
    """Yield the address of API and pages over `service`: of `pages` only, where they are named.

    Gradio takes a third of a second to make a page, so a test names those that it looks at.
    """
    configured = Settings(_env_file=None, **settings)
    app = create_app(service, configured)
    if pages is None:
        mount_pages(app)
    for page in pages or ():
        mount_page(app, page)
    with listening(app) as url:
        yield url


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    listener = create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", proxy_headers=False))
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
