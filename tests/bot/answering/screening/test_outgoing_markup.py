import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient
from rich.markdown import Markdown

from bot.answering.rendering.escaping import (
    MarkdownStream,
    escape_markdown,
    escape_plain,
    is_web_address,
    markdown_link,
)
from bot.answering.state import Answer, Citation, Hit, Question, Status
from bot.channels.html.display_preferences import DisplayPreferences
from bot.channels.pages.citizen.citizen_renderer import CitizenRenderer
from bot.channels.pages.citizen.conversation import Conversation, DisplayedAnswer, Welcome
from bot.channels.pages.citizen.reader_texts import text_to_copy
from bot.running.office.office import PersonalHelp, read_office
from bot.running.server.api import create_app
from bot.running.service.document_state import DocumentState
from bot.running.service.service import AnswerListener, OnTurn
from bot.spreadsheet import to_csv
from ingest.configuration.settings import Settings
from ingest.documents import Document
from tests.bot.fixed_service import DOCUMENT, PASSAGE, StandIn

SITE = "http://testserver"
PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "image": '<img src=x onerror="alert(1)">',
    "open tag": "<iframe src=//evil.example",
    "comment": "<!-- hidden -->",
    "end tag": "</div></p>",
    "script link": "[こちら](javascript:alert(1))",
    "data link": "[こちら](<data:text/html,x> '題')",
    "foreign link": "[市の手続き](https://evil.example/login)",
    "picture": "![絵](https://evil.example/?q=1)",
    "reference": "[こちら][1]\n\n[1]: https://evil.example/",
    "autolink": "<https://evil.example/>",
    "bare address": "詳しくは https://evil.example/a_b?c=d をご覧ください",
    "bare host": "www.evil.example です",
    "entity": "&lt;script&gt;",
    "escaped": r"\<b>太い\</b> \[x](javascript:a)",
    "code": "`<b>` と ```",
    "fence": "```html\n<b>x</b>\n```",
    "tildes": "~~~html\n<b>x</b>",
    "after a mark": "。[1](https://evil.example/)",
}
PLAIN_WORDS = "ふつうの文"


class Hostile(StandIn):
    def hold(self, text: str, url: str | None = None) -> None:
        self.text, self.url = text, url
        cited = {"doc_id": "plan-2", "title": text, "section": text, "url": url}
        self.citation = Citation(n=1, passage_id="p#1", quote=text, file_url="/api/documents/plan-2/file", **cited)
        self.near = Citation(n=1, passage_id="p#2", quote=f"近い{text}", **cited)
        self.held = replace(DOCUMENT, title=text, issuer=text, id=text.splitlines()[0][:60], url=url)

    def _ask(
        self, question: Question, listener: AnswerListener, on_turn: OnTurn | None, earlier: Sequence[str]
    ) -> Answer:
        del on_turn, earlier
        said = f"{self.text}[1]\n出典: 「{self.text}」の「{self.text}」"
        if listener.on_stage:
            listener.on_stage("retrieve")
        if listener.on_text:
            for start in range(0, len(said), 2):
                listener.on_text(said[start : start + 2])
        return Answer(
            answer_id="a",
            conversation_id="c",
            status=Status.ANSWERED,
            answer=said,
            citations=(self.citation, self.citation.model_copy(update={"n": 2, "quote": f"別の{self.text}"})),
            nearest=(self.near,),
            question_understood=question.question,
            notices=(self.text,),
        )

    def _search(self, q: str, k: int, as_of: date | None, doc_id: str | None) -> list[Hit]:
        del q, k, as_of, doc_id
        return [Hit(replace(PASSAGE, doc_id=self.held.id, path=(self.text,), text=self.text), 1.0, {})]

    def documents(self, as_of: date | None = None) -> list[DocumentState]:
        del as_of
        return [DocumentState(self.held, superseded_by=self.text)]


Surfaces = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def surfaces() -> Iterator[Surfaces]:
    service = Hostile()
    with TestClient(create_app(service, Settings(_env_file=None, mcp=True, requests_per_minute_address=10_000))) as api:

        def rendered_text(text: str, url: str | None = None) -> dict[str, str]:
            service.hold(text, url)
            return dict(_over_http(api)) | dict(_copied(service))

        yield cache(rendered_text)


def _over_http(api: TestClient) -> Iterator[tuple[str, str]]:
    body = {"messages": [{"role": "user", "content": "期間は?"}]}
    yield "completion", api.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"]
    events = api.post("/v1/chat/completions", json=body | {"stream": True}).text.split("data: ")
    chunks = [json.loads(event) for event in events if event.startswith("{")]
    yield "stream", "".join(one["choices"][0]["delta"].get("content", "") for one in chunks)
    for tool, given in (("ask", {"question": "期間は?"}), ("search", {"query": "期間"}), ("documents", {})):
        yield f"MCP {tool}", _called(api, tool, given)


