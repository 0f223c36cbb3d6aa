"""Tests of traces and request numbers."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import closing, contextmanager
from contextvars import copy_context
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from bot.llm.chat_model import ChatModel, Task
from bot.monitoring.log import begin_request
from bot.monitoring.tracing import begin_tracing, request_trace_id
from bot.server.api import create_app
from bot.service import open_service
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.model_server import Behaviour, ModelServer, says
from tests.conftest import ROOT, without_records

NUMBER = "0af7651916cd43dd8448eb211c80319c"
QUESTION = "プラン2.0の計画期間はいつまでですか"


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Takes spans as a collector does, and keeps them."""

    def __init__(self) -> None:
        self.spans: list[Any] = []

    def Export(self, request: Any, context: object) -> Any:  # noqa: ARG002, N802 - the protocol's names
        """Store the received spans."""
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans
        return trace_service_pb2.ExportTraceServiceResponse()

    def named(self, name: str) -> Any:
        """Return the only span of this name."""
        (found,) = (span for span in self.spans if span.name == name)
        return found


@contextmanager
def collecting() -> Iterator[tuple[Collector, str]]:
    collector, server = Collector(), grpc.server(futures.ThreadPoolExecutor(2))
    add: Any = trace_service_pb2_grpc.add_TraceServiceServicer_to_server
    add(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield collector, f"http://127.0.0.1:{port}"
    finally:
        server.stop(None)


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


@pytest.fixture(scope="module")
def traced(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Collector, ModelServer]]:
    data = without_records(corpus_data, tmp_path_factory.mktemp("traced") / "data")
    with collecting() as (collector, endpoint), ModelServer(says("計画期間は令和11年度までです[1]。")) as model:
        settings = Settings(
            _env_file=None, data=data, llm=model.models(model="m"), llm_sense="off", otlp_endpoint=endpoint
        )
        end = begin_tracing(settings)
        try:
            with open_service(settings, lambda: date(2026, 11, 1)) as service:
                client = TestClient(create_app(service, settings))
                client.post("/api/chat", json={"question": QUESTION}, headers={"X-Request-Id": NUMBER})
        finally:
            end()
        yield collector, model


def test_each_step_is_a_span_of_its_question(traced: tuple[Collector, ModelServer]) -> None:
    spans = {span.span_id: span for span in traced[0].spans}

    def above(name: str) -> str:
        return str(spans[traced[0].named(name).parent_span_id].name)

    assert above("question") == "POST /api/chat"
    assert {
        above(f"shirube.{step}") for step in ("guard", "query", "retrieve", "relevance", "model", "suggestions")
    } == {"question"}
    calls = [span for span in spans.values() if span.name == "chat"]
    assert calls
    assert {spans[call.parent_span_id].name for call in calls} == {"shirube.follow_up", "shirube.model"}


def test_the_trace_id_is_the_request_id(traced: tuple[Collector, ModelServer]) -> None:
    assert {span.trace_id.hex() for span in traced[0].spans} == {NUMBER}


def test_spans_have_outcome_attributes(traced: tuple[Collector, ModelServer]) -> None:
    collector, _ = traced
    request, question = attributes(collector.named("POST /api/chat")), attributes(collector.named("question"))
    assert request["http.route"] == "/api/chat"
    assert request["http.response.status_code"] == 200
    assert question["shirube.status"] in {"answered", "partial"}
    assert attributes(collector.named("shirube.retrieve"))["shirube.passages"] > 0
    call = next(attributes(span) for span in collector.spans if span.name == "chat")
    assert call["gen_ai.usage.input_tokens"] > 0
    assert call["shirube.outcome"] == "answered"


def test_no_span_contains_question_or_answer(traced: tuple[Collector, ModelServer]) -> None:
    told = "\n".join(map(str, traced[0].spans)) + json.dumps([attributes(span) for span in traced[0].spans])
    assert "計画" not in told
    assert "計画".encode().hex() not in told
    assert not any(letter > "\u3040" for letter in told)


def test_the_model_server_gets_the_request_id(traced: tuple[Collector, ModelServer]) -> None:
    collector, model = traced
    calls = {span.span_id.hex() for span in collector.spans if span.name == "chat"}
    for headers in model.headers:
        assert headers["x-request-id"] == NUMBER
        _, trace, parent, _ = headers["traceparent"].split("-")
        assert trace == NUMBER
        assert parent in calls


def test_the_request_id_is_sent_without_a_collector(
    model_server: Callable[[Behaviour], ModelServer],
) -> None:
    running = model_server(says("はい。"))

    def ask() -> None:
        begin_request("proxy-number-1")
        with closing(ChatModel(running.models(), 10)) as chat:
            Task("capability", chat).reply()

    copy_context().run(ask)
    (headers,) = running.headers
    assert headers["x-request-id"] == "proxy-number-1"
    assert headers["traceparent"].split("-")[1] == request_trace_id("proxy-number-1")


@pytest.mark.parametrize(
    "given",
    ["", "short", "x" * 65, "id with blanks", "id\u2028line", 'id"},{"', "090-1234-5678", "０９０１２３４５６７８"],
)
def test_an_invalid_request_id_is_replaced(given: str) -> None:
    client = TestClient(create_app(StandIn(), Settings(_env_file=None)))
    answer = client.get("/health", headers={b"X-Request-Id": given.encode()})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert client.get("/health", headers={"X-Request-Id": NUMBER}).headers["x-request-id"] == NUMBER


def test_the_exporter_is_not_imported_without_a_collector() -> None:
    code = (
        "import sys, bot.pipeline, bot.web.access_log, bot.monitoring.tracing;"
        "from ingest.configuration.settings import Settings;"
        "bot.monitoring.tracing.begin_tracing(Settings(_env_file=None));"
        "print(any(name.startswith('opentelemetry.exporter') for name in sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"
