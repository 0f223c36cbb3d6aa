"""Middleware around a Gradio application: its start page, and events that it does not know."""

import json
import re
from asyncio import gather, sleep
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from secrets import token_urlsafe
from time import monotonic
from urllib.parse import urlencode

import gradio as gr
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.html.display_preferences import DisplayPreferences, cookies, request_preferences
from bot.channels.pages.reading.page_responses import HEADERS
from bot.errors import BusyError
from bot.running.http.limits import caller_key, count_call

# Gradio starts from inline scripts and styles; its plots and `gr.HTML` would need 'unsafe-eval' (decision 060).
# `frame-ancestors` is last, so that more sites can be appended.
_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)
# Gradio builds a page's addresses from the first two, which anyone can forge; without them, and without the address of
# this server, they are paths. It allows any `origin` to read responses with the reader's cookies.
_DROPPED_HEADERS = frozenset({b"host", b"x-gradio-server", b"origin"})
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
# As long as a page that nobody looks at reads the rest, before it closes its stream.
_LAST_READ_S = 0.05
_SESSION_CHARS = 64
# In the messages of a stream: an event has ended, nothing is pending.
_EVENT_END = b'"msg":"process_completed"'
_STREAM_END = b'"msg":"close_stream"'


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
        is_page = scope["method"] == "GET" and scope["path"].removeprefix(scope.get("root_path", "")) in {"", "/"}
        # A compressed page cannot be rewritten.
        dropped = _DROPPED_HEADERS | {b"accept-encoding"} if is_page else _DROPPED_HEADERS
        headers = [pair for pair in scope["headers"] if pair[0] not in dropped]
        scope = {**scope, "headers": headers, "server": None}
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
        headers.update({**HEADERS, "content-security-policy": policy, "content-length": str(len(content))})
        if self._notice:
            headers.add_vary_header("Accept-Language, Cookie")
            for cookie in cookies(request):
                headers.append("set-cookie", cookie)
        await send(start)
        await send({"type": "http.response.body", "body": content})


@dataclass(slots=True)
class _Session:
    address: str = ""
    last_event: float = 0.0
    unread_events: int = 0
    readers: int = 0
    has_messages: bool = False


class EventFilter:
    """Passes on the events and streams of pages that this process has made, as many as their readers take.

    Of others, Gradio reports each stream with a traceback. It keeps 100 kB of each session and event that nobody reads.
    """

    def __init__(self, app: ASGIApp, blocks: gr.Blocks) -> None:
        self._app = app
        self._events = blocks.fns
        self._states, self._most = blocks.state_holder, blocks.state_session_capacity
        # Those whose state Gradio keeps; the one with the last event comes last.
        self._sessions = OrderedDict[str, _Session]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, path = Request(scope, receive), scope["path"].rpartition("/gradio_api/")[2]
        if path == "queue/join":
            with suppress(ClientDisconnect):
                await self._pass_event(request, await request.body(), send)  # the server limits its length
        elif path == "queue/data":
            await self._pass_stream(request, send)
        else:
            if path.startswith("heartbeat/"):
                count_call(request, "streams", *_CALLS)
            await self._app(scope, receive, send)

    async def _pass_event(self, request: Request, body: bytes, send: Send) -> None:
        try:
            event = json.loads(body)
            name, targets = event["session_hash"], self._events[event["fn_index"]].targets
            is_known, is_valid = name in self._sessions, 0 < len(name) <= _SESSION_CHARS and name.isascii()
        except (ValueError, RecursionError, TypeError, KeyError):
            is_valid = False
        if not is_valid:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
        if not is_known and all(trigger != "load" for _, trigger in targets):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        count_call(request, "events", *_CALLS)
        if is_known:
            self._sessions[name].last_event = monotonic()
        await self._end_unread_sessions()
        address = caller_key(request)
        if sum(one.unread_events for one in self._sessions.values() if one.address == address) >= _PENDING_EVENTS:
            raise BusyError
        session = self._sessions.setdefault(name, _Session())
        self._sessions.move_to_end(name)
        if len(self._sessions) > self._most:
            self._sessions.popitem(last=False)
        session.address, session.last_event = address, monotonic()
        session.unread_events += 1
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await request.receive()

        async def send_response(message: Message) -> None:
            session.has_messages |= message.get("status") == HTTPStatus.OK
            await send(message)

        await self._app(request.scope, replay, send_response)

    async def _pass_stream(self, request: Request, send: Send) -> None:
        session = self._sessions.get(request.query_params.get("session_hash", ""))
        if session is None or not session.has_messages:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        count_call(request, "streams", *_CALLS)
        is_over, opened = False, monotonic()

        async def send_message(message: Message) -> None:
            nonlocal is_over
            content = message.get("body", b"")
            session.unread_events = max(0, session.unread_events - content.count(_EVENT_END))
            is_over |= _STREAM_END in content
            await send(message)

        session.readers += 1
        try:
            await self._app(request.scope, request.receive, send_message)
        finally:
            session.readers -= 1
            # Gradio drops the messages of a page that closes the stream itself, but not those of a later event.
            session.has_messages = is_over or session.last_event >= opened

    async def _end_unread_sessions(self) -> None:
        latest = monotonic() - _UNREAD_S
        late = [name for name, session in self._sessions.items() if session.last_event <= latest]
        ended = [name for name in late if self._sessions[name].unread_events and not self._sessions[name].readers]
        for name in ended:
            del self._sessions[name]
        await gather(*map(self._read_rest, ended))
        for name in ended:
            self._states.session_data.pop(name, None)  # the only memory of Gradio's that no request frees

    async def _read_rest(self, session: str) -> None:
        async def leave() -> Message:
            await sleep(_LAST_READ_S)
            return {"type": "http.disconnect"}

        async def discard(_: Message) -> None:
            pass

        path, query = "/gradio_api/queue/data", urlencode({"session_hash": session}).encode()
        scope = {"type": "http", "method": "GET", "path": path, "query_string": query, "headers": []}
        with suppress(Exception):  # Gradio has dropped them already
            await self._app(scope, leave, discard)
