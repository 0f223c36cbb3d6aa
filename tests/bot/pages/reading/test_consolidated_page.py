from datetime import date

import pytest

from bot.pages.reading.document_routes import ShownProvisions
from ingest.provisions.consolidation import OperationResult
from tests.ingest.provisions.invented_ordinance import SETS, consolidate_set

# Characters and elements of a page that holds more than one provision.
MAX_CHARACTERS = 60_000
MAX_ELEMENTS = 1_300


@pytest.mark.parametrize("name", ["a thousand operations", "documents of one day", "equal rows"])
def test_each_page_of_a_hostile_set_is_small_and_together_they_have_all_of_it(name: str) -> None:
    consolidation = consolidate_set(SETS[name])
    shown = ShownProvisions(consolidation, date(2026, 4, 1))
    keys = list[int]()
    for page in shown.pages():
        of_page = [item for item in page if isinstance(item, int)]
        declined = [item for item in page if isinstance(item, OperationResult)]
        versions = [version for key in of_page for version in shown.history(key)]
        texts = [shown.texts.get(key, "") for key in of_page] + [result.sentence for result in declined]
        texts += [version.provision.content for version in versions if version.provision]
        assert sum(map(len, texts)) <= MAX_CHARACTERS
        spans = sum(len(version.old) + len(version.new) for version in versions)
        assert len(page) + len(versions) + spans <= MAX_ELEMENTS
        keys += of_page
    assert len(keys) == len(set(keys))
    assert set(keys) == {key for state in consolidation.states for key in state.keys}
