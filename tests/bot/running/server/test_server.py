import asyncio
import ctypes
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import psutil
import pytest

from bot.running.auth.sign_in import SignIn
from ingest.configuration.settings import Settings
from tests.bot.running.auth.inner import PASSWORD
from tests.bot.running.server import hanging_server
from tests.bot.server_process import Running
from tests.conftest import without_records
from tests.stack.visitors import Visitors
from tests.tools.load import wait_until_idle, workers_of

ROOT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.server


# As `python -m bot` does, one after the other; what each complains of ends with a mark.
IN_TURN = """
import json, sys
from bot.__main__ import main
for arguments in json.loads(sys.argv[1]):
    status = main(["serve", *arguments])
    sys.stderr.write(f"{status}\\f")
"""


def bound_by_permissions() -> None:
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def refused(*commands: Sequence[str | Path]) -> list[str]:
    """Return why each of some servers does not start, after checking that it ends with 2 and without a traceback.

    One process tries them, bound by permissions: what a server imports takes longer than to find out.
    """
    given = json.dumps([list(map(str, arguments)) for arguments in commands])
    ended = subprocess.run(
        [sys.executable, "-c", IN_TURN, given],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        preexec_fn=bound_by_permissions,
    )
    error_messages = ended.stderr.split("\f")[:-1]
    assert [(one[:5], one[-1]) for one in error_messages] == [("エラー: ", "2")] * len(commands)
    assert "Traceback" not in ended.stderr
    return error_messages


