"""Matching of expected words in answers, as in the contract."""

import pytest

from eval.dataset.matching import contains_words, is_same_section


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("参加者は1655人です。", "1,655人"),
        ("参加者は1,655人です。", "1655人"),
        ("参加者は１，６５５人です。", "1,655人"),
        ("達成状況は 95 % です。", "95%"),
        ("期間は令和8(2026)年度からです。", "2026年度"),
        ("期間は2026年度からです。", "令和8年度"),
        ("期間は2026(令和8)年度からです。", "令和8年度"),
        ("令和8年(2026年)1月に策定しました。", "2026年1月"),
        ("R5.1月は50%削減です。", "令和5年1月"),
        ("平成31年2月に策定しました。", "2019年2月"),
        ("令和4年度末までの予定です。", "2022年度末"),
        ("期間は2026〜2029年度です。", "2026~2029年度"),
        ("ﾃﾚﾜｰｸは8,405回です。", "テレワーク"),
        ("40人 92人", "92人"),
        ("プラン2.0\n\n令和8年1月策定", "2026年1月"),
    ],
)
def test_a_fact_matches_in_any_notation(answer: str, words: str) -> None:
    assert contains_words(answer, words)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("140人です。", "40人"),
        ("1,655人です。", "655人"),
        ("12,300件増です。", "2,300件"),
        ("0.5%です。", "5%"),
        ("2026年度です。", "26"),
        ("2025年度です。", "令和8年度"),
        ("2026年10月です。", "2026年1月"),
        ("利用回数は8,405回 65課です。", "840565課"),
        ("", "95%"),
        ("参加者は140人です。", "４０人"),
        ("全部で408件です。", "全部で４０"),
    ],
)
def test_part_of_a_figure_or_another_date_does_not_match(answer: str, words: str) -> None:
    assert not contains_words(answer, words)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("◎ 未来共創計画(2024年2月策定)", "未来共創計画（2024年2月策定）", True),
        ("1.3.　プランの期間", "1.3. プランの期間", True),
        ("1.3. プランの期間", "1.4. プランの期間", False),
        ("産業", "産業 「生産性の向上と価値の創造」", False),
    ],
)
def test_a_section_matches_its_heading_without_bullet(one: str, other: str, *, same: bool) -> None:
    assert is_same_section(one, other) is same
