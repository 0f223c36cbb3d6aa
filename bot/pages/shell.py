"""Middleware that gives Gradio's start page its language, title, style sheet, script and security headers."""

import re
from collections.abc import Callable, Sequence
from html import escape
from secrets import token_urlsafe

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.rendering.html.speech import Speech, cookies, request_speech

# Gradio starts from inline scripts and styles; its plots and `gr.HTML` would need 'unsafe-eval' (decisions 060, 061).
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
# uvicorn has already applied the headers of a trusted proxy; anyone else could redirect the page's links with them.
# Gradio allows any `origin` to read responses with the reader's cookies.
_DROPPED_HEADERS = frozenset({b"x-forwarded-host", b"x-forwarded-proto", b"origin"})
# Link previews would name the page "Gradio".
_PREVIEW_TAGS = re.compile(r'\s*<meta\s+(?:property|name)="(?:og|twitter):[^>]*>')
_BODY = re.compile(r"<body[^>]*>")


class PageShell:
    """Serves a Gradio application with the language, title and assets of its page.

    `css` does not go through Gradio, which would rewrite its selectors and apply it late. `notice` renders what the
    page says where scripts do not run; a page without it is Japanese only. Nothing runs but `script`, Gradio's own
    scripts and files of this server. The sites in `framed_by` may frame the page.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        title: str,
        description: str,
        css: str = "",
        notice: Callable[[Speech], str] | None = None,
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
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_page = scope["method"] == "GET" and scope["path"].removeprefix(scope.get("root_path", "")) in {"", "/"}
        # A compressed page cannot be rewritten.
        dropped = _DROPPED_HEADERS | {b"accept-encoding"} if is_page else _DROPPED_HEADERS
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in dropped]}
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
        speech = request_speech(request) if self._notice else Speech()
        page = _PREVIEW_TAGS.sub("", page.replace('lang="en"', f'lang="{speech.words["tag"]}"', 1))
        page = page.replace("<head>", self._head, 1)
        nonce = token_urlsafe(16)
        # While the page contains no text of documents or settings.
        page = page.replace("<script", f'<script nonce="{nonce}"')
        # In the body, after Gradio's style sheets in the head, so that this one wins.
        start_of_body = self._style + (self._notice(speech) if self._notice else "")
        start_of_body += f'<script nonce="{nonce}">(() => {{\n{self._script}}})();</script>'
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
