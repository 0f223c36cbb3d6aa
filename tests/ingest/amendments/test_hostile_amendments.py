from time import process_time

import pytest

from ingest.amendments import compilation
from ingest.amendments.compilation import run_sandboxed
from ingest.sandbox.limited_process import Limits
from tests.ingest.amendments.hostile_amendments import SETS, consolidate_set

# Processor seconds; ten times what the slowest set takes.
GENEROUS_S = 15.0


@pytest.mark.parametrize("name", SETS)
def test_a_hostile_set_is_consolidated_or_declined_by_name_with_little_work(name: str) -> None:
    start = process_time()
    consolidation = consolidate_set(SETS[name])
    assert process_time() - start < GENEROUS_S
    reasons = {result.reason for result in consolidation.results if result.is_missing}
    assert any(SETS[name].reason in reason for reason in reasons) if SETS[name].reason else not reasons


@pytest.mark.parametrize(
    ("limits", "keeps_base"),
    [
        pytest.param(Limits(1, 0.001, 2 << 30, 1 << 20), False, id="clock"),
        pytest.param(Limits(1, 30, 2 << 30, 1 << 20), True, id="processor"),
    ],
)
def test_what_exceeds_the_limit_on_time_is_declined_by_name(
    monkeypatch: pytest.MonkeyPatch, limits: Limits, *, keeps_base: bool
) -> None:
    monkeypatch.setattr(compilation, "_LIMITS", limits)
    consolidation = consolidate_set(SETS["onward renumbering"], run_sandboxed)
    (result,) = consolidation.results
    assert (result.doc_id, result.is_missing) == ("amendment-0", True)
    assert "途中でやめました" in result.reason
    assert bool(consolidation.roots[0].children) is keeps_base


def test_a_sandboxed_consolidation_is_the_same() -> None:
    hostile = SETS["spaces in a sentence"]
    there, here = (consolidate_set(hostile, run) for run in (run_sandboxed, compilation.run_here))
    assert [root.content for root in there.roots] == [root.content for root in here.roots]
    assert [result.reason for result in there.results] == [result.reason for result in here.results]
