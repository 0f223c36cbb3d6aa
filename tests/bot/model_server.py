"""A small real HTTP server that speaks the OpenAI chat format: well, slowly, broken off, wrongly, or not at all."""

import json
import re
import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType, TracebackType
from typing import Any, Self

from bot.answering.llm.prompt_files import load_prompt
from ingest.configuration.language_model import LanguageModel

Request = dict[str, Any]
Words = str | Callable[[Request], str]
"""What the model says: a fixed text, or one made from the request."""


class ModelServer:
    """A server on separate threads that runs `behaviour` and records each request in order."""

    def __init__(self, behaviour: "Behaviour") -> None:
        self.behaviour = behaviour
        self.requests: list[Request] = []
        self.keys: list[str | None] = []
        self.paths: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.owner = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def models(self, **values: Any) -> tuple[LanguageModel, ...]:
        """Return the setting `llm` with this server as its only model."""
        return (LanguageModel(**{"base_url": self.url, "model": "試験用", **values}),)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Handler(BaseHTTPRequestHandler):
    """One request to which the behaviour responds."""

    protocol_version = "HTTP/1.1"

    @property
    def owner(self) -> ModelServer:
        owner: ModelServer = self.server.owner  # type: ignore[attr-defined]
        return owner

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.owner.requests.append(request)
        self.owner.keys.append(self.headers["Authorization"])
        self.owner.paths.append(self.path)
        self.owner.headers.append({name.lower(): value for name, value in self.headers.items()})
        try:
            self.owner.behaviour(self, request)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(
        self,
        body: bytes,
        content_type: str = "application/json",
        status: int = 200,
        length: int = 0,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Send a whole answer; `length` claims more bytes than there are."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin_stream(self) -> None:
        """Begin an event stream that ends when the connection closes."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep the test's output clean."""


PROMPTS = ("answer", "answer-compact", "judge", "followup", "easy")
Behaviour = Callable[[Handler, Request], None]
ASKED: Mapping[str, str] = MappingProxyType(
    {"situation": "", "conversation": "", "passages": "[1]\n期間は四年です。", "question": "いつまで?"}
)
"""What the prompts for an answer are filled in with, where it does not matter."""


def chunk(content: Any, finish_reason: str | None = None) -> bytes:
    """Return the event that carries the next words."""
    return _event({} if content is None else {"role": "assistant", "content": content}, finish_reason)


def _event(delta: Mapping[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    said = {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}
    return f"data: {json.dumps(said)}\n\n".encode()


def streamed(text: str) -> Iterator[bytes]:
    """Yield a text as a good server streams it, without the end."""
    yield from (chunk(text[start : start + 8]) for start in range(0, len(text), 8))


def _counted(prompt: int, completion: int) -> bytes:
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    last = {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [], "usage": usage}
    return f"data: {json.dumps(last)}\n\n".encode()


def says(
    words: Words,
    finish_reason: str | None = "stop",
    delay_s: float = 0,
    tokens: tuple[int, int] | None = None,
    pause_s: float = 0,
) -> Behaviour:
    """Answer as a good server does, streamed where asked for; `finish_reason` None breaks off without an error.

    `delay_s` are before the answer, `pause_s` before each piece of it.
    `tokens` are counted for prompt and completion at the end of a stream, where the request wants that.
    """

    def behave(handler: Handler, request: Request) -> None:
        text = _to_schema(words if isinstance(words, str) else words(request), request)
        handler.owner.closing.wait(delay_s)
        handler.begin_stream()
        for event in streamed(text):
            handler.owner.closing.wait(pause_s)
            handler.wfile.write(event)
        if finish_reason:
            counts = tokens and request.get("stream_options", {}).get("include_usage")
            usage = _counted(*tokens) if tokens and counts else b""
            handler.wfile.write(chunk(None, finish_reason) + usage + b"data: [DONE]\n\n")

    return behave


def _to_schema(text: str, request: Request) -> str:
    """Return words with marks, or a rewritten question, as an object of the schema that the request asks for."""
    properties = request.get("response_format", {}).get("json_schema", {}).get("schema", {}).get("properties", {})
    if "sentences" in properties and text and not text.startswith("{"):
        pieces = re.findall(r"[^。\n]+。?", text)
        written = [sentence(re.sub(r"\[\d+\]", "", one), *map(int, re.findall(r"\[(\d+)\]", one))) for one in pieces]
        return json.dumps(answer_of(*written), ensure_ascii=False)
    if "queries" in properties and not text.startswith("{"):
        return json.dumps({"question": text, "queries": []}, ensure_ascii=False)
    return text


def citing(text: str, words: str) -> Words:
    """Return a reply whose [1] is the number of the first passage of the prompt that has `words`."""

    def say(request: Request) -> str:
        numbers = (n for n, passage in enumerate(passages(request), 1) if words in passage)
        return text.replace("[1]", f"[{next(numbers, 1)}]")

    return say


def drips(text: str, seconds_a_byte: float) -> Behaviour:
    """Answer rightly, but one byte at a time, so that no single read ever runs into a read's time limit."""

    def behave(handler: Handler, _: Request) -> None:
        handler.begin_stream()
        body = b"".join(streamed(text)) + chunk(None, "stop") + b"data: [DONE]\n\n"
        for byte in body:
            if handler.owner.closing.wait(seconds_a_byte):
                break
            handler.wfile.write(bytes([byte]))
        handler.close_connection = True

    return behave


def hangs(handler: Handler, _: Request) -> None:
    handler.owner.closing.wait()
    handler.close_connection = True


def listens(began: threading.Event, ended: threading.Event, text: str = "") -> Behaviour:
    """Stream `text`, then nothing; sets `began` at the start and records when the client ends the call."""

    def behave(handler: Handler, _: Request) -> None:
        if text:
            handler.begin_stream()
            handler.wfile.write(chunk(text))
        began.set()
        while not handler.owner.closing.is_set():
            if _is_closed(handler.connection):
                ended.set()
                break
        handler.close_connection = True

    return behave


def _is_closed(connection: socket.socket) -> bool:
    readable, _, _ = select.select([connection], [], [], 0.02)
    try:
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except ConnectionResetError:  # what had been sent was not read
        return True


def breaks_off(text: str) -> Behaviour:

    def behave(handler: Handler, _: Request) -> None:
        handler.begin_stream()
        handler.wfile.write(next(streamed(text)) + b'data: {"id": "1", "cho')
        handler.close_connection = True

    return behave


def answers(body: str, content_type: str = "application/json", status: int = 200, **headers: str) -> Behaviour:
    """Return a behaviour with any body: HTML, invalid JSON, an error status; `_` in a header's name stands for `-`."""

    def behave(handler: Handler, _: Request) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.answer(body.encode(), content_type, status, headers=named)

    return behave


def refuses(status: int, **headers: str) -> Behaviour:
    """Answer an error of this status, as OpenAI words it."""
    return answers('{"error": {"message": "no", "type": "server_error", "code": null}}', status=status, **headers)


def reads_first(seen: Callable[[str], str] = str, **options: Any) -> Behaviour:
    """Answer with the first sentence of what the model has `seen` of the messages, as `prompts/answer.md` asks.

    A server that cuts its context has seen their end only.
    """

    def words(request: Request) -> str:
        text = seen("\n".join(message["content"] for message in request["messages"]))
        passage = re.search(r"\[(\d+)\]\n([^。]+。)", text[text.find("<資料>\n") :])
        number, sentence = passage.groups() if passage else ("1", "わかりません。")
        said = {"text": sentence, "passages": [int(number)], "quotes": [sentence], "formula": ""}
        return json.dumps({"status": "answered", "sentences": [said], "choices": []}, ensure_ascii=False)

    return says(words, **options)


def thinks(thoughts: str, text: str, delay_s: float = 0) -> Behaviour:
    """Return a behaviour that sends reasoning apart from the answer, and then a silence."""

    def behave(handler: Handler, _: Request) -> None:
        handler.owner.closing.wait(delay_s)
        handler.begin_stream()
        for letter in thoughts:
            handler.wfile.write(_event({"content": None, "reasoning_content": letter}))
        for event in streamed(text):
            handler.wfile.write(event)
        handler.wfile.write(chunk(None, "stop") + b"data: [DONE]\n\n")

    return behave


def endless(event: bytes) -> Behaviour:
    """Send the same bytes again and again, as fast as they are taken."""

    def behave(handler: Handler, _: Request) -> None:
        handler.begin_stream()
        while not handler.owner.closing.is_set():
            handler.wfile.write(event)

    return behave


def counts(text: str, usage: Any) -> Behaviour:
    """Return a behaviour that replies in one event with this as the server's count of tokens."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": "stop"}
    return streams(f"data: {json.dumps({'choices': [choice], 'usage': usage})}", "data: [DONE]")


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave as the first of `behaviours`, then as the next, and from then on as the last."""
    left = list(behaviours)

    def behave(handler: Handler, request: Request) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler, request)

    return behave


def streams(*lines: str) -> Behaviour:
    """Send these lines as an event stream that then ends, whatever they hold."""

    def behave(handler: Handler, _: Request) -> None:
        handler.begin_stream()
        for line in lines:
            handler.wfile.write(f"{line}\n\n".encode())

    return behave


def fails_in_stream(handler: Handler, _: Request) -> None:
    """Return a behaviour with an error object after the first words."""
    error = {"error": {"message": "out of memory", "type": "server_error", "code": None}}
    handler.begin_stream()
    handler.wfile.write(chunk("計画期間は") + f"data: {json.dumps(error)}\n\n".encode())


def task(request: Request) -> str:
    system = request["messages"][0]["content"]
    return next(name for name in PROMPTS if load_prompt(name).messages[0][1] == system)


def by_task(**words: Words) -> Behaviour:
    """Say to each task what is given for it (`answer_compact` for answer-compact), and nothing to any other."""

    def say(request: Request) -> str:
        said = words.get(task(request).replace("-", "_"), "")
        return said if isinstance(said, str) else said(request)

    return says(say)


def held_reply(answer: Any, judge: Words = "") -> Behaviour:
    """Keep to a schema: `answer` (an object, or made of the request), and the verdicts, by default all supported."""

    def said(request: Request) -> str:
        return json.dumps(answer(request) if callable(answer) else answer, ensure_ascii=False)

    return by_task(answer=said, answer_compact=said, judge=judge or verdicts())


def judged(request: Request) -> list[str]:
    statements = request["messages"][-1]["content"].rpartition("<文>")[2]
    return re.findall(r"^\d+: (.*) \(箇所 .*\)$", statements, re.MULTILINE)


def verdicts(verdict: str = "contradicted", /, **differences: str) -> Words:
    """Give the verdict to sentences that contain a key of `differences`, with its text as reason; else supported."""

    def judge(request: Request) -> str:
        found = [next((why for part, why in differences.items() if part in text), "") for text in judged(request)]
        said = [{"difference": why, "verdict": verdict if why else "supported"} for why in found]
        return json.dumps({"verdicts": said}, ensure_ascii=False)

    return judge


def sentence(text: str, *passages: int, quotes: tuple[str, ...] = (), formula: str = "") -> dict[str, Any]:
    return {"text": text, "passages": list(passages), "quotes": list(quotes), "formula": formula}


def answer_of(*sentences: dict[str, Any], status: str = "answered", choices: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"status": status, "sentences": list(sentences), "choices": list(choices)}


def for_task(name: str, special: Behaviour, otherwise: Behaviour) -> Behaviour:
    """Return a behaviour that is `special` for requests of the task `name`."""

    def behave(handler: Handler, request: Request) -> None:
        (special if task(request) == name else otherwise)(handler, request)

    return behave


def passages(request: Request) -> list[str]:
    """Return the texts of the passages that the request offers, in order."""
    shown = r"^\[\d+\]\n(.*?)(?=\n\[\d+\]\n|\n見出し: |\n</資料>)"
    return re.findall(shown, request["messages"][-1]["content"], re.DOTALL | re.MULTILINE)
