"""The plans and minutes of an invented library, full of tables; a plugin of the modules that reckon over them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.bot.asking import Ask
from tests.bot.town import asking_over

_DOCUMENTS = Path(__file__).parent / "compose" / "library"
_TODAY = date(2024, 12, 1)


@pytest.fixture(scope="session")
def ask_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over the library's documents on a day on which its second plan is in force."""
    with asking_over(_DOCUMENTS, tmp_path_factory.mktemp("library"), _TODAY) as ask:
        yield ask
