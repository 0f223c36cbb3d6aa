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
    url: str
    behind: Passed


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    behind = Passed()
    contact = "デジタル政策課 076-220-2111"
    with served(behind, pages=[CITIZEN], contact=contact, requests_per_minute_address=100_000) as url:
        yield House(url, behind)


@pytest.fixture
def service() -> Iterator[Prepared]:
    service = Prepared()
    yield service
    service.go.set()
    service.go_on.set()


@pytest.fixture
def url(house: House, service: Prepared) -> str:
    house.behind.to = service
    return house.url


@pytest.fixture
def opened(page: Page, url: str) -> Page:
    return visit(page, url)


@pytest.fixture(scope="module")
def pocket(browser: Browser) -> BrowserContext:
    return profile(browser, viewport=PHONE, reduced_motion="reduce")


@pytest.fixture
def phone(pocket: BrowserContext, url: str) -> Iterator[Page]:
    with page_of(pocket) as page:
        yield visit(page, url)
