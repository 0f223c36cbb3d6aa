"""Middleware around a Gradio application: its start page, and events that it does not know."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from html import escape
from http import HTTPStatus
from secrets import token_urlsafe
from time import monotonic

from gradio.routes import App
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import BusyError
from bot.http.limits import caller_key, count_call
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
_PREVIEW_TAGS = re.compile(r'(?<!\s)\s*+<meta\s+(?:property|name)="(?:og|twitter):[^<>]*>')
_BODY = re.compile(r"<body[^<>]*>")
# Events, and streams, of a page with a question: its answer, and whether it helped. And those of an address in a minute
# that may ask little.
_CALLS = (2, 600)
# Events of one address that may be answered or read, some 100 kB each.
_PENDING_EVENTS = 256
# A page opens its stream when its event has been taken.
_UNREAD_S = 10.0
_SESSION_CHARS = 64


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
        if not is_page:
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, collect)
        page = b"".join(message.get("body", b"") for message in messages)
        start = next(message for message in messages if message["type"] == "http.response.start")
        await self._send_page(send, start, page.decode(), HTTPConnection(scope))

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
    """Passes on the events and streams of pages that this process has made, as many as their readers take.

    Of others, Gradio reports each stream with a traceback. It keeps 100 kB of each session and event that nobody reads.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._events = app.get_blocks().fns
        self._queue = app.get_blocks()._queue  # noqa: SLF001
        self._readers = Counter[str]()
        # Sessions with events: the time of the last one and the address that sent it, oldest first.
        self._pending = dict[str, tuple[float, str]]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on. Raises UserFacingError (404, 422, 429)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, path = Request(scope, receive), scope["path"].rpartition("/gradio_api/")[2]
        session = request.query_params.get("session_hash", "") if path == "queue/data" else ""
        if path == "queue/join":
            try:
                receive = await self._admit_event(request)
            except ClientDisconnect:
                return
        elif path == "queue/data" and session not in self._queue.pending_messages_per_session:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        elif path.startswith(("queue/data", "heartbeat/")):
            count_call(request, "streams", *_CALLS)
        self._readers[session] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._readers -= Counter([session])
            if not self._queue.pending_event_ids_session.get(session):
                self._pending.pop(session, None)

    async def _admit_event(self, request: Request) -> Receive:
        body = await request.body()  # the server limits its length
        try:
            event = json.loads(body)
            session, targets = event["session_hash"], self._events[event["fn_index"]].targets
            is_known = session in self._queue.pending_messages_per_session or session in self._app.state_holder
            is_short = 0 < len(session) <= _SESSION_CHARS
        except (ValueError, RecursionError, TypeError, KeyError):
            is_short = False
        if not is_short:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
        if not is_known and all(name != "load" for _, name in targets):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        count_call(request, "events", *_CALLS)
        await self._end_unread_sessions()
        address, pending = caller_key(request), self._queue.pending_event_ids_session
        if sum(len(pending.get(one, ())) for one, (_, by) in self._pending.items() if by == address) >= _PENDING_EVENTS:
            raise BusyError
        self._pending.pop(session, None)
        self._pending[session] = monotonic(), address
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await request.receive()

        return replay

    async def _end_unread_sessions(self) -> None:
        for session, (since, _) in list(self._pending.items()):
            if monotonic() - since < _UNREAD_S:
                return
            if not self._readers[session]:
                await self._queue.clean_events(session_hash=session)
                queue, state = self._queue, self._app.state_holder.session_data
                for kept in (queue.pending_messages_per_session, queue.pending_event_ids_session, state, self._pending):
                    kept.pop(session, None)
