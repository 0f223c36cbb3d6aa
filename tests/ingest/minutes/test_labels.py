"""The label of a speaker is found in a line of minutes."""

import pytest

from ingest.minutes.decisions import opened_matter
from ingest.minutes.labels import find_label, split_at_labels
from ingest.minutes.line_rewriting import split_head_and_value
from ingest.minutes.speaker_lines import match_speaker

WORDS = "歩道を広げてほしい。"


@pytest.mark.parametrize(
    ("line", "speaker"),
    [
        pytest.param(f"○若林委員　{WORDS}", "若林委員", id="mark"),
        pytest.param(f"若林委員：{WORDS}", "若林委員", id="colon"),
        pytest.param(f"【若林委員】{WORDS}", "若林委員", id="brackets"),
        pytest.param(f"1. 若林委員：{WORDS}", "若林委員", id="number before"),
        pytest.param(f"若林委員「{WORDS}」", "若林委員", id="quotation marks"),
        pytest.param(f"若林委員→{WORDS}", "若林委員", id="arrow after"),
        pytest.param(f"・{WORDS}（若林委員）", "若林委員", id="at the end"),
        pytest.param(f"3番　若林　葵君　{WORDS}", "若林葵議員(3番)", id="seat and name in parts"),
        pytest.param(f"若林　{WORDS}", "若林委員", id="name of a member present"),
        pytest.param(f"森本　{WORDS}", None, id="name of nobody present"),
        pytest.param("→ 検討します。", "", id="reply after an arrow"),
        pytest.param("日時：令和8年5月1日", None, id="field"),
        pytest.param(WORDS, None, id="no label"),
    ],
)
def test_a_label_names_the_speaker(line: str, speaker: str | None) -> None:
    label = find_label(line, names={"若林"})
    assert (label.person.display if label else None) == speaker
    assert label is None or WORDS not in line or WORDS in line[label.start : label.end]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        pytest.param("減らします。若林委員　なぜか。", ["減らします。", "若林委員　なぜか。"], id="second speaker"),
        pytest.param("減らします。若林　なぜか。", ["減らします。", "若林　なぜか。"], id="name of a member present"),
        pytest.param("減らします。若林委員に答えます。", ["減らします。若林委員に答えます。"], id="only mentioned"),
    ],
)
def test_a_joined_line_is_split_at_labels(line: str, parts: list[str]) -> None:
    assert [line[start:end] for start, end in split_at_labels(line, {"若林"})] == parts


@pytest.mark.parametrize(
    ("line", "name"),
    [
        pytest.param("○総務課長　お答えします。", "総務課長", id="marked office"),
        pytest.param("○3番（若林葵）　伺います。", "3番（若林葵）", id="marked seat"),
        pytest.param("【若林委員】伺います。", "若林委員", id="brackets before a sentence"),
        pytest.param("若林委員：伺います。", "若林委員", id="colon before a sentence"),
        pytest.param("事務局：総務課", None, id="field"),
        pytest.param("耐用年数の延長　10年です。", None, id="word that ends like an office"),
    ],
)
def test_a_line_of_a_record_begins_with_its_speaker(line: str, name: str | None) -> None:
    match = match_speaker(line)
    assert (match["name"] if match else None) == name


@pytest.mark.parametrize(
    ("head", "parts"),
    [
        pytest.param("日　時　　令和8年5月1日", ("日時", "令和8年5月1日"), id="gaps in the name"),
        pytest.param("場所：市役所", ("場所", "市役所"), id="colon"),
        pytest.param("議　事", ("議事", ""), id="without value"),
        pytest.param("歩道の拡幅について", ("歩道の拡幅について", ""), id="topic"),
    ],
)
def test_a_heading_is_split_into_name_and_value(head: str, parts: tuple[str, str]) -> None:
    assert split_head_and_value(head) == parts


@pytest.mark.parametrize(
    ("sentence", "matter"),
    [
        pytest.param("次に、議題2「歩道の拡幅」に入ります。", "歩道の拡幅", id="next"),
        pytest.param("それでは採決に入ります。", "", id="procedure"),
        pytest.param("歩道を広げます。", "", id="no matter"),
    ],
)
def test_the_chair_opens_a_matter(sentence: str, matter: str) -> None:
    assert matter in opened_matter(sentence)
    assert bool(matter) == bool(opened_matter(sentence))
