"""Tests of the masking of names, home addresses, birth dates and health conditions."""

from pathlib import Path

import pytest

from bot.privacy.personal import mask_personal_data, searchable
from eval.benchmarks.guard import GuardText, load_texts

# 25 sentences for each kind that must be masked, and 25 like them that must stay.
SENTENCES = load_texts(Path(__file__).parents[3] / "eval" / "benchmarks" / "personal.jsonl")
KINDS = ("name", "address", "birth", "health")


def guard_texts(label: str, about: str) -> list[GuardText]:
    return [one for one in SENTENCES if (one.label, one.about) == (label, about)]


@pytest.mark.parametrize("about", KINDS)
def test_disclosures_of_the_writer_are_masked(about: str) -> None:
    missed = [one.text for one in guard_texts("ng", about) if not one.is_masked_by(mask_personal_data)]
    assert len(guard_texts("ng", about)) == 25
    assert len(missed) <= 2, missed


@pytest.mark.parametrize("about", KINDS)
def test_general_statements_are_not_masked(about: str) -> None:
    texts = [one.text for one in guard_texts("ok", about)]
    changed = [text for text in texts if mask_personal_data(text) != text]
    assert len(texts) == 25
    assert not changed


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("柴山と申します。ごみの日は?", "〔氏名〕と申します。ごみの日は?"),
        ("母が花見町3-4-5 メゾン桜201に住んでいます", "母が〔住所〕に住んでいます"),
        ("昭和40年2月3日生まれの妻がいます", "〔生年月日〕生まれの妻がいます"),
        ("もやもや病の手術を受けました", "〔健康の状態〕の手術を受けました"),
        ("そううつ病になりました", "〔健康の状態〕になりました"),
        ("膵炎で通院しています。教室はある?", "〔健康の状態〕で通院しています。教室はある?"),
    ],
)
def test_only_identifying_words_are_replaced(text: str, masked: str) -> None:
    assert mask_personal_data(text) == masked


@pytest.mark.parametrize("one", SENTENCES, ids=lambda one: one.id)
def test_masking_for_search_and_record_agree(one: GuardText) -> None:
    assert mask_personal_data(searchable(one.text)) == mask_personal_data(one.text)
    assert mask_personal_data(mask_personal_data(one.text)) == mask_personal_data(one.text)


def test_documents_are_searched_for_streets_and_illnesses() -> None:
    text = "柴山と申します。昭和40年2月3日生まれです。花見町3-4-5に住んでいます。膵炎で通院しています。"
    found = searchable(text)
    assert "花見町" in found
    assert "膵炎" in found
    assert "柴山" not in found
    assert "昭和40年" not in found
