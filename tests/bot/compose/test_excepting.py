"""Lists without what the question leaves out."""

import pytest

from bot.compose.excepting import without
from bot.compose.statement import Statement, assemble
from bot.turn import Draft, Source
from ingest.documents import Passage

MEMBERS = ("市長", "両副市長", "全局長")


def _draft(*, own_sources: bool) -> Draft:
    passages = [Passage(f"p{n}", "d", "text", (), member, (n,)) for n, member in enumerate(MEMBERS)]
    sources = tuple(Source(p, p.text) for p in (passages if own_sources else passages[:1]))
    return assemble([Statement("構成員は次の3つです。", sources, MEMBERS)])


@pytest.mark.parametrize("own_sources", [True, False])
def test_the_member_left_out_is_not_told(own_sources: bool) -> None:  # noqa: FBT001
    """The rest is counted anew; 市長 is no part of 副市長."""
    draft = without(_draft(own_sources=own_sources), ("市長",))
    lines = draft.text.splitlines()
    assert lines[0].startswith("構成員はほかに次の2つです")
    assert [line.partition("[")[0] for line in lines[1:]] == ["・両副市長", "・全局長"]


def test_sources_go_with_their_members() -> None:
    """The marks that are left count from 1 and name the right passages."""
    draft = without(_draft(own_sources=True), ("両副市長",))
    assert [source.quote for source in draft.sources] == ["市長", "全局長"]
    assert "・市長[1]" in draft.text
    assert "・全局長[2]" in draft.text


def test_nothing_changes_where_no_member_is_left_out() -> None:
    """Neither by a word that names no member, nor by none, nor where nobody would be left."""
    draft = _draft(own_sources=False)
    assert without(draft, ("教育長",)) == draft
    assert without(draft, ()) == draft
    assert without(draft, MEMBERS) == draft
