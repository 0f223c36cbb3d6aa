"""The citizen's page, opened over a service that a test prepares."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from bot.ui.citizen.page import CITIZEN
from tests.bot.served import Prepared, served
from tests.bot.ui.citizen.visiting import visit


@pytest.fixture
def service() -> Prepared:
    return Prepared()


@pytest.fixture
def opened(page: Page, service: Prepared) -> Iterator[Page]:
    """Yield the page over the prepared service, ready to be used."""
    with served(service, pages=[CITIZEN], contact="デジタル政策課 076-220-2111") as url:
        yield visit(page, url)
        service.go.set()
