"""Tests of nginx with `deploy/nginx.conf` in front of workers that answer, are busy, break off, or are away."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event

import httpx2
import pytest

from bot.desk.pages.document_pages import MAX_UPLOAD_MB, UPLOAD
from bot.running.http.edge import HSTS, MAX_BODY_BYTES
from bot.running.http.problems import make_problem
from tests.stack.nginx import Proxy, nginx
from tests.stack.ports import free_ports
from tests.stack.workers import Script, Worker, stand_in_workers

QUESTION = {"question": "計画の期間はいつまでですか"}
# With one office, with offices by path, and both below another path.
PREFIXES = ("", "/ashino", "/below/it", "/below/it/ashino")
BUSY = partial(Worker.send, status=503, body=b"busy", headers=[("Retry-After", "7")])
_SCRIPT = Script()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with (
        stand_in_workers(_SCRIPT) as workers,
        nginx(tmp_path_factory.mktemp("nginx"), workers, free_ports(2)) as running,
    ):
        yield running


def test_each_office_is_served_by_its_own_process(tmp_path: Path) -> None:
    own, others = Script(), Script()
    with (
        stand_in_workers(own) as workers,
        stand_in_workers(others, 1) as (other,),
        nginx(tmp_path, workers, free_ports(2), other) as running,
        running.client() as client,
    ):
        for path in ("/", "/ashino/api/chat", "/tsuyukusas", "/tsuyukusa/api/chat", "/x/../tsuyukusa/staff/?a=/b"):
            as_written = {"target": path.encode()}
            client.send(httpx2.Request("GET", running.https, extensions=as_written))
    assert [one.path for one in own.requests] == ["/", "/ashino/api/chat", "/tsuyukusas"]
    assert [one.path for one in others.requests] == ["/tsuyukusa/api/chat", "/x/../tsuyukusa/staff/?a=/b"]


@pytest.fixture(scope="module")
def proxy_without_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    first, second, *ports = free_ports(4)
    away = [f"127.0.0.1:{port}" for port in (first, second)]
    with nginx(tmp_path_factory.mktemp("nginx"), away, ports) as running:
        yield running


@pytest.fixture
def script() -> Script:
    _SCRIPT.responses.clear()
    _SCRIPT.requests.clear()
    return _SCRIPT


def test_a_busy_worker_is_not_taken_for_a_dead_one(proxy: Proxy, script: Script) -> None:
    script.responses.extend([BUSY] * 20)
    with proxy.client() as client:
        refused = [client.post("/api/chat", json=QUESTION) for _ in range(20)]
        assert {(one.status_code, one.text, *one.headers.get_list("retry-after")) for one in refused} == {
            (503, "busy", "7")
        }
        assert client.get("/").status_code == 200
    assert len(script.requests) == 21


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
def test_a_question_is_sent_again_with_the_same_key(proxy: Proxy, script: Script, prefix: str, path: str) -> None:
    script.responses.append(Worker.break_off)
    with proxy.client() as client:
        assert client.post(prefix + path, json=QUESTION).status_code == 200
        first, second = (request.headers["idempotency-key"] for request in script.requests)
        assert first == second
        client.post(prefix + path, json=QUESTION, headers={"idempotency-key": "a-program's-own-key"})
    assert script.requests[-1].headers["idempotency-key"] == "a-program's-own-key"
    assert first != "a-program's-own-key"


@pytest.mark.parametrize("path", ["/api/feedback", "/ashino/staff/reports", "/gradio_api/queue/join"])
def test_other_changes_are_not_sent_twice(proxy: Proxy, script: Script, path: str) -> None:
    script.responses.append(Worker.break_off)
    with proxy.client() as client:
        assert client.post(path, json={}).status_code == 503
    assert len(script.requests) == 1


@pytest.mark.parametrize("path", ["/", "/api/chat", "/ashino/api/documents"])
def test_without_workers_the_proxy_answers_in_japanese(proxy_without_workers: Proxy, path: str) -> None:
    with proxy_without_workers.client() as client:
        problem = client.get(path)
        page = client.get(path, headers={"accept": "text/html,*/*;q=0.8"})
    assert [one.status_code for one in (problem, page)] == [503] * 2
    assert {one.headers["retry-after"] for one in (problem, page)} == {"10"}
    assert problem.headers["content-type"].startswith("application/problem+json")
    assert problem.json()["status"] == 503
    assert "10秒" in problem.json()["detail"]
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "もう一度お試しください" in page.text


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", ["/metrics", "/ready", "/metrics/", "//ready", "/%6detrics", "/x/../ready"])
def test_monitoring_is_not_public(proxy: Proxy, script: Script, prefix: str, path: str) -> None:
    with proxy.client() as client:
        as_written = {"target": (prefix + path).encode()}  # httpx2 would resolve the dots itself
        response = client.send(httpx2.Request("GET", proxy.https, extensions=as_written))
    assert response.status_code == 404
    assert script.requests == []
    assert response.json()["detail"] == make_problem(404).detail


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("path", "most"), [("/api/chat", MAX_BODY_BYTES), (UPLOAD, MAX_UPLOAD_MB * 1_000_000)])
def test_bodies_may_be_as_large_as_the_workers_take(
    proxy: Proxy, script: Script, prefix: str, path: str, most: int
) -> None:
    with proxy.client() as client:
        assert client.post(prefix + path, content=b"x" * most).status_code == 200
        refused = client.post(prefix + path, content=b"x" * (most + 1))
    assert refused.status_code == 413
    assert refused.json()["detail"] == make_problem(413).detail
    assert len(script.requests) == 1


def test_the_worker_gets_the_public_address(proxy: Proxy, script: Script) -> None:
    claims = dict.fromkeys(("x-forwarded-host", "forwarded", "x-forwarded-for", "x-request-id"), "host=evil.example")
    with proxy.client() as client:
        client.get("/signin", headers={"host": "shirube.example:8443", **claims})
    (request,) = script.requests
    assert (request.headers["host"], request.headers["x-forwarded-host"]) == ("shirube.example:8443",) * 2
    assert request.headers["x-forwarded-for"] == "127.0.0.1"
    assert request.headers["x-forwarded-proto"] == "https"
    assert "forwarded" not in request.headers
    assert "evil" not in request.headers["x-request-id"]


def test_plain_http_redirects_to_the_port_of_https(proxy: Proxy) -> None:
    response = httpx2.get(f"{proxy.http}/plans?year=2026", trust_env=False)
    assert response.status_code == 301
    assert response.headers["location"] == f"{proxy.https}/plans?year=2026"


def test_the_https_header_is_sent_once(proxy: Proxy, script: Script) -> None:
    script.responses.append(partial(Worker.send, headers=[("Strict-Transport-Security", HSTS)]))
    with proxy.client() as client:
        responses = [client.get(path) for path in ("/", "/", "/metrics")]
    assert [one.headers.get_list("strict-transport-security") for one in responses] == [[HSTS]] * 3


@pytest.mark.parametrize("path", ["/api/chat", "/gradio_api/queue/data", "/ashino/gradio_api/queue/data"])
def test_events_are_compressed_and_sent_on_at_once(proxy: Proxy, script: Script, path: str) -> None:
    is_read = Event()

    def events(worker: Worker) -> None:
        worker.send_response(200)
        worker.send_header("Content-Type", "text/event-stream")
        worker.send_header("Connection", "close")
        worker.end_headers()
        worker.wfile.write(b"data: first\n\n")
        worker.close_connection = is_read.wait(10)
        worker.wfile.write(b"data: second\n\n")

    script.responses.append(events)
    with proxy.client() as client, client.stream("GET", path, headers={"accept-encoding": "gzip"}) as response:
        assert response.headers["content-encoding"] == "gzip"
        parts = response.iter_text()
        assert next(part for part in parts if part) == "data: first\n\n"
        is_read.set()
        assert "second" in "".join(parts)


def test_the_log_has_no_query(proxy: Proxy) -> None:
    with proxy.client() as client:
        client.get("/api/search?q=secret-words")
        client.get("/metrics?q=secret-words")
    assert "/api/search" in proxy.requests()
    assert "secret-words" not in proxy.requests()
