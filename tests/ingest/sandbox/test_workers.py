"""Workers that are given one item after another, and may take only so much for each."""

import time
from dataclasses import replace

import pytest

from ingest.sandbox.parallel import Limits, run_in_child
from ingest.sandbox.workers import map_in_workers
from tests.ingest.started import workers
from tests.ingest.work import take_pieces, work_on

AMPLE = Limits(cpu_s=20, wall_s=60, memory_bytes=1 << 30, result_bytes=1 << 20)


def made(items: list[str], limits: Limits = AMPLE, workers: int = 1) -> list[tuple[str, str] | None]:
    """Return what was made of each item and by which process, in the order of the items."""
    found: list[tuple[str, str] | None] = [None] * len(items)
    for place, result in map_in_workers(work_on, items, limits, workers):
        if result:
            item, process = result.decode().split()
            found[place] = item, process
    return found


def test_a_worker_does_one_item_after_another() -> None:
    """Starting a process an item would take longer than the work."""
    assert len({done[1] for done in made(["a", "b", "c"]) if done}) == 1


def test_several_workers_share_the_items() -> None:
    """Each item is done once, and nothing is left running."""
    found = made(list("abcdefgh"), workers=2)
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
def test_an_item_that_takes_too_much_costs_only_itself(item: str, limits: Limits) -> None:
    """The items before and behind it are done, and the limits hold for each item, not for all together."""
    began = time.monotonic()
    found = made(["a", item, "b", "c"], limits)
    assert [done and done[0] for done in found] == ["a", None, "b", "c"]
    assert time.monotonic() - began < 30


def test_an_item_of_many_pieces_has_its_time_for_each() -> None:
    """Who tells that it goes on is not given up, in a worker as in a process of its own; the limit is a piece's."""
    limits = replace(AMPLE, wall_s=4)
    assert [done and done[0] for done in made(["patient", "a"], limits)] == ["patient", "a"]
    assert run_in_child(take_pieces, limits=limits) == b"whole"


def test_a_worker_that_has_grown_is_replaced() -> None:
    """What an item leaves in memory is no burden to the next."""
    before, grown, after = made(["a", "grow", "b"])
    assert before
    assert grown
    assert after
    assert before[1] == grown[1] != after[1]


def test_nothing_to_do_starts_nothing() -> None:
    """No items, no results."""
    assert made([]) == []
