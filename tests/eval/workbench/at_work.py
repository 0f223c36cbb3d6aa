"""The workbench as people have it open: a server over a data folder, and browsers of those who have signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext, Page, expect

from bot.auth import Person, SignIn
from bot.auth.cookie import NAME
from bot.auth.person import Role
from bot.runtime.service_interface import AnswerService
from bot.service import open_service
from eval.scoring.run_record import Row, save_run
from ingest.configuration.settings import Settings
from tests.bot.served import served
from tests.bot.stand_in import StandIn
from tests.conftest import ROOT
from tests.eval.examples import make_row, make_run


@dataclass(frozen=True, slots=True)
class Workbench:
    """A workbench at `url`, its records in `data`."""

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
        """Return the page of someone who has signed in, at a tab of the workbench."""
        sign_in = SignIn(Settings(_env_file=None, data=self.data))
        secret = sign_in.sessions.begin(Person(who, role))
        sign_in.close()
        seat.add_cookies([{"name": NAME, "value": secret, "url": self.url}])
        page = seat.new_page()
        page.emulate_media(color_scheme=scheme)
        if phone:
            page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{self.url}/workbench/?{at}", wait_until="domcontentloaded")
        ready(page)
        return page


def ready(page: Page) -> None:
    """Wait until the page has opened the tab of its address."""
    expect(page.locator("#address [data-opened]")).to_have_count(1)
    expect(page.get_by_role("button", name="サインアウト")).to_be_visible()


@contextmanager
def workbench(data: Path, service: AnswerService | None = None) -> Iterator[Workbench]:
    """Yield the workbench over a service; without one, over one that answers always the same."""
    with served(service or StandIn(), data=data, corpus=ROOT / "corpus") as url:
        yield Workbench(url, data)


@contextmanager
def workbench_over_index(data: Path) -> Iterator[Workbench]:
    """Yield the workbench over the index in `data`."""
    settings = Settings(_env_file=None, data=data, corpus=ROOT / "corpus")
    with open_service(settings) as service, workbench(data, service) as at_work:
        yield at_work


def saved(data: Path, name: str, *rows: Row) -> str:
    """Save a run by name in a data folder."""
    save_run(data / "eval" / name, make_run(*rows))
    return name


def three_rows(*, passed: bool = True, said: str = "目標値は1,500人です[1]。") -> list[Row]:
    """Return the rows of a run of three cases, all with one answer."""
    return [make_row(case_id, passed=passed, text=said) for case_id in ("first", "second", "third")]
