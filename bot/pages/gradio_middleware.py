"""Middleware around a Gradio application: its start page, and events that it does not know."""

import json
import re
from collections.abc import Callable, Collection, Sequence
from html import escape
from secrets import token_urlsafe

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.problems import make_problem, problem_response
from bot.rendering.html.display_preferences import DisplayPreferences, cookies, request_preferences

# Gradio starts from inline scripts and styles; its plots and `gr.HTML` would need 'unsafe-eval' (decision 060).
# `frame-ancestors` is last, so that more sites can be appended.
_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)
_HEADERS = {
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}
# Anyone could redirect the page's links with the first; Gradio allows any `origin` to read responses with the reader's
# cookies.
_DROPPED_HEADERS = frozenset({b"x-gradio-server", b"origin"})
# Link previews would name the page "Gradio".
_PREVIEW_TAGS = re.compile(r'\s*<meta\s+(?:property|name)="(?:og|twitter):[^>]*>')
_BODY = re.compile(r"<body[^>]*>")
# Where a page sends an event.
_EVENT_PATH = "/gradio_api/queue/join"


class GradioPageMiddleware:
    """Serves a Gradio application with the language, title and assets of its page.

    `css` does not go through Gradio, which would rewrite its selectors and apply it late. `notice` renders what the
    page says if scripts do not run; a page without it is Japanese only. Nothing runs but `script`, Gradio's own
    scripts and files of this server. The sites in `framed_by` may frame the page.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        title: str,
        description: str,
        css: str = "",
        notice: Callable[[DisplayPreferences], str] | None = None,
        script: str = "",
        framed_by: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._style = f"<style>{css}</style>"
        self._notice = notice
        self._script = script
        self._policy = " ".join([_POLICY, *framed_by])
        self._head = (
            f'<head><title>{escape(title)}</title><meta name="description" content="{escape(description)}">'
            + ('<script src="embedded.js" async></script>' if framed_by else "")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_page = scope["method"] == "GET" and scope["path"].removeprefix(scope.get("root_path", "")) in {"", "/"}
        # A compressed page cannot be rewritten.
        dropped = _DROPPED_HEADERS | {b"accept-encoding"} if is_page else _DROPPED_HEADERS
        headers = [pair for pair in scope["headers"] if pair[0] not in dropped]
        scope = {**scope, "headers": headers}
        await self._app(scope, receive, self._rewrite_response(send, HTTPConnection(scope)) if is_page else send)

    def _rewrite_response(self, send: Send, request: HTTPConnection) -> Send:
        started: Message = {}
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await self._send_page(send, started, body.decode(), request)

        return collect

    async def _send_page(self, send: Send, start: Message, page: str, request: HTTPConnection) -> None:
        preferences = request_preferences(request) if self._notice else DisplayPreferences()
        page = _PREVIEW_TAGS.sub("", page.replace('lang="en"', f'lang="{preferences.words["tag"]}"', 1))
        page = page.replace("<head>", self._head, 1)
        nonce = token_urlsafe(16)
        # While the page contains no text of documents or settings.
        page = page.replace("<script", f'<script nonce="{nonce}"')
        # In the body, after Gradio's style sheets in the head, so that this one wins.
        start_of_body = self._style + (self._notice(preferences) if self._notice else "")
        start_of_body += f'<script nonce="{nonce}">gradio_config.root ||= "/";(() => {{\n{self._script}}})();</script>'
        page = _BODY.sub(lambda body: body[0] + start_of_body, page, count=1)
        content = page.encode()
        headers = MutableHeaders(raw=start["headers"])
        policy = self._policy.format(nonce=nonce)
        headers.update({**_HEADERS, "content-security-policy": policy, "content-length": str(len(content))})
        if self._notice:
            headers.add_vary_header("Accept-Language, Cookie")
            for cookie in cookies(request):
                headers.append("set-cookie", cookie)
        await send(start)
        await send({"type": "http.response.body", "body": content})


class EventFilter:
    """Rejects requests for a Gradio event whose number is not in `event_numbers()`, and passes all others on."""

    def __init__(self, app: ASGIApp, event_numbers: Callable[[], Collection[int]]) -> None:
        self._app = app
        self._event_numbers = event_numbers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the event before Gradio does; the server limits its length."""
        if scope["type"] != "http" or not scope["path"].endswith(_EVENT_PATH):
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
        return (
            isinstance(event, dict)
            and type(event.get("fn_index")) is int
            and event["fn_index"] in self._event_numbers()
        )
