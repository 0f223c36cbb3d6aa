"""The citizens' chat over a service with prepared answers."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from bot.channels.pages.citizen.citizen_page import CITIZEN
from tests.bot.channels.pages.citizen.visiting import PHONE, visit
from tests.bot.server_thread import Passed, Prepared, served
from tests.conftest import page_of, profile


class House(NamedTuple):
    """A server at `url` whose page asks the service that a test puts behind it."""

    url: str
    behind: Passed


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """Yield a server that a module's tests share: what makes one takes Gradio a quarter of a second."""
    behind = Passed()
    contact = "デジタル政策課 076-220-2111"
    with served(behind, pages=[CITIZEN], contact=contact, requests_per_minute_address=100_000) as url:
        yield House(url, behind)


@pytest.fixture
def service() -> Iterator[Prepared]:
    """Yield a service with prepared answers; requests that still wait at the end are released."""
    service = Prepared()
    yield service
    service.go.set()
    service.go_on.set()


@pytest.fixture
def url(house: House, service: Prepared) -> str:
    """Return the address of the page over `service`."""
    house.behind.to = service
    return house.url


@pytest.fixture
def opened(page: Page, url: str) -> Page:
    """Return the page over `service`, ready to be used."""
    return visit(page, url)


@pytest.fixture(scope="module")
def pocket(browser: Browser) -> BrowserContext:
    """Return the profile of a reader with a phone and calm motion."""
    return profile(browser, viewport=PHONE, reduced_motion="reduce")


@pytest.fixture
def phone(pocket: BrowserContext, url: str) -> Iterator[Page]:
    """Yield the page over `service` on a phone, ready to be used."""
    with page_of(pocket) as page:
        yield visit(page, url)
