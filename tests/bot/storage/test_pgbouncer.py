"""Tests of the records behind PgBouncer, which gives each transaction another connection."""

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from bot.service import Service, open_service
from bot.state import Question
from ingest.configuration.settings import Settings
from tests.bot.postgresql import Cluster
from tests.conftest import without_records
from tests.programs import PGBOUNCER, PGBOUNCER_MISSING, skip_without
from tests.stack.ports import free_ports

_START_S = 10


@contextmanager
def pgbouncer(server: Cluster, connections: int) -> Iterator[str]:
    if PGBOUNCER is None:
        skip_without(PGBOUNCER_MISSING)
    (port,) = free_ports(1)
    file = server.folder / "pgbouncer.ini"
    (server.folder / "users").write_text('"shirube" ""\n')
    file.write_text(
        f"[databases]\npostgres = host=127.0.0.1 port={server.port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
        f"auth_file = {server.folder / 'users'}\npool_mode = transaction\ndefault_pool_size = {connections}\n"
    )
    log = server.folder / "pgbouncer.log"
    with log.open("wb") as output:
        process = subprocess.Popen([str(PGBOUNCER), file], stdout=output, stderr=output, user=server.user)
    try:
        deadline = time.monotonic() + _START_S
        while "process up" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError(log.read_text())
            time.sleep(0.05)
        yield f"postgresql+psycopg://shirube@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(timeout=10)


def test_transactions_may_each_have_another_connection(
    settings: Settings, database_server: Cluster, tmp_path: Path
) -> None:
    with pgbouncer(database_server, 2) as url:
        offices = [
            settings.model_copy(update={"data": tmp_path / name, "database_url": SecretStr(url), "tenant": name})
            for name in ("ashino", "tsuyukusa")
        ]
        for office in offices:
            without_records(settings.data, office.data)
        with open_service(offices[0]) as one, open_service(offices[1]) as other:
            asked = {service: service.ask(Question(question="計画の期間は何年間ですか")) for service in (one, other)}

            def vote(service: Service) -> None:
                service.feedback(asked[service].answer_id, "up")

            with ThreadPoolExecutor(6) as threads:  # so often that psycopg would prepare the statement
                list(threads.map(vote, [one, other] * 60))
            for service, answer in asked.items():
                (turn,) = service.conversation(answer.conversation_id)
                assert turn.answer.answer_id == answer.answer_id
                assert turn.rating == "up"
