"""Two plans of an invented harbour town, one after the other, and a later notice; a plugin of the modules that ask."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.bot.asking import Ask
from tests.bot.town import asking_over

_DOCUMENTS = Path(__file__).parent / "understand" / "harbour"
_TODAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def ask_harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Yield a way to ask over the town's documents on a day on which its second plan is in force."""
    with asking_over(_DOCUMENTS, tmp_path_factory.mktemp("harbour"), _TODAY) as ask:
        yield ask
