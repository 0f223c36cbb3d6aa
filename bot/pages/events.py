"""Middleware that rejects unknown Gradio events, which would otherwise cause server errors."""

import json
from collections.abc import Callable, Collection

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.problems import make_problem, problem_response

_JOIN = "/gradio_api/queue/join"


class EventFilter:
    """Rejects requests for a Gradio event whose number is not in `known()`, and passes all others on."""

    def __init__(self, app: ASGIApp, known: Callable[[], Collection[int]]) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the event before Gradio does; the server limits its length."""
        if scope["type"] != "http" or not scope["path"].endswith(_JOIN):
            await self._app(scope, receive, send)
            return
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        if not self._is_known_event(body):
            await problem_response(make_problem(422))(scope, receive, send)
            return
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, replay, send)

    def _is_known_event(self, body: bytes) -> bool:
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return False
        return isinstance(event, dict) and type(event.get("fn_index")) is int and event["fn_index"] in self._known()
