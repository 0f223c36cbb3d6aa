"""Tests that text of questions and passages never becomes markup on the page."""

import re
from html.parser import HTMLParser

import pytest

from bot.office import PersonalHelp, read_office
from bot.pages.citizen.citizen_renderer import CitizenRenderer
from bot.pages.citizen.conversation import Conversation, DisplayedAnswer, DisplayedSources, Welcome
from bot.rendering.html.display_preferences import DisplayPreferences
from bot.runtime.document_state import DocumentState
from bot.state import Answer, Citation, Status
from ingest.configuration.settings import Settings
from ingest.documents import Document


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value for name, value in attrs if name in {"href", "src", "action"}]


def page(text: str, url: str | None = None) -> Elements:
    citation = Citation(n=1, passage_id="d#1", doc_id="d", title=text, section=text, quote=text, url=url)
    answer = Answer(
        answer_id="a",
        conversation_id="c",
        status=Status.ANSWERED,
        answer=f"{text}[1]",
        citations=(citation,),
        question_understood=text,
        suggestions=(text,),
        notices=(text,),
    )
    state = DocumentState(Document("d", text, "d.md", published="2026"))
    shown = DisplayedAnswer(text, answer, DisplayedSources({"d#1": text}, {"d": state}), further=(text,), rating="down")
    render = CitizenRenderer(read_office(Settings(_env_file=None, contact=text, service_name=text)), 1000)
    # As it is, and with its own words told in another language and readings over the kanji of all.
    begun = Welcome((state,), questions=(text,))
    html = []
    for preferences in (
        DisplayPreferences(),
        DisplayPreferences("easy", furigana=True),
        DisplayPreferences("vi", furigana=True),
    ):
        html += [
            render.name(preferences),
            render.welcome(begun, preferences),
            render.note(begun, preferences),
            render.unready(preferences),
        ]
        html += [
            render.scope(begun, PersonalHelp(text, text, None, ""), preferences),
            render.thanks(shown, preferences),
        ]
        html += [
            message["content"] for message in render.messages(Conversation(answers=(shown,), preferences=preferences))
        ]
    return Elements(re.sub("</?ruby>|</?bdi>|<r[pt] .*?</r[pt]>", "", "".join(html)))


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        "</p></div><iframe src=https://evil.example></iframe>",
        '" onmouseover="alert(1)',
        "[ここ](javascript:alert(1))",
        "![絵](https://evil.example/?q=1)",
    ],
)
def test_markup_is_shown_as_letters(markup: str) -> None:
    assert page(markup).found == page("ふつうの文").found


def test_an_address_that_is_no_web_address_is_no_link() -> None:
    assert "https://example.jp/" in page("文", "https://example.jp/").links
    assert not any("javascript" in (link or "") for link in page("文", "javascript:alert(1)").links)
