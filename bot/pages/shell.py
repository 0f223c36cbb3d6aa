"""Middleware that gives Gradio's start page its language, title, style sheet, script and security headers.

Gradio serves a page in English that introduces itself as Gradio to link previews.
"""

import re
from collections.abc import Callable, Sequence
from html import escape
from secrets import token_urlsafe

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.rendering.html.speech import Speech, cookies, request_speech

# Gradio starts from inline scripts and styles; its plots and `gr.HTML` would need 'unsafe-eval' (decisions 060, 061).
# What may frame a page comes last, so that the sites which may can follow it.
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}
# A proxy that may be trusted has been heard by uvicorn already; from anyone else these would move the page's links.
# Whatever site is named as the origin, Gradio would let it read what a page gets, with the reader's cookies.
UNHEARD = frozenset({b"x-forwarded-host", b"x-forwarded-proto", b"origin"})
FOREIGN = re.compile(r'\s*<meta\s+(?:property|name)="(?:og|twitter):[^>]*>')
BODY = re.compile(r"<body[^>]*>")


class PageShell:
    """Serves a Gradio application with the language, title and assets of its page.

    `css` is the page's style sheet as written: Gradio would change its selectors and apply it late. `notice` returns
    what the page says where scripts do not run, in the reader's language; a page without it is Japanese. Only
    `script`, Gradio's own scripts and files of this server run. The sites in `framed_by` may frame it.
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
        self._policy = " ".join([POLICY, *framed_by])
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
        # Compressed, the page could not be rewritten.
        unheard = UNHEARD | {b"accept-encoding"} if is_page else UNHEARD
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in unheard]}
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
        page = FOREIGN.sub("", page.replace('lang="en"', f'lang="{speech.words["tag"]}"', 1))
        page = page.replace("<head>", self._head, 1)
        nonce = token_urlsafe(16)
        # Before anything of documents or settings is in the page.
        page = page.replace("<script", f'<script nonce="{nonce}"')
        # After Gradio's own style sheets, which are in the head: where both set a property, this one counts.
        start_of_body = self._style + (self._notice(speech) if self._notice else "")
        start_of_body += f'<script nonce="{nonce}">(() => {{\n{self._script}}})();</script>'
        page = BODY.sub(lambda body: body[0] + start_of_body, page, count=1)
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
