"""Tests of the validation of dictionary entries and of concurrent changes."""

from dataclasses import replace

import pytest

from bot.errors import ChangedMeanwhileError, DictionaryError
from bot.question.dictionary import DictionaryEntry
from bot.service import Service
from tests.bot.curation.dictionary.leaflet import ask


@pytest.mark.parametrize(
    ("name", "official", "problem"),
    [
        ("", "第一体育館", "呼び名を書いて"),
        ("ジム", " ", "正式な名前を書いて"),
        ("あ", "第一体育館", "1文字"),
        ("どこ", "第一体育館", "どの質問にも出てくる"),
        ("いくら", "第一体育館", "どの質問にも出てくる"),
        ("について", "第一体育館", "どの質問にも出てくる"),
        ("令和7年", "第一体育館", "どの質問にも出てくる"),
        ("2026", "第一体育館", "どの質問にも出てくる"),
        ("ジ" * 41, "第一体育館", "40文字まで"),
        ("ジム", "館" * 81, "80文字まで"),
        ("ジム", "について", "文書の言葉と比べられません"),
        ("ｼﾞﾑ", "じむ", "載せなくても見つかります"),
    ],
)
def test_an_empty_entry_is_refused(service: Service, name: str, official: str, problem: str) -> None:
    with pytest.raises(DictionaryError, match=problem):
        service.dictionary.save(DictionaryEntry(name, official), "安奈")


@pytest.mark.parametrize("name", ["駅", "いわだん", "つくも", "コミバス", "AED室"])
def test_an_unknown_name_is_accepted(service: Service, name: str) -> None:
    assert service.dictionary.save(DictionaryEntry(name, "第一体育館"), "安奈").name == name


@pytest.mark.parametrize(
    ("name", "official"),
    [("第一体育館", "ジム"), ("サブアリーナ", "ジム"), ("第一体育館", "町民体育館"), ("じむ", "第一体育館")],
)
def test_names_do_not_chain(service: Service, name: str, official: str) -> None:
    service.dictionary.save(DictionaryEntry("ジム", "第一体育館"), "安奈")
    with pytest.raises(DictionaryError) as refused:
        service.dictionary.save(DictionaryEntry(name, official), "安奈")
    assert "ジム" in str(refused.value)
    assert "第一体育館" in str(refused.value)
    assert len(service.dictionary.entries()) == 1


def test_the_second_of_two_concurrent_changes_is_refused(service: Service) -> None:
    stored = service.dictionary.save(DictionaryEntry("ジム", "第一体育館"), "安奈")
    service.dictionary.save(replace(stored, official="第二体育館"), "安奈")
    with pytest.raises(ChangedMeanwhileError):
        service.dictionary.save(replace(stored, note="旧館"), "次郎")
    with pytest.raises(ChangedMeanwhileError):
        service.dictionary.remove(stored, "次郎")
    assert [(entry.official, entry.by) for entry in service.dictionary.entries()] == [("第二体育館", "安奈")]


def test_effects_show_past_questions_that_change(service: Service) -> None:
    for question in ("まいまい号の運賃は?", "おもちゃの修理は無料?"):
        ask(service, question)
    effects = service.dictionary.effects(DictionaryEntry("まいまい号", "地域循環バス"))
    assert effects.concerned == 1
    assert effects.asked == 1
    (changed,) = effects.changed
    assert changed.question == "まいまい号の運賃は?"
    assert changed.old != changed.new
    assert "地域循環バス" in changed.new.passages[0][1]
    assert service.dictionary.effects(DictionaryEntry("まいまい号", "地域循環バス")).recorded == effects.recorded
    assert service.dictionary.entries() == []


def test_effects_of_a_removal(service: Service) -> None:
    stored = service.dictionary.save(DictionaryEntry("めぐり号", "地域循環バス"), "安奈")
    ask(service, "めぐり号の運賃は?")
    (changed,) = service.dictionary.effects_of_removal(stored).changed
    assert "地域循環バス" in changed.old.passages[0][1]
    assert service.dictionary.entries() == [stored]


def test_unknown_names_of_unanswered_questions_are_proposed(service: Service) -> None:
    for _ in range(2):
        ask(service, "総福の浴室は何時まで?")
    assert {proposal.name: proposal.count for proposal in service.dictionary.proposals()}["総福"] == 2
    service.dictionary.save(DictionaryEntry("総福", "総合福祉センター"), "安奈")
    assert "総福" not in {proposal.name for proposal in service.dictionary.proposals()}
