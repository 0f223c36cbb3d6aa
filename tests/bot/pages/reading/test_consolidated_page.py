from datetime import date

import pytest

from bot.languages.catalogue import catalogue
from bot.pages.reading.consolidated_page import ConsolidatedPages
from ingest.documents import Document
from tests.ingest.amendments.hostile_amendments import SETS, consolidate_set

# Characters and elements of a page that holds more than one provision.
MAX_CHARACTERS = 60_000
MAX_ELEMENTS = 1_300


@pytest.mark.parametrize("name", ["a thousand operations", "three thousand operations", "twenty whole revisions"])
def test_each_page_of_a_hostile_set_is_small_and_together_they_have_all_of_it(name: str) -> None:
    consolidation = consolidate_set(SETS[name])
    documents = {id_: Document(id_, id_, "x.md") for id_ in ("base", *consolidation.amending)}
    pages = ConsolidatedPages(consolidation, date(2026, 4, 1), documents, catalogue(), "ja")
    keys = list[int]()
    for number in range(1, pages.count + 1):
        provisions, declined = pages.provisions(number), pages.declined(number)
        versions = [version for provision in provisions for version in provision.versions]
        texts = [provision.text for provision in provisions] + [amendment.sentence for amendment in declined]
        texts += [version.text for version in versions]
        assert sum(map(len, texts)) <= MAX_CHARACTERS
        spans = sum(len(version.old) + len(version.new) for version in versions)
        assert len(provisions) + len(declined) + len(versions) + spans <= MAX_ELEMENTS
        keys += [provision.key for provision in provisions]
    assert len(keys) == len(set(keys))
    assert set(keys) == {key for state in consolidation.states for key in state.keys}
