"""The speakers whom a question mentions."""

import pytest

from bot.minutes import find_mentions
from bot.minutes.mentions import MentionKind, without_title
from ingest.japanese import nfkc
from ingest.minutes import Person, read_person

LABELS = (
    "3番（若林　葵）",
    "7番（森本　修一）",
    "総務課長（若林　実）",
    "教育長",
    "A委員",
    "山田委員（保護者）",
    "山田委員（農協）",
)
NAME, SEAT, OFFICE, SIDE = MentionKind.NAME, MentionKind.SEAT, MentionKind.OFFICE, MentionKind.SIDE


def persons() -> list[Person]:
    """Return the speakers of an invented council."""
    return [person for label in LABELS if (person := read_person(label))]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("森本修一議員の質問は", [("森本修一議員", NAME, 1)], id="full name"),
        pytest.param("森本さんの質問は", [("森本さん", NAME, 1)], id="family name"),
        pytest.param("若林議員の質問は", [("若林議員", NAME, 2)], id="family name of two persons"),
        pytest.param("若林課長の答弁は", [("若林課長", NAME, 1)], id="family name and office"),
        pytest.param("7番議員の質問は", [("7番議員", SEAT, 1)], id="seat"),
        pytest.param("教育長の答弁は", [("教育長", OFFICE, 1)], id="office"),
        pytest.param("A委員の質問は", [("A委員", NAME, 1)], id="letter"),
        pytest.param(
            "農協の山田委員の発言は", [("山田委員", NAME, 1)], id="namesake told apart by what is represented"
        ),
        pytest.param("高瀬議員の質問は", [("高瀬議員", NAME, 0)], id="unknown member"),
        pytest.param("建設課長の答弁は", [("建設課長", OFFICE, 0)], id="unknown office"),
        pytest.param("公募委員の発言は", [], id="kind of member"),
        pytest.param("市は何と答えた", [("市", SIDE, 0)], id="office as a whole"),
        pytest.param("森本議員に教育長は答えたか", [("森本議員", NAME, 1), ("教育長", OFFICE, 1)], id="two speakers"),
    ],
)
def test_speakers_are_found_with_whom_they_may_mean(
    question: str, expected: list[tuple[str, MentionKind, int]]
) -> None:
    mentions = find_mentions(nfkc(question), persons())
    assert [(mention.text, mention.kind, len(mention.persons)) for mention in mentions] == expected


@pytest.mark.parametrize(("text", "name"), [("森本議員", "森本"), ("森本さん", "森本"), ("森本", "森本")])
def test_the_title_after_a_name_is_removed(text: str, name: str) -> None:
    assert without_title(text) == name
