"""The noun phrases of what is said, and what each does there."""

import pytest

from bot.talk.phrases import Role, phrases


@pytest.mark.parametrize(
    ("text", "first", "role"),
    [
        ("渡船の料金は?", "渡船", Role.NAME),
        ("料金は?", "料金", Role.PROPERTY),
        ("点検するのは?", "点検", Role.DEED),
        ("点検の間隔は?", "点検", Role.NAME),
        ("何人が使いますか", "何人", Role.ASKED),
        ("令和8年度は?", "令和8年度", Role.TIME),
        ("3つあるのは?", "3つ", Role.COUNT),
    ],
)
def test_what_a_phrase_does(text: str, first: str, role: Role) -> None:
    """It names, is a property of something, a deed, a time or a count, or is what is asked for."""
    phrase = phrases(text)[0]
    assert (phrase.text, phrase.role) == (first, role)


def test_nothing_said_has_no_phrase() -> None:
    """The empty case."""
    assert phrases("") == ()
