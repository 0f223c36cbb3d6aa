"""What happened when, in a short sentence of its own."""

import pytest

from bot.compose.event import events
from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.city"]

EVENTS = [
    ("星見市総合計画(2021年3月策定)", ("星見市総合計画", "2021年3月", "策定")),
    ("「水辺ビジョン」(令和5年9月公表)と連携します。", ("「水辺ビジョン」", "令和5年9月", "公表")),
    ("都市像「緑のまち」(2023年12月議決)の実現", ("「緑のまち」", "2023年12月", "議決")),
    (
        "令和3(2021)年3月に「環境プラン」を策定し、進めてきました。",
        ("「環境プラン」", "令和3(2021)年3月", "策定"),
    ),
    ("2019年2月に、ICT計画を策定しました。", ("ICT計画", "2019年2月", "策定")),
    ("市民憲章は、令和4年12月に議決されました。", ("市民憲章", "令和4年12月", "議決")),
    ("令和7年2月策定", ("題名", "令和7年2月", "策定")),
]


@pytest.mark.parametrize(("line", "event"), EVENTS)
def test_a_dated_event_is_read(line: str, event: tuple[str, str, str]) -> None:
    """X(…策定), …に「X」を策定し, Xは…に議決され, and the bare line of a cover."""
    assert [(found.name, found.written, found.action) for found in events(line, "題名")] == [event]


def test_each_event_of_a_line_is_read() -> None:
    """Several plans in one sentence have each their date."""
    line = "平成31年2月に「ICT計画」を、令和3年3月に「デジタル戦略」を策定しました。"
    assert [(found.name, found.written) for found in events(line, "題名")] == [
        ("「ICT計画」", "平成31年2月"),
        ("「デジタル戦略」", "令和3年3月"),
    ]


@pytest.mark.parametrize("line", [line for line, _ in EVENTS])
def test_the_quote_of_an_event_stands_in_its_line(line: str) -> None:
    """Letter for letter."""
    assert all(found.quote in line for found in events(line, "題名"))


@pytest.mark.parametrize(
    "line",
    [
        "計画を策定しました。",
        "令和7年度から令和10年度までの4か年とします。",
        "2021年3月",
        "ごみは2019年度比で減りました。",
        "",
    ],
)
def test_a_line_without_an_event_has_none(line: str) -> None:
    """A date without a deed, or a deed without a date, is no event."""
    assert list(events(line, "題名")) == []


ANSWERS = [
    ("星見市総合計画はいつ策定されましたか?", "星見市総合計画は、2021年3月に策定されました"),
    ("水辺ビジョンはいつできましたか?", "星見市水辺ビジョンは、2023年9月に策定されました"),
    ("市民憲章はいつ議決されましたか?", "令和4(2022)年12月に議決されました"),
    ("環境プラン2.0はいつ策定されましたか?", "星見市環境プラン2.0は、令和7(2025)年2月に策定されました"),
    ("環境プランが策定されたのはいつですか?", "令和3(2021)年3月に策定されました"),
    ("2023年に策定された計画は?", "星見市水辺ビジョンは、2023年9月に策定されました"),
    ("2023年9月には何がありましたか?", "星見市水辺ビジョンは、2023年9月に策定されました"),
    ("令和5年9月に策定されたものは何ですか?", "星見市水辺ビジョンは、2023年9月に策定されました"),
]


@pytest.mark.parametrize(("question", "sentence"), ANSWERS)
def test_a_date_is_answered_in_a_short_sentence(ask: Ask, question: str, sentence: str) -> None:
    """For the date of an event, and for the event of a date in 和暦 or 西暦."""
    answered(ask(question), sentence)


def test_an_event_of_another_date_is_not_given(ask: Ask) -> None:
    """Nothing was made in 2015."""
    assert "策定されました" not in ask("2015年に策定された計画は?").answer
