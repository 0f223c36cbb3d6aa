"""Checks of `doctor --deep`: file checksums, a test question, database, clock and servers."""

import socket
import ssl
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from bot.cli.model_checks import mask_credentials
from bot.errors import BotError
from ingest.configuration.proxies import choose_proxy
from ingest.configuration.settings import Settings
from ingest.errors import StorageError

if TYPE_CHECKING:
    from bot.storage.record_store import Store

# Checks import lazily, so that an import that fails is reported as a failed check.
# ruff: noqa: PLC0415

_TIMEOUT_S = 5.0
# Certificates and signatures may be refused if clocks differ by more.
_MAX_CLOCK_DIFFERENCE = timedelta(seconds=60)
# Time to renew a certificate by hand.
_RENEWAL = timedelta(days=14)
_PORTS = {"http": 80, "https": 443}


def check_index_files(settings: Settings) -> str:
    """Verify the checksums of all files of the index. Raises DamagedIndexError."""
    from ingest.index.generation import current_name, generation_folder, load_generation, verify_checksums

    name = current_name(settings)
    if name is None:
        raise BotError("使用中の索引がありません。`python -m ingest build` で作ってください。")
    verify_checksums(settings, load_generation(settings, name))
    files = [path for path in generation_folder(settings.data, name).rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    return f"索引 {name} の {len(files)}個のファイル（{size / 1_000_000:.0f} MB）を、すべて読んで確かめました"


def check_question(settings: Settings) -> str:
    """Answer an example question, recorded in a temporary database. Raises BotError if it is not answered."""
    from bot.service import open_service
    from bot.state import Question, Status

    with tempfile.TemporaryDirectory() as folder:
        url = SecretStr(f"sqlite:///{folder}/doctor.sqlite")
        temporary = settings.model_copy(update={"database_url": url, "tenant": ""})
        with open_service(temporary) as service:
            service.wait_for_model()
            question = next(iter(service.examples(1)), "この文書は何についてのものですか")
            start = perf_counter()
            answer = service.ask(Question(question=question))
    if answer.status not in (Status.ANSWERED, Status.PARTIAL):
        raise BotError(
            f"「{question}」に答えられません（{answer.status.value}）。"
            "`python -m ingest check` で文書を確かめてください。"
        )
    seconds = perf_counter() - start
    return f"「{question}」に {seconds:.1f}秒で答えました（{answer.generator}、出典 {len(answer.citations)}件）"


def check_record_row(settings: Settings) -> str:
    """Write and delete a row of the records, and return the time. Raises StorageError."""
    start = perf_counter()
    with _open_records(settings) as store:
        store.try_writing()
    return f"1件を書き、消しました（{(perf_counter() - start) * 1000:.0f} ミリ秒）"


def check_database(settings: Settings) -> str:
    """Check the integrity of the database and return its number of rows. Raises StorageError if it is damaged."""
    from sqlalchemy import MetaData, func, select

    with _open_records(settings) as store, store.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            for pragma in ("integrity_check", "foreign_key_check"):
                problems = [row for row in connection.exec_driver_sql(f"PRAGMA {pragma}") if tuple(row) != ("ok",)]
                if problems:
                    raise StorageError(
                        f"記録のデータベースが壊れています（{pragma}: {len(problems)}件）。"
                        "サーバーを止めて、`python -m bot restore` でバックアップを戻してください。"
                    )
        metadata = MetaData()
        metadata.reflect(connection)
        tables = metadata.tables.values()
        rows = sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    return f"{len(tables)}個の表、{rows:,}行を読めます"


def check_clock(settings: Settings) -> str:
    """Compare the clock with the index and with web servers. Raises BotError if it is off by more than a minute."""
    from ingest.index.generation import current_name, generation_time

    now = datetime.now(UTC)
    built = generation_time(current_name(settings) or "")
    # The index may be of any age, but not from the future.
    differences = {"索引を作った時刻": min(now - built, timedelta())} if built else {}
    for name, address in _configured_addresses(settings).items():
        is_direct = not choose_proxy(settings.proxy, address.geturl())
        if is_direct and (server_time := _fetch_server_time(address)):
            differences[name] = now - server_time
    for name, difference in differences.items():
        if abs(difference) > _MAX_CLOCK_DIFFERENCE:
            raise BotError(
                f"この計算機の時計が、{name}と {abs(difference.total_seconds()):.0f}秒ずれています。"
                "NTP（chrony など）で合わせてください。"
            )
    return f"{now:%Y-%m-%d %H:%M:%S}（UTC）" + (f"。{'、'.join(differences)}と合っています" if differences else "")


def check_addresses(settings: Settings) -> str:
    """Connect to the servers of the settings and return the expiry of their certificates. Raises BotError."""
    results = [
        f"{name}: {mask_credentials(address.geturl())}（プロキシーを通すので、証明書は調べません）"
        if choose_proxy(settings.proxy, address.geturl())
        else f"{name}: {_connect(name, address)}"
        for name, address in _configured_addresses(settings).items()
    ]
    return "、".join(results) or "ほかのサーバーを使わない設定です"


def _open_records(settings: Settings) -> "closing[Store]":
    from bot.storage.database import database_url
    from bot.storage.record_store import Store

    return closing(Store(database_url(settings)))


def _configured_addresses(settings: Settings) -> dict[str, SplitResult]:
    models = {f"SHIRUBE_LLM__{number}__BASE_URL": model.base_url for number, model in enumerate(settings.llm, 1)}
    addresses = {
        "SHIRUBE_CHROMA_URL": settings.chroma_url, **models, "SHIRUBE_OTLP_ENDPOINT": settings.otlp_endpoint
    }  # fmt: skip
    return {name: urlsplit(address) for name, address in addresses.items() if address}


def _connect(name: str, address: SplitResult) -> str:
    masked_address = mask_credentials(address.geturl())
    host = address.hostname or ""
    port = address.port or _PORTS.get(address.scheme, 443)
    try:
        with socket.create_connection((host, port), _TIMEOUT_S) as connection:
            if address.scheme != "https":
                return masked_address
            with ssl.create_default_context().wrap_socket(connection, server_hostname=host) as secured:
                ends = (secured.getpeercert() or {}).get("notAfter", "")
    except ssl.SSLCertVerificationError as error:
        raise BotError(
            f"{name}（{masked_address}）の証明書を信頼できません（{error.verify_message}）。"
            "証明書を更新するか、発行元をこの計算機に登録してください（SSL_CERT_FILE）。"
        ) from error
    except OSError as error:
        raise BotError(
            f"{name}（{masked_address}）につながりません（{error}）。サーバーが動いているか、通信が許されているかを確かめてください。"
        ) from error
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC)
    if until - datetime.now(UTC) < _RENEWAL:
        raise BotError(f"{name}（{masked_address}）の証明書が {until:%Y-%m-%d} に切れます。更新してください。")
    return f"{masked_address}（証明書は {until:%Y-%m-%d} まで）"


def _fetch_server_time(address: SplitResult) -> datetime | None:
    from email.utils import parsedate_to_datetime
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    connect = HTTPSConnection if address.scheme == "https" else HTTPConnection
    try:
        with closing(connect(address.hostname or "", address.port, timeout=_TIMEOUT_S)) as connection:
            connection.request("HEAD", "/")
            header = connection.getresponse().headers.get("Date")
        return parsedate_to_datetime(header) if header else None
    except (OSError, HTTPException, ValueError):
        return None
