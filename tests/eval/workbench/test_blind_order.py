"""In which order two runs are seen blind."""

from eval.scoring.judgements import CaseKey, RunPair
from eval.workbench.judgement_order import blind_case_order, choose_run_a

KEYS = [CaseKey("own", f"case-{n}") for n in range(400)]
PAIR = RunPair.of("before", "after")


def test_each_run_is_shown_as_a_in_about_half_of_the_cases() -> None:
    share = sum(choose_run_a(PAIR, key, "安奈") == "before" for key in KEYS) / len(KEYS)
    assert 0.4 < share < 0.6


def test_the_order_is_the_same_again_for_one_scorer_and_another_for_the_next() -> None:
    mine = [choose_run_a(PAIR, key, "安奈") for key in KEYS]
    assert mine == [choose_run_a(RunPair.of("after", "before"), key, "安奈") for key in KEYS]
    assert mine != [choose_run_a(PAIR, key, "文太") for key in KEYS]
    assert blind_case_order(PAIR, KEYS, "安奈") == blind_case_order(PAIR, reversed(KEYS), "安奈")
    assert blind_case_order(PAIR, KEYS, "安奈") != blind_case_order(PAIR, KEYS, "文太")
    assert set(blind_case_order(PAIR, KEYS, "安奈")) == set(KEYS)
