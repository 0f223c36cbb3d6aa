"""A service for two towns with separate data; all data of the second town bears a mark."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from bot.auth import SignedInPerson, SignIn
from bot.auth.sessions import NAME
from bot.office import Department
from bot.pages.staff.staged import stage_document
from bot.server.tenants import MountPages, open_tenants
from bot.service import Service, open_service
from bot.state import Question
from bot.storage.database import database_url, engine_at
from bot.storage.tables import metadata
from eval.scoring.run_record import save_run
from eval.workbench.verdicts import ScoreVerdict, VerdictStore
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import Tenant, read_tenants
from ingest.metadata.document_states import withdraw
from tests.bot.answer_assertions import TODAY
from tests.bot.curation.desks import UNKNOWN, published
from tests.bot.server_thread import listening
from tests.conftest import without_records
from tests.eval.examples import make_row, make_run

MARK = "合図乙"
WITHDRAWN = "kankyo-plan"
PASSWORD = "じゅうもじいじょうのことば"
LISTED = """\
[[tenant]]
id = "kanazawa"
hosts = ["kanazawa.example", "www.kanazawa.example"]
service_name = "ひとつめの町"
issuers = "金沢市"
mcp = true
embed_origins = "https://a.example"

[[tenant]]
id = "hoshimi"
hosts = ["hoshimi.example"]
service_name = "合図乙の町"
issuers = "星見市"
contact = "合図乙の窓口"
mcp = true
"""


@dataclass(frozen=True, slots=True)
class Prefecture:
    """The towns by their ids, the server of both, and the data of the second one by the kinds of its ids."""

    settings: Settings
    towns: Mapping[str, Tenant]
    client: httpx2.Client
    kept: dict[str, str]

    def sign_in(self, town: str = "") -> SignIn:
        """Return who may sign in at a town; without one, at the whole."""
        return SignIn(self.towns[town].settings if town else self.settings)

    def cookie(self, town: str = "", role: Any = "admin") -> dict[str, str]:
        """Return the cookie of somebody who has signed in there."""
        sign_in = self.sign_in(town)
        secret = sign_in.sessions.begin(SignedInPerson("安奈", role))
        sign_in.close()
        return {"cookie": f"{NAME}={secret}"}

    def state(self, town: str) -> dict[str, Any]:
        """Return all that a town keeps: every row of its database, and every file beside it."""
        settings = self.towns[town].settings
        engine = engine_at(database_url(settings))
        with engine.connect() as connection:
            rows = {name: connection.execute(table.select()).all() for name, table in metadata.tables.items()}
        engine.dispose()
        files = {
            str(path.relative_to(settings.data)): path.read_bytes()
            for path in settings.data.rglob("*")
            if path.is_file() and "sqlite" not in path.name and "generations" not in path.parts
        }
        return {name: sorted(map(repr, found)) for name, found in rows.items()} | files


def listed(folder: Path, text: str = LISTED, **more: Any) -> Settings:
    file = folder / "tenants.toml"
    file.write_text(text, "utf-8")
    return Settings(_env_file=None, data=folder / "data", tenants=file, **more)


@contextmanager
def prefecture(
    folder: Path, indexed: Mapping[str, Path], mount_pages: MountPages | None = None, **more: Any
) -> Iterator[Prefecture]:
    settings = listed(folder, requests_per_minute_address=10**6, **more)
    towns = {tenant.id: tenant for tenant in read_tenants(settings)}
    for town, data in indexed.items():
        without_records(data, towns[town].settings.data)
    with open_service(settings, lambda: TODAY) as whole:
        with whole_of(whole, towns["hoshimi"]) as theirs:
            kept = _kept(theirs, towns["hoshimi"].settings)
        with (
            open_tenants(whole, settings, mount_pages) as app,
            listening(app) as url,
            httpx2.Client(base_url=url, trust_env=False, timeout=60) as client,
        ):
            yield Prefecture(settings, towns, client, kept)


@contextmanager
def whole_of(whole: Service, town: Tenant) -> Iterator[Service]:
    service = whole.for_tenant(town.settings)
    try:
        yield service
    finally:
        service.close()


def _kept(service: Service, settings: Settings) -> dict[str, str]:
    curated = published(service)
    unanswered = service.ask(Question(question=f"{MARK}の合言葉は何ですか"))
    service.feedback(unanswered.answer_id, "down", comment=MARK)
    group = next(one for one in service.desk.groups() if MARK in one.question)
    desk = service.departments.save(Department(f"{MARK}課", ("合図",), telephone="000-000-0000"), "乙子")
    sign_in = SignIn(settings)
    sign_in.accounts.add(f"{MARK}子", PASSWORD, "admin")
    session = sign_in.sessions.begin(SignedInPerson(f"{MARK}子", "admin"))
    key = sign_in.keys.add(f"{MARK}の鍵", frozenset({"ask", "search", "export", "admin"}), 600)
    sign_in.close()
    save_run(settings.data / "eval" / "run-of-theirs", make_run(make_row("first", passed=True, text=MARK)))
    VerdictStore(settings).add(ScoreVerdict("run-of-theirs", "set", "first", "a", MARK, 5, 5, 5, MARK))
    withdraw(settings, [WITHDRAWN], MARK, MARK)
    return {
        "conversation_id": unanswered.conversation_id,
        "answer_id": unanswered.answer_id,
        "group": group.id,
        "curated": curated.id,
        "department": desk.id,
        "session": session,
        "api_key": key,
        "doc_id": "kankyo-plan-2.0",
        "other_id": WITHDRAWN,
        "passage_id": service.search(UNKNOWN)[0].passage.id,
        "key": stage_document(settings, f"{MARK}.txt", f"{MARK}のお知らせ\n\n{MARK}は秘密です。\n".encode()).key,
        "name": "run-of-theirs",
    }