@pytest.fixture(scope="module")
def error_messages(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    read_only = without_records(corpus_data, tmp_path_factory.mktemp("read-only") / "data")
    for path in (read_only, *read_only.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        away = ("--host", "192.0.2.1", "--data", corpus_data)
        none = ("--port", "0", "--data", tmp_path_factory.mktemp("without") / "none")
        refusals = refused(("--port", port, "--data", corpus_data), away, none, ("--port", "0", "--data", read_only))
    return {"port": port, **dict(zip(("in use", "away", "without", "read-only"), refusals, strict=True))}


def add_account(data: Path) -> None:
    with closing(SignIn(Settings(_env_file=None, data=data))) as sign_in:
        sign_in.accounts.add("安奈", PASSWORD, "staff")


class Interrupted(NamedTuple):
    data: Path
    answer: dict[str, Any]
    status: int
    printed: str
    log: str


@pytest.fixture(scope="module")
def interrupted(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Interrupted:
    data = without_records(corpus_data, tmp_path_factory.mktemp("interrupted") / "data")
    add_account(data)
    server = Running("--port", "0", "--data", data)
    try:
        answer = server.ask("金沢市DXアクションプラン2.0の計画期間は?")
        server.get("/api/search?q=himitsu")
        server.ask("himitsuの計画期間は?")
        server.post("/api/chat", {"question": ""})
    finally:
        status, log = server.end(signal.SIGINT)
    return Interrupted(data, answer, status, server.printed, log)


@pytest.fixture(scope="module")
def shared(interrupted: Interrupted) -> Iterator[tuple[Running, Path]]:
    """Yield a server and its data folder for tests that change neither; it exits cleanly.

    It continues the records of `interrupted`, whose account is removed.
    """
    with closing(SignIn(Settings(_env_file=None, data=interrupted.data))) as sign_in:
        sign_in.accounts.remove("安奈")
    server = Running("--port", "0", "--data", interrupted.data)
    yield server, interrupted.data
    assert server.end()[0] == 0


def test_the_address_is_printed_when_the_server_is_ready(shared: tuple[Running, Path]) -> None:
    server, _ = shared
    assert server.announced.startswith("しるべを http://127.0.0.1:")
    assert server.get("/ready").status_code == 200
    assert 'lang="ja"' in server.get("/").text
    assert server.ask("金沢市DXアクションプラン2.0の計画期間は?")["status"] == "answered"


def test_the_link_on_the_terminal_signs_in(shared: tuple[Running, Path]) -> None:
    server, _ = shared
    assert server.process.stdout
    shown = re.search(r"http://\S+/signin\?token=\S+", server.process.stdout.readline())
    assert shown
    with httpx2.Client(trust_env=False, timeout=60, follow_redirects=True) as client:
        assert "名前" in client.get(shown[0]).text
        client.post(f"{server.url}/signin", data={"name": "採点1", "token": shown[0].partition("token=")[2]})
        assert "採点1さんとしてサインインしています" in client.get(f"{server.url}/signin").text


def test_concurrent_questions_get_their_own_answers(shared: tuple[Running, Path]) -> None:
    server, _ = shared
    questions = ["金沢市DXアクションプラン2.0の計画期間は?", "金沢市DXアクションプラン2.0の基本理念は?"]
    alone = {question: server.ask(question)["answer"] for question in questions}
    with ThreadPoolExecutor(8) as pool:
        for question, answer in zip(questions * 8, pool.map(server.ask, questions * 8), strict=True):
            assert answer["answer"] == alone[question]


def test_the_metrics_count_queued_questions(shared: tuple[Running, Path]) -> None:
    server, _ = shared

    def waiting() -> float:
        return float(server.get("/metrics").text.split("\nshirube_queue_waiting ")[1].split()[0])

    before = waiting()
    assert not server.ask("体育館の休館日はいつですか")["citations"]
    assert waiting() == before + 1


def test_a_missing_index_is_a_503_until_it_is_back(shared: tuple[Running, Path]) -> None:
    server, data = shared
    away = data / "away"
    away.mkdir()
    for name in ("generations", "current"):
        (data / name).rename(away / name)
    answer = server.post("/api/chat", {"question": "計画期間は?"})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert server.get("/ready").status_code == 503
    assert server.get("/health").status_code == 200
    for name in ("generations", "current"):
        (away / name).rename(data / name)
    assert server.ask("計画期間は?")["answer_id"]


def test_records_survive_a_restart(interrupted: Interrupted, shared: tuple[Running, Path]) -> None:
    before, (after, _) = interrupted.answer, shared
    whole = after.ask("その基本理念は?", conversation_id=before["conversation_id"])["question_understood"]
    assert whole.startswith("金沢市DXアクションプラン2.0")
    assert "基本理念" in whole
    assert after.post("/api/feedback", {"answer_id": before["answer_id"], "rating": "up"}).status_code == 200


def test_the_log_is_json_without_questions(interrupted: Interrupted) -> None:
    lines = [json.loads(line) for line in interrupted.log.splitlines()]
    assert interrupted.status == 0
    assert {("GET", "/api/search", 200), ("POST", "/api/chat", 422)} <= {
        (line.get("method"), line.get("path"), line.get("status")) for line in lines
    }
    assert "himitsu" not in interrupted.log


def test_the_terminal_shows_no_link_if_there_is_an_account(interrupted: Interrupted) -> None:
    assert interrupted.printed.startswith("しるべを http://127.0.0.1:")
    assert "token" not in interrupted.printed


@pytest.fixture(scope="module")
def several(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = without_records(corpus_data, tmp_path_factory.mktemp("several") / "data")
    add_account(data)
    server = Running("--port", "0", "--data", data, "--workers", "2")
    yield server
    server.end()


def test_several_processes_serve_one_address(several: Running) -> None:
    assert "API だけ" in several.announced
    conversation_id = several.ask("金沢市DXアクションプラン2.0の計画期間は?")["conversation_id"]
    for _ in range(4):
        assert several.ask("その基本理念は?", conversation_id=conversation_id)["conversation_id"] == conversation_id


def test_a_session_is_valid_in_every_process(several: Running) -> None:
    with httpx2.Client(trust_env=False, timeout=60) as client:
        sent = client.post(f"{several.url}/signin", data={"name": "安奈", "password": PASSWORD})
        assert sent.status_code == 303
    for _ in range(8):  # each a connection of its own
        page = httpx2.get(f"{several.url}/signin", cookies=client.cookies, trust_env=False)
        assert "安奈さんとしてサインインしています" in page.text


def test_the_workers_end_with_their_supervisor(several: Running) -> None:
    workers = workers_of(several)
    assert len(workers) == 2
    several.end(signal.SIGKILL)
    assert psutil.wait_procs(workers, timeout=15)[1] == []


class Hanging(NamedTuple):
    server: Running
    data: Path
    log: Path


@pytest.fixture(scope="module")
def hanging_and_files(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hanging]:
    folder = tmp_path_factory.mktemp("hanging")
    data, log = without_records(corpus_data, folder / "data"), folder / "log"
    with log.open("wb") as file:
        server = Running("--port", "0", "--data", data, module=hanging_server.__name__, log=file)
        yield Hanging(server, data, log)
        server.end()


def test_a_worker_that_hangs_is_replaced_and_loses_no_answer(hanging_and_files: Hanging) -> None:
    hanging, data, log = hanging_and_files
    wait_until_idle(hanging)
    (hung,) = workers_of(hanging)
    visitors = Visitors(hanging.url, 3, 0, 0.1, 0.3)
    with ThreadPoolExecutor() as threads:
        visiting = threads.submit(asyncio.run, visitors.visit(2))
        with pytest.raises(httpx2.TransportError):
            hanging.ask(hanging_server.QUESTION)
        visiting.result()
    assert not psutil.pid_exists(hung.pid)
    assert not visitors.seen.failures
    assert not visitors.seen.unanswered
    with closing(sqlite3.connect(data / "shirube.sqlite")) as records:
        recorded = [answer_id for (answer_id,) in records.execute("SELECT answer_id FROM turns")]
    assert sorted(recorded) == sorted(visitors.seen.answers.values())
    assert "check_or_hang" in log.read_text("utf-8")


def test_a_server_whose_worker_hangs_ends(hanging_and_files: Hanging) -> None:
    hanging = hanging_and_files.server
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(hanging.ask, hanging_server.QUESTION)
        with suppress(httpx2.TimeoutException):
            while True:
                httpx2.get(f"{hanging.url}/health", trust_env=False, timeout=0.5)
        hanging.process.terminate()
        assert hanging.process.wait(timeout=15) == 0
        assert isinstance(asked.exception(), httpx2.TransportError)


REFUSALS = {
    "in use": r"ポート (\d+) は、ほかのプログラムが使っています.*--port \d+",
    "away": "「192.0.2.1」では待ち受けできません",
    "without": "python -m ingest build",
    "read-only": "書き込める",
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_server_that_cannot_start_says_why(error_messages: dict[str, str], case: str) -> None:
    found = re.search(REFUSALS[case], error_messages[case], re.DOTALL)
    assert found
    assert case != "in use" or found[1] == error_messages["port"]


ANSWER = """
import json, pathlib, sys
from datetime import date
from bot.answering.state import Question
from bot.running.service.service import open_service
from ingest.configuration.settings import Settings
with open_service(Settings(_env_file=None, data=sys.argv[1]), lambda: date(2026, 11, 20)) as service:
    assert service.ask(Question(question="計画期間は?")).status == "answered"
    print(json.dumps({"modules": list(sys.modules)}))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def memory_report(corpus_data: Path, home: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", ANSWER, str(corpus_data)]
    own = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **own})
    held: dict[str, Any] = json.loads(ended.stdout)
    return held


def test_no_library_writes_to_the_home_directory(memory_report: dict[str, Any], home: Path) -> None:
    assert "onnxruntime" in memory_report["modules"]
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_answering_imports_no_large_library_that_it_does_not_use(memory_report: dict[str, Any]) -> None:
    unused = {"torch", "sentence_transformers", "transformers", "onnx", "gradio", "pandas", "langchain_core"}
    assert (unused | {"openai", "sklearn", "scipy"}) & set(memory_report["modules"]) == set()
