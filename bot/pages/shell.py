"""Middleware that rewrites Gradio's start page: language, first paint, no external resources.

Gradio serves a page in English that introduces itself as Gradio to link previews; its texts then follow the
language of the browser. What it says on these pages follows the language in which the page is shown.
"""

import re
from collections.abc import Callable, Sequence
from html import escape
from secrets import token_urlsafe

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.rendering.html.speech import Speech, cookies, request_speech

# Gradio starts from inline scripts and styles. What may frame a page comes last, so that the sites which may can
# follow it.
POLICY = (
    "default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)
# A page with `gr.HTML`: even one without a template is compiled in the browser.
COMPILED = "'unsafe-inline' 'unsafe-eval'"
HEADERS = {
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}
# A proxy that may be trusted has been heard by uvicorn already; from anyone else these would move the page's links.
# Whatever site is named as the origin, Gradio would let it read what a page gets, with the reader's cookies.
UNHEARD = frozenset({b"x-forwarded-host", b"x-forwarded-proto", b"origin"})
FOREIGN = re.compile(r'\s*<meta\s+(?:property|name)="(?:og|twitter):[^>]*>')
SPEAK = (
    "<script>for (const [name, value] of [['language', '{tag}'], ['languages', ['{tag}']]])"
    " Object.defineProperty(navigator, name, {{get: () => value}});</script>"
)
# Of Gradio's application, which nobody sees behind such a page, no style sheet is fetched: 18 of 50 requests. Gradio
# waits for each; it is told that it has come.
SHEET = re.compile(r'\s*<link[^>]*rel="stylesheet"[^>]*>')
UNSTYLED = """<script>(() => {
  const { head } = document, append = head.appendChild;
  head.appendChild = (one) => {
    if (one.rel !== 'stylesheet') return append.call(head, one);
    queueMicrotask(() => one.dispatchEvent(new Event('load')));
    return one;
  };
})();</script>"""
BODY = re.compile(r"<body[^>]*>")
# Behind a page that came whole from the server, Gradio only carries what happens in it.
FIRST_STYLE = "gradio-app{display:none !important}"


class PageShell:
    """Serves a Gradio application, its start page rewritten; the sites in `framed_by` may show it in theirs.

    `css` is the page's style sheet, as it was written: Gradio would change its selectors and hold back the first paint.
    `first` returns what is shown, as the reader is spoken to, with Gradio's application hidden behind it; without it a
    page is Japanese. `script` runs behind that. In a page with a script nothing runs but that, Gradio's own scripts,
    and files of this server.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        title: str,
        description: str,
        css: str = "",
        first: Callable[[Speech], str] | None = None,
        script: str = "",
        framed_by: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._style = f"<style>{css}{FIRST_STYLE if first else ''}</style>"
        self._first = first
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
        speech = request_speech(request) if self._first else Speech()
        tag = speech.words["tag"]
        head = self._head + SPEAK.format(tag=tag)
        if self._first:
            head, page = head + UNSTYLED, SHEET.sub("", page)
        page = FOREIGN.sub("", page.replace('lang="en"', f'lang="{tag}"', 1)).replace("<head>", head, 1)
        # Behind Gradio's own sheets, where it has any, which come into the head: where both say something, this counts.
        nonce = token_urlsafe(16) if self._script else ""
        if nonce:  # before anything of documents or settings is in the page
            page = page.replace("<script", f'<script nonce="{nonce}"')
        begun = self._style + (await run_in_threadpool(self._first, speech) if self._first else "")
        begun += f'<script nonce="{nonce}">(() => {{\n{self._script}}})();</script>' if nonce else ""
        page = BODY.sub(lambda body: body[0] + begun, page, count=1)
        content = page.encode()
        headers = MutableHeaders(raw=start["headers"])
        policy = self._policy.format(scripts=f"'nonce-{nonce}'" if nonce else COMPILED)
        headers.update({**HEADERS, "content-security-policy": policy, "content-length": str(len(content))})
        if self._first:
            headers.add_vary_header("Accept-Language, Cookie")
            for cookie in cookies(request):
                headers.append("set-cookie", cookie)
        await send(start)
        await send({"type": "http.response.body", "body": content})
