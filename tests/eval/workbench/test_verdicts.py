"""Verdicts in the database, and which of them count."""

from datetime import UTC
from pathlib import Path

import pytest

from eval.errors import VerdictError
from eval.scoring.judgements import CaseKey, Marks, RunPair
from eval.workbench.verdict_store import VerdictStore, current_verdicts
from ingest.configuration.settings import Settings

KEY = CaseKey("own", "target")
PAIR = RunPair.of("b", "a")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path)


@pytest.fixture
def verdicts(settings: Settings) -> VerdictStore:
    return VerdictStore(settings)


def test_marks_are_stored_with_run_case_scorer_and_time(verdicts: VerdictStore) -> None:
    verdicts.score("a", KEY, "answer-1", "安奈", Marks(4, 5, 3, "年度がない"))
    (one,) = verdicts.scored("a")
    assert one.run == "a"
    assert one.key == KEY
    assert one.answer_id == "answer-1"
    assert one.scorer == "安奈"
    assert one.marks == Marks(4, 5, 3, "年度がない")
    assert one.created is not None
    assert verdicts.scored("b") == []


def test_changed_marks_keep_the_earlier_ones(verdicts: VerdictStore) -> None:
    for mark in (2, 5):
        verdicts.score("a", KEY, "", "安奈", Marks(mark, mark, mark))
    assert [one.marks.clarity for one in verdicts.scored()] == [2, 5]
    assert [one.marks.clarity for one in current_verdicts(verdicts.scored())] == [5]


def test_each_scorer_has_a_separate_verdict(verdicts: VerdictStore) -> None:
    for who in ("安奈", "文太"):
        verdicts.score("a", KEY, "", who, Marks(3, 3, 3))
    assert {one.scorer for one in current_verdicts(verdicts.scored())} == {"安奈", "文太"}


@pytest.mark.parametrize("marks", [Marks(0, 3, 3), Marks(3, 6, 3), Marks(3, 3, -1), Marks(3, 3, 3, "あ" * 2001)])
def test_marks_off_the_scale_are_refused(verdicts: VerdictStore, marks: Marks) -> None:
    with pytest.raises(VerdictError, match="ください"):
        verdicts.score("a", KEY, "", "安奈", marks)
    assert verdicts.scored() == []


@pytest.mark.parametrize(("choice", "better"), [("a", "b"), ("b", "a"), ("same", "")])
def test_a_choice_is_resolved_to_a_run(verdicts: VerdictStore, choice: str, better: str) -> None:
    verdicts.prefer(PAIR, KEY, "安奈", shown_as_a="b", choice=choice)  # type: ignore[arg-type]
    (one,) = verdicts.preferred(RunPair.of("a", "b"))
    assert one.better == better
    assert one.shown_as_a == "b"


def test_an_undone_choice_is_kept_but_does_not_count(verdicts: VerdictStore) -> None:
    verdicts.prefer(PAIR, KEY, "安奈", shown_as_a="a", choice="a")
    verdicts.prefer(PAIR, KEY, "安奈", shown_as_a="a", choice="undone")
    assert current_verdicts(verdicts.preferred(PAIR)) == []
    assert len(verdicts.preferred(PAIR)) == 2


def test_verdicts_survive_a_restart(settings: Settings) -> None:
    first = VerdictStore(settings)
    first.score("a", KEY, "", "安奈", Marks(1, 1, 1))
    first.close()
    assert len(VerdictStore(settings).scored()) == 1


def test_a_choice_for_another_run_is_refused(verdicts: VerdictStore) -> None:
    with pytest.raises(VerdictError):
        verdicts.prefer(PAIR, KEY, "安奈", shown_as_a="c", choice="a")


def test_the_time_of_a_verdict_has_a_time_zone(verdicts: VerdictStore) -> None:
    verdicts.score("a", KEY, "", "安奈", Marks(3, 3, 3))
    verdicts.prefer(PAIR, KEY, "安奈", shown_as_a="a", choice="a")
    assert [one.created.tzinfo for one in verdicts.scored()] == [UTC]
    assert [one.created.tzinfo for one in verdicts.preferred()] == [UTC]
