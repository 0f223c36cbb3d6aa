"""Tests of traces and logs."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from contextvars import copy_context
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from bot.monitoring.log import JsonLines, PlainLines, begin_request, redact_text
from bot.monitoring.tracing import begin_tracing
from bot.server.api import create_app
from bot.service import open_service
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.model_server import ModelServer, says
from tests.conftest import ROOT, without_records

NUMBER = "0af7651916cd43dd8448eb211c80319c"
QUESTION = "プラン2.0の計画期間はいつまでですか"


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Takes spans as a collector does, and keeps them."""

    def __init__(self) -> None:
        self.spans: list[Any] = []

    def Export(self, request: Any, context: object) -> Any:  # noqa: ARG002, N802 - the protocol's names
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans
        return trace_service_pb2.ExportTraceServiceResponse()

    def named(self, name: str) -> Any:
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


PHONE = "090-1234-5678"


def record(message: str, error: Exception | None = None, logger_name: str = "bot") -> logging.LogRecord:
    exc_info = (type(error), error, None) if error else None
    return logging.LogRecord(logger_name, logging.WARNING, "", 0, message, None, exc_info)


def test_personal_data_is_masked_in_message_and_traceback() -> None:
    line = JsonLines().format(record(f"回答できません: {PHONE}", ValueError(f"{PHONE} は読めません")))
    assert PHONE not in line
    assert json.loads(line)["message"] == "回答できません: 〔電話番号〕"
    assert "〔電話番号〕 は読めません" in json.loads(line)["traceback"]


@pytest.mark.parametrize(
    ("reasons", "line"),
    [
        ("回答を使えません: 「山田太郎の税」は出典にありません", "回答を使えません: 〔…〕は出典にありません"),
        ("日付「令和8年」は出典にありません / 「山田」が違います", "日付〔…〕は出典にありません / 〔…〕が違います"),
        ("「山田が「重要」と言う」に出典がありません", "〔…〕に出典がありません"),
        ("「税 / 山田」は出典にありません", "〔…〕 / 〔…〕は出典にありません"),
        ("出典 1 の引用が原文と一致しません", "出典 1 の引用が原文と一致しません"),
    ],
)
@pytest.mark.parametrize(
    "logger_name",
    ["bot.verification.statement_check", "bot.answers.generated", "bot.generation.answer_writer", "bot.easy_japanese"],
)
def test_rejected_text_is_not_quoted(logger_name: str, reasons: str, line: str) -> None:
    assert json.loads(JsonLines().format(record(reasons, logger_name=logger_name)))["message"] == line
    assert PlainLines().format(record(reasons, logger_name=logger_name)).endswith(line)


def test_every_line_of_a_request_has_its_number() -> None:

    def work() -> None:
        begin_request("abc")
        assert json.loads(JsonLines().format(record("始めます")))["request"] == "abc"
        assert "[request=abc]" in PlainLines().format(record("始めます"))

    copy_context().run(work)
    assert "request" not in json.loads(JsonLines().format(record("始めます")))


@pytest.mark.parametrize("begun", [True, False], ids=["request", "queue"])
def test_no_log_line_has_the_question(*, begun: bool) -> None:

    def work() -> None:
        if begun:
            begin_request("abc")
            copy_context().run(redact_text, "山田さんの税はいくら")
        else:
            redact_text("山田さんの税はいくら")
        exc_info = record("失敗: 山田さんの税はいくら", ValueError("bad: '山田さんの税はいくら'"))
        for line in (JsonLines().format(exc_info), PlainLines().format(exc_info)):
            assert "山田" not in line
            assert line.count("〔質問〕") == 2

    copy_context().run(work)


def test_a_message_with_line_breaks_is_one_line() -> None:
    assert "\n" not in PlainLines().format(record("GET /a\n2026-11-20 ERROR 偽"))
