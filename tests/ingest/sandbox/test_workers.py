"""Tests of worker processes with limits per item."""

from dataclasses import replace

import pytest

from ingest.sandbox.limited_process import Limits, map_in_workers, run_in_child
from tests.ingest.worker_functions import take_pieces, work_on
from tests.ingest.worker_processes import workers

AMPLE = Limits(cpu_s=20, wall_s=60, memory_bytes=1 << 30, result_bytes=1 << 20)


def worker_results(items: list[str], limits: Limits = AMPLE, workers: int = 1) -> list[tuple[str, str] | None]:
    found: list[tuple[str, str] | None] = [None] * len(items)
    for place, result in map_in_workers(work_on, items, limits, workers):
        if result:
            item, process = result.decode().split()
            found[place] = item, process
    return found


def test_several_workers_share_the_items() -> None:
    found = worker_results(list("abcdefgh"), workers=2)
    assert [done[0] for done in found if done] == list("abcdefgh")
    assert workers() == []


@pytest.mark.parametrize(
    ("item", "limits"),
    [
        ("die", AMPLE),
        ("spin", replace(AMPLE, cpu_s=1)),
        ("sleep", replace(AMPLE, wall_s=3)),
        ("hoard", AMPLE),
    ],
)
def test_an_item_over_its_limits_does_not_affect_others(item: str, limits: Limits) -> None:
    found = worker_results(["a", item, "b", "c"], limits)
    assert [done and done[0] for done in found] == ["a", None, "b", "c"]


def test_the_time_limit_applies_to_each_piece_of_an_item() -> None:
    limits = replace(AMPLE, wall_s=4)
    assert [done and done[0] for done in worker_results(["patient", "a"], limits)] == ["patient", "a"]
    assert run_in_child(take_pieces, limits=limits) == b"whole"


def test_a_worker_with_much_memory_is_replaced() -> None:
    before, grown, after = worker_results(["a", "grow", "b"])
    assert before
    assert grown
    assert after
    assert before[1] == grown[1] != after[1]
