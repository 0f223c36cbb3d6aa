"""Questions about what a plan says of itself, and how that differs from the plan before."""

import pytest

from bot.question.plan_request import read_plan_request

REQUESTS = [
    ("緑化計画の柱を教えて", "", ("pillars",), ("緑化",)),
    ("緑化計画の基本理念は?", "", ("principles",), ("緑化",)),
    ("前の計画から増設された重点施策はどれ?", "added", ("pillars",), ()),
    ("新しいプランで打ち切られた取組は?", "removed", (), ()),
    ("前回の計画からそのまま残っている原則", "kept", ("pillars",), ()),
    ("前の戦略より目標値が上がったのは?", "raised", ("targets",), ()),
    ("苗木の配布は前の計画とどう違う?", "changed", (), ("苗木", "配布")),
]
OTHERS = ["ごみの日はいつ?", "基本目標2は?", "視点1では何をしますか", "申請の方法を教えて", "窓口はどこ?"]


@pytest.mark.parametrize(("topic", "operation", "aspects", "terms"), REQUESTS)
def test_a_request_has_operation_aspects_and_terms(
    topic: str, operation: str, aspects: tuple[str, ...], terms: tuple[str, ...]
) -> None:
    """The terms are the plan's name or a subject in it."""
    request = read_plan_request(topic)
    assert request is not None
    assert (request.operation, request.aspects, request.terms) == (operation, aspects, terms)


@pytest.mark.parametrize("topic", OTHERS)
def test_another_question_is_no_such_request(topic: str) -> None:
    """Neither one about a single item of a list."""
    assert read_plan_request(topic) is None


def test_the_plan_before_is_asked_for() -> None:
    """Without a comparison."""
    request = read_plan_request("前の計画の基本方針は?")
    assert request
    assert request.is_previous
    assert not request.operation
