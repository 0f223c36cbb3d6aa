"""Checks of `doctor --deep`: file checksums, a test question, database, disk, clock and servers."""

import os
import shutil
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit
from uuid import uuid4

from pydantic import SecretStr

from bot.cli.model_checks import mask_credentials
from bot.errors import BotError
from ingest.configuration.settings import Settings
from ingest.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

# A check imports what it tries, so that one that cannot be imported is a finding too.
# ruff: noqa: PLC0415

_PATIENCE_S = 5.0
# Certificates and signatures of others begin to fail when clocks are further apart.
_APART = timedelta(seconds=60)
# Who renews certificates by hand needs as long.
_RENEWAL = timedelta(days=14)
_WRITTEN = b"shirube" * 1000
_PORTS = {"http": 80, "https": 443}


def check_index_files(settings: Settings) -> str:
    """Return how many files of the index were read and held against their checksums. Raises DamagedIndexError."""
    from ingest.index.generation import current_name, generation_folder, load_generation, verify_checksums

    name = current_name(settings)
    if name is None:
        raise BotError("使用中の索引がありません。`python -m ingest build` で作ってください。")
    verify_checksums(settings, load_generation(settings, name))
    found = [path for path in generation_folder(settings.data, name).rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in found)
    return f"索引 {name} の {len(found)}個のファイル（{size / 1_000_000:.0f} MB）を、すべて読んで確かめました"


def check_question(settings: Settings) -> str:
    """Return how a question of the documents' own was answered, its records in a database that is thrown away.

    Raises BotError where nothing is answered.
    """
    from bot.service import open_service
    from bot.state import Question, Status

    with tempfile.TemporaryDirectory() as folder:
        aside = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{folder}/doctor.sqlite")})
        with open_service(aside) as service:
            asked = next(iter(service.examples(1)), "この文書は何についてのものですか")
            begun = perf_counter()
            answer = service.ask(Question(question=asked))
    if answer.status not in (Status.ANSWERED, Status.PARTIAL):
        raise BotError(
            f"「{asked}」に答えられません（{answer.status.value}）。`python -m ingest check` で文書を確かめてください。"
        )
    took = perf_counter() - begun
    return f"「{asked}」に {took:.1f}秒で答えました（{answer.generator}、出典 {len(answer.citations)}件）"


def check_record_row(settings: Settings) -> str:
    """Return how long it took to keep a row of the records, read it again and remove it. Raises StorageError."""
    from sqlalchemy import delete, insert, select

    from bot.storage.database import translate_database_errors
    from bot.storage.tables import conversations

    number, begun = uuid4().hex, perf_counter()
    with _records(settings) as engine, translate_database_errors():
        with engine.begin() as connection:
            connection.execute(insert(conversations).values(id=number, created=datetime.now(UTC)))
        with engine.begin() as connection:
            kept = connection.execute(select(conversations.c.id).where(conversations.c.id == number)).all()
            connection.execute(delete(conversations).where(conversations.c.id == number))
    if not kept:
        raise StorageError("書いた記録を読み出せません。データベースのログを確かめてください。")
    return f"1件を書き、読み、消しました（{(perf_counter() - begun) * 1000:.0f} ミリ秒）"


def check_database(settings: Settings) -> str:
    """Return how many rows the database holds, every one of them read. Raises StorageError where it is damaged."""
    from sqlalchemy import MetaData, func, select

    from bot.storage.database import translate_database_errors

    with _records(settings) as engine, translate_database_errors(), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            for pragma in ("integrity_check", "foreign_key_check"):
                wrong = [found for found in connection.exec_driver_sql(f"PRAGMA {pragma}") if tuple(found) != ("ok",)]
                if wrong:
                    raise StorageError(
                        f"記録のデータベースが壊れています（{pragma}: {len(wrong)}件）。"
                        "サーバーを止めて、`python -m bot restore` でバックアップを戻してください。"
                    )
        known = MetaData()
        known.reflect(connection)
        count = {
            name: connection.scalar(select(func.count()).select_from(table)) for name, table in known.tables.items()
        }
    return f"{len(count)}個の表、{sum(filter(None, count.values())):,}行を読めます"


def check_disk_speed(settings: Settings) -> str:
    """Return how fast a file of the data folder reaches the disk. Raises StorageError where it does not."""
    folder = settings.data.absolute()
    begun = perf_counter()
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(_WRITTEN)
            file.flush()
            os.fsync(file.fileno())
            kept = Path(file.name).read_bytes() == _WRITTEN
    except OSError as error:
        raise StorageError(
            f"「{folder}」に書き込めません（{error.strerror}）。空き容量と権限を確かめてください。"
        ) from error
    if not kept:
        raise StorageError(f"「{folder}」に書いたものを、そのとおりに読めません。ディスクを調べてください。")
    took = (perf_counter() - begun) * 1000
    return f"書いて読めます（{took:.0f} ミリ秒、空き {shutil.disk_usage(folder).free / 1_000_000_000:.1f} GB）"


