"""Which questions ask two things, and what each of the two is by itself."""

import pytest

from bot.understand.two_asks import two_asks

ASKED = [
    pytest.param("会議室はいくらで、何時まで使えますか", ("会議室はいくら?", "会議室は何時まで使えますか"), id="de"),
    pytest.param(
        "宿泊棟、予約はいつから?何人まで泊まれる?", ("宿泊棟、予約はいつから?", "宿泊棟、何人まで泊まれる?"), id="own"
    ),
    pytest.param(
        "検診は誰が受けられますか。また、どこでやりますか",
        ("検診は誰が受けられますか?", "検診はどこでやりますか"),
        id="mata",
    ),
    pytest.param("説明会の日時と会場を教えて", ("説明会の日時は?", "説明会の会場は?"), id="nouns"),
    pytest.param("受付は何日前まで、1回いくらですか", ("受付は何日前まで?", "受付は1回いくらですか"), id="made"),
]
ONE = [
    "いつからいつまでですか",
    "何か届け出は必要で、いつまでですか",
    "図書館は何時から何時まで?",
    "体育館はどこですか",
    "",
]


@pytest.mark.parametrize(("text", "asks"), ASKED)
def test_two_questions_are_told_apart(text: str, asks: tuple[str, str]) -> None:
    """Each is whole, with what both are about and without what is the other's alone."""
    assert two_asks(text) == asks


@pytest.mark.parametrize("text", ONE)
def test_one_question_stays_one(text: str) -> None:
    """What asks for the ends of one thing, or names something, is no second question."""
    assert two_asks(text) is None