def _copied(service: Hostile) -> Iterator[tuple[str, str]]:
    answer = service.ask(Question(question=service.text))
    yield "copied", text_to_copy(DisplayedAnswer(service.text, answer), service.text, DisplayPreferences(), site=SITE)


def _called(api: TestClient, tool: str, given: dict[str, Any]) -> str:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": given}}
    headers = {"Accept": "application/json, text/event-stream"}
    return str(api.post("/mcp", json=call, headers=headers).json()["result"]["content"][0]["text"])


class Rendered:
    def __init__(self, text: str) -> None:
        blocks = Markdown(text).parsed
        tokens = [*blocks, *(one for block in blocks for one in block.children or [])]
        self.kinds = {one.type for one in tokens}
        self.links = [str(one.attrs["href"]) for one in tokens if "href" in one.attrs]
        self.letters = "".join("\n" if one.type == "softbreak" else one.content for one in tokens if not one.children)

    @property
    def is_harmless(self) -> bool:
        return not self.kinds & {"html_inline", "html_block", "image", "fence", "code_block"}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_no_markup_of_a_document_is_active(surfaces: Surfaces, payload: str) -> None:
    for name, text in surfaces(payload).items():
        found = Rendered(text)
        assert found.is_harmless, (name, text)
        assert all(link.startswith(f"{SITE}/") for link in found.links), (name, found.links)
        assert "<script" not in text, name
        assert "javascript:" not in text, name


def test_a_stream_sends_the_text_of_a_whole_completion(surfaces: Surfaces) -> None:
    for payload in PAYLOADS.values():
        sent = surfaces(payload)
        assert sent["stream"] == sent["completion"]


def test_what_is_escaped_reads_as_it_was_written() -> None:
    for payload in PAYLOADS.values():
        rendered_text = Rendered(escape_markdown(payload)).letters
        assert "".join(rendered_text.split()) == "".join(payload.split())
        assert (
            escape_plain(payload).translate({0xFF1C: "<", 0xFF08: "(", 0xFF1A: ":", 0xFF40: "`", 0xFF5E: "~"})
            == payload
        )


@pytest.mark.parametrize(
    "text",
    [
        "期間は令和8(2026)年度からです[1][2]。",
        "「広報」※1：[別紙1]を参照（注）",
        "5 < 6、A&B、10～20、data: 12 件、<申込書>を出す。",
        "電話 076-000-0000（9:00〜17:00）",
        "**重要** - 項目 | 表",
    ],
)
def test_ordinary_words_and_marks_stay_as_they_are(text: str) -> None:
    assert escape_markdown(text) == escape_plain(text) == text


def test_links_lead_to_web_pages_only() -> None:
    for address in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https:",
        "ftp://x.example/",
        "",
        None,
    ):
        assert not is_web_address(address)
        assert markdown_link("題", address) == "題"
    for address in (
        "https://x.example/a b>c",
        'https://x.example/"<b>',
        "https://x.example/\n[x](y)",
        "http://x.example/\\",
    ):
        (link,) = Rendered(markdown_link("題[1](http://evil.example)", address)).links
        assert link.startswith(address[:17])


def test_only_web_addresses_of_the_manifest_are_links(surfaces: Surfaces) -> None:
    good = surfaces(PLAIN_WORDS, "https://city.example.jp/p")
    assert "https://city.example.jp/p" in Rendered(good["completion"]).links
    assert "https://city.example.jp/p" in good["copied"]
    assert not any("javascript" in text for text in surfaces(PLAIN_WORDS, "javascript:alert(1)").values())


def test_pieces_of_a_text_are_escaped_as_the_whole() -> None:
    for payload in PAYLOADS.values():
        for at in range(len(payload) + 1):
            stream = MarkdownStream()
            assert stream.add(payload[:at]) + stream.add(payload[at:]) + stream.end() == escape_markdown(payload)


def test_a_long_text_is_escaped_quickly() -> None:
    for opening in ("[a](", "<a ", "www.", "`", "a@", "a.", "https://", "&#", "~"):
        escape_markdown(opening * 20_000)
        stream = MarkdownStream()
        stream.add(opening * 20_000)


@pytest.mark.parametrize("cell", ["=1+1", "+81*1", "@SUM(A1)", "\t=1", "＝1", " =1", "\n-2+3", "-cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(cell: str) -> None:
    read = list(csv.reader(io.StringIO(to_csv([cell], [[cell]]).decode("utf-8-sig"))))
    assert read == [[f"'{cell}"], [f"'{cell}"]]


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
    shown = DisplayedAnswer(text, answer, {"d#1": text}, {"d": state}, further=(text,), rating="down")
    render = CitizenRenderer(read_office(Settings(_env_file=None, contact=text, service_name=text)))
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
            render.scope(begun, PersonalHelp(text, link=text), preferences),
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
