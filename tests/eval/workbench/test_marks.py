from datetime import UTC, datetime
from pathlib import Path

import pytest

from eval.errors import EvalError
from eval.workbench.marks import (
    MARKS,
    Mark,
    MarkStore,
    Subject,
    Verdicts,
    draw_sample,
    measure_agreement,
)
from ingest.configuration.settings import Settings

SAMPLE = Subject("sample", "week")
NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> MarkStore:
    return MarkStore(Settings(_env_file=None, data=tmp_path))


def add(store: MarkStore, person: str, marks: str) -> None:
    for item, mark in enumerate(marks.split()):
        store.add(Mark(SAMPLE, str(item), person, mark), MARKS)


def test_the_newest_mark_of_each_person_counts(store: MarkStore) -> None:
    for person, mark in (("安奈", "wrong"), ("文太", "right"), ("安奈", "right")):
        add(store, person, mark)
    assert len(store.given(SAMPLE)) == 3
    assert Verdicts(store.given(SAMPLE)).agreed == {"0": "right"}
    assert store.given(Subject("run", "week")) == []


def test_what_people_differ_on_is_not_agreed(store: MarkStore) -> None:
    add(store, "安奈", "right partly")
    add(store, "文太", "right wrong")
    verdicts = Verdicts(store.given(SAMPLE))
    assert (verdicts.agreed, verdicts.split) == ({"0": "right"}, {"1": {"安奈": "partly", "文太": "wrong"}})


def test_a_line_that_was_cut_off_loses_no_other_mark(store: MarkStore, tmp_path: Path) -> None:
    add(store, "安奈", "right")
    with next(tmp_path.rglob("marks.jsonl")).open("a", encoding="utf-8") as file:
        file.write('\n{"subject": ["sample", "we')
    add(store, "文太", "wrong")
    assert [mark.person for mark in store.given(SAMPLE)] == ["安奈", "文太"]


def test_personal_data_in_a_note_is_masked(store: MarkStore) -> None:
    store.add(Mark(SAMPLE, "0", "安奈", "right", "本人の番号 090-1234-5678 が出ている"), MARKS)
    assert "1234" not in store.given(SAMPLE)[0].note


@pytest.mark.parametrize(
    ("first", "second", "rate", "kappa"),
    [
        ("right right wrong wrong", "right right wrong wrong", 1.0, 1.0),
        ("right right wrong wrong", "right wrong wrong right", 0.5, 0.0),
        ("right right", "right right", 1.0, None),
        ("right " * 6 + "wrong " * 4, "right " * 5 + "wrong right right wrong wrong", 0.7, (0.7 - 0.54) / 0.46),
    ],
)
def test_agreement_is_measured_beyond_chance(first: str, second: str, rate: float, kappa: float | None) -> None:
    sides = [dict(enumerate(marks.split())) for marks in (first, second)]
    agreement = measure_agreement(*({str(item): mark for item, mark in side.items()} for side in sides))
    assert agreement
    assert agreement.rate == pytest.approx(rate)
    assert agreement.kappa == (kappa if kappa is None else pytest.approx(kappa))


def test_a_sample_is_drawn_from_what_was_recorded() -> None:
    sample = draw_sample([f"a{n}" for n in range(50)], 9, NOW, 7)
    assert (len(set(sample.answers)), sample.population) == (9, 50)
    assert (sample.first_day, sample.last_day) == ("2026-11-21", "2026-11-28")
    with pytest.raises(EvalError, match="質問はありません"):
        draw_sample([], 9, NOW, 7)
