"""Serves the workbench over a data folder and opens it in a signed-in browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext, Page, expect

from bot.running.auth.person import Role, SignedInPerson
from bot.running.auth.sessions import NAME
from bot.running.auth.sign_in import SignIn
from bot.running.service.service import Service, open_service
from eval.scoring.run_record import RunRow, save_run
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.server_thread import served
from tests.conftest import ROOT
from tests.eval.examples import make_row, make_run


@dataclass(frozen=True, slots=True)
class Workbench:
    url: str
    data: Path

    def open(
        self,
        seat: BrowserContext,
        at: str = "tab=runs",
        who: str = "安奈",
        role: Role = "tester",
        *,
        phone: bool = False,
        scheme: Literal["light", "dark"] = "light",
    ) -> Page:
        sign_in = SignIn(Settings(_env_file=None, data=self.data))
        secret = sign_in.sessions.begin(SignedInPerson(who, role))
        sign_in.close()
        seat.add_cookies([{"name": NAME, "value": secret, "url": self.url}])
        page = seat.new_page()
        page.emulate_media(color_scheme=scheme)
        if phone:
            page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{self.url}/workbench/?{at}", wait_until="domcontentloaded")
        wait_until_open(page)
        return page


def wait_until_open(page: Page) -> None:
    expect(page.locator("#address [data-opened]")).to_have_count(1)
    expect(page.get_by_role("button", name="サインアウト")).to_be_visible()


@contextmanager
def serve_workbench(data: Path, service: Service | None = None) -> Iterator[Workbench]:
    with served(service or StandIn(), data=data, corpus=ROOT / "corpus") as url:
        yield Workbench(url, data)


@contextmanager
def serve_workbench_over_index(data: Path) -> Iterator[Workbench]:
    settings = Settings(_env_file=None, data=data, corpus=ROOT / "corpus")
    with open_service(settings) as service, serve_workbench(data, service) as workbench:
        yield workbench


def save_rows(data: Path, name: str, *rows: RunRow) -> str:
    save_run(data / "eval" / name, make_run(*rows))
    return name


def three_rows(*, passed: bool = True, text: str = "目標値は1,500人です[1]。") -> list[RunRow]:
    return [make_row(case_id, passed=passed, text=text) for case_id in ("first", "second", "third")]