def check_clock(settings: Settings) -> str:
    """Return what the clock was held against. Raises BotError where it is off by more than a minute."""
    from ingest.index.generation import current_name, generation_time

    now = datetime.now(UTC)
    seen = {"索引を作った時刻": generation_time(current_name(settings) or "")}
    apart = {name: now - at for name, at in seen.items() if at and at - now > _APART}
    servers = {name: _fetch_server_time(address) for name, address in _configured_addresses(settings).items()}
    apart |= {name: now - at for name, at in servers.items() if at and abs(now - at) > _APART}
    if apart:
        name, difference = next(iter(apart.items()))
        raise BotError(
            f"この計算機の時計が、{name}と {abs(difference.total_seconds()):.0f}秒ずれています。"
            "NTP（chrony など）で合わせてください。"
        )
    against = [name for name, at in {**seen, **servers}.items() if at]
    return f"{now:%Y-%m-%d %H:%M:%S}（UTC）" + (f"。{'、'.join(against)}と合っています" if against else "")


def check_addresses(settings: Settings) -> str:
    """Return which servers of the settings were reached, and until when their certificates hold. Raises BotError."""
    told = [f"{name}: {_check_connection(name, address)}" for name, address in _configured_addresses(settings).items()]
    return "、".join(told) or "ほかのサーバーを使わない設定です"


CHECKS: Mapping[str, Callable[[Settings], str]] = MappingProxyType(
    {
        "索引のすべてのファイル": check_index_files,
        "質問から回答まで": check_question,
        "記録を書いて消す": check_record_row,
        "データベース全体": check_database,
        "ディスクへの書き込み": check_disk_speed,
        "時計": check_clock,
        "つなぎ先と証明書": check_addresses,
    }
)


@contextmanager
def _records(settings: Settings) -> "Iterator[Engine]":
    from bot.storage.database import database_url
    from bot.storage.store import Store

    with closing(Store(database_url(settings))) as store:
        yield store.engine


def _configured_addresses(settings: Settings) -> dict[str, SplitResult]:
    """Return the addresses that the settings name, by setting."""
    models = {f"SHIRUBE_LLM__{place}__BASE_URL": model.base_url for place, model in enumerate(settings.llm, 1)}
    addresses = {
        "SHIRUBE_CHROMA_URL": settings.chroma_url, **models, "SHIRUBE_OTLP_ENDPOINT": settings.otlp_endpoint
    }  # fmt: skip
    return {name: urlsplit(address) for name, address in addresses.items() if address}


def _check_connection(name: str, address: SplitResult) -> str:
    """Connect to an address and, where it is one of https, read its certificate."""
    shown = mask_credentials(address.geturl())
    host, port = address.hostname or "", address.port or _PORTS.get(address.scheme, 443)
    try:
        with socket.create_connection((host, port), _PATIENCE_S) as connection:
            if address.scheme != "https":
                return shown
            with ssl.create_default_context().wrap_socket(connection, server_hostname=host) as secured:
                ends = (secured.getpeercert() or {}).get("notAfter", "")
    except ssl.SSLCertVerificationError as error:
        raise BotError(
            f"{name}（{shown}）の証明書を信頼できません（{error.verify_message}）。"
            "証明書を更新するか、発行元をこの計算機に登録してください（SSL_CERT_FILE）。"
        ) from error
    except OSError as error:
        raise BotError(
            f"{name}（{shown}）につながりません（{error}）。サーバーが動いているか、通信が許されているかを確かめてください。"
        ) from error
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC)
    if until - datetime.now(UTC) < _RENEWAL:
        raise BotError(f"{name}（{shown}）の証明書が {until:%Y-%m-%d} に切れます。更新してください。")
    return f"{shown}（証明書は {until:%Y-%m-%d} まで）"


def _fetch_server_time(address: SplitResult) -> datetime | None:
    """Return the time that a web server tells, if it tells any."""
    from email.utils import parsedate_to_datetime
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    try:
        with closing(kind(address.hostname or "", address.port, timeout=_PATIENCE_S)) as connection:
            connection.request("HEAD", "/")
            told = connection.getresponse().headers.get("Date")
        return parsedate_to_datetime(told) if told else None
    except (OSError, HTTPException, ValueError):
        return None
