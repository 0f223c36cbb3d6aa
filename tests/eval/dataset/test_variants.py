"""Variants of a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.dataset.variants import VARIETIES, make_variants
from ingest.japanese import dates, nfkc


def of(variety: str, question: str) -> list[str]:
    """Return the variants of one variety."""
    return [variant.text for variant in make_variants(question) if variant.variety == variety]


@pytest.mark.parametrize(
    ("variety", "question", "asked"),
    [
        ("paraphrase", "計画の期間を教えてください。", "計画の期間を知りたいです。"),
        ("paraphrase", "コピー用紙の目標は?", "コピー用紙の目標を教えてください。"),
        ("paraphrase", "本部長は誰ですか", "本部長はどなたですか"),
        ("paraphrase", "なぜ見直すのですか?", "どうして見直すのですか?"),
        ("paraphrase", "いまのプランは何年間?", "現在のプランは何年間?"),
        ("paraphrase", "いつまでですか?", "すみません、いつまでですか?"),
        ("misspelling", "推進リーダーは何人?", "推進リーダは何人?"),
        ("misspelling", "オンライン化率は?", "オンイン化率は?"),
        ("misspelling", "計画の期間は?", "計画のの期間は?"),
        ("kana", "チャットボットの件数は?", "ちゃっとぼっとの件数は?"),
        ("kana", "窓口の削減時間は?", "まどぐちの削減時間は?"),
        ("width", "DXプラン2.0", "ＤＸプラン２．０"),
        ("width", "グラフとデータ", "ｸﾞﾗﾌとﾃﾞｰﾀ"),
        ("era", "令和8年度の目標は?", "2026年度の目標は?"),
        ("era", "2026年度から始まる計画は?", "令和8年度から始まる計画は?"),
        ("era", "2019年2月に策定された計画は?", "平成31年2月に策定された計画は?"),
    ],
)
def test_each_rule_rewords_a_question(variety: str, question: str, asked: str) -> None:
    assert asked in of(variety, question)


@pytest.mark.parametrize(
    ("variety", "question"),
    [("era", "計画の期間は?"), ("misspelling", "期間は?"), ("paraphrase", "3年前の計画は?"), ("kana", "いつまで?")],
)
def test_a_rule_that_does_not_apply_yields_no_variant(variety: str, question: str) -> None:
    assert [text for text in of(variety, question) if "以前" in text or variety != "paraphrase"] == []


@given(st.text(max_size=40))
def test_variants_are_distinct_and_differ_from_the_question(question: str) -> None:
    texts = [variant.text for variant in make_variants(question)]
    assert len({*texts, question}) == len(texts) + 1


@given(st.sampled_from(["令和{}年度", "20{:02}年{}月", "平成{}年", "R{}年度"]), st.integers(1, 12))
def test_the_other_calendar_means_the_same_days(form: str, number: int) -> None:
    question = form.format(number, number) + "の目標は?"
    for text in of("era", question):
        assert [mention.key for mention in dates(nfkc(text))] == [mention.key for mention in dates(nfkc(question))]


def test_every_variety_applies_to_an_ordinary_question() -> None:
    made = {variant.variety for variant in make_variants("令和8年度のオンライン化率の目標を教えてください。")}
    assert made == set(VARIETIES)
