import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page

from bot.channels.pages.reading.section_comparison import compare_sections
from bot.running.server.api import create_app
from bot.running.server_state import server_state
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings
from ingest.documents import Document, Passage
from ingest.metadata.document_states import withdraw
from ingest.passages.document_reading import read_document
from tests.accessibility import violations
from tests.bot.answer_assertions import TODAY
from tests.bot.server_thread import listening

pytest_plugins = ["tests.bot.city_index"]
PLAN, MEETING = "/documents/kankyo-plan-2.0", "/documents/kankyo-kaigi-r6-2"


@pytest.fixture(scope="module")
def site(city_service: Service, city_settings: Settings) -> Iterator[str]:
    with listening(create_app(city_service, city_settings)) as url:
        yield url


def test_the_list_links_to_every_document(client: TestClient) -> None:
    shown = client.get("/documents").text
    order = [shown.index(f'"/documents/{one}"') for one in ("kankyo-kaigi-r6-2", "kankyo-plan-2.0", "kankyo-plan")]
    assert order[2] > max(order[:2])
    found = client.get("/documents", params={"q": "環境会議 第2回"}).text
    assert MEETING in found
    assert PLAN not in found
    assert "ほかの言葉" in client.get("/documents?q=灯台").text


def test_a_document_page_has_all_passages_and_its_metadata(client: TestClient) -> None:
    service = server_state(client.app).service  # type: ignore[arg-type]
    shown = client.get(PLAN).text
    for passage in service.passages("kankyo-plan-2.0"):
        assert f'id="passage-{passage.id.rpartition("#")[2]}"' in shown
    assert re.search(
        r"<h1[^>]*>星見市環境プラン2\.0</h1>.*現行.*計画 · .*星見市.* · 2025年2月公表.*2025年4月1日から",
        shown,
        re.DOTALL,
    )
    assert '<section id="1.3.-推進体制">' in shown
    assert f"{PLAN}/compare/kankyo-plan" in shown


def test_a_document_page_loads_nothing_from_other_hosts(client: TestClient) -> None:
    answer = client.get(PLAN)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert client.get("/reading-room.css").headers["content-type"] == "text/css; charset=utf-8"


def test_a_search_within_a_document_finds_its_passages(client: TestClient) -> None:
    found = (
        client.get(f"{PLAN}/search", params={"q": "太陽光パネルの補助"}).text.split("に近い箇所")[1].split("</ol>")[0]
    )
    first = found.split("</li>")[0]
    assert f'href="{PLAN}#passage-' in first
    assert "<mark>太陽光パネル" in first


def test_the_section_of_a_passage_can_be_fetched(client: TestClient) -> None:
    service = server_state(client.app).service  # type: ignore[arg-type]
    row = next(p for p in service.passages("kankyo-kaigi-r6-2") if "相談件数" in p.text)
    shown = client.get(f"{MEETING}/section", params={"passage": row.id}).text
    assert "出前講座の参加者数" in shown
    assert re.findall(r'<tr class="meant">\s*<th scope="row">(\w+)', shown) == ["食品ロスの相談件数"]
    text = next(p for p in service.passages("kankyo-plan-2.0") if "8万円" in p.text)
    said = client.get(f"{PLAN}/section", params={"passage": text.id, "said": "1件につき8万円を補助"}).text
    assert "<mark>1件につき8万円を補助</mark>" in said
    other = client.get(f"{PLAN}/section", params={"passage": text.id, "said": "そこにない言葉"}).text
    assert "1件につき8万円を補助" in other
    gone = client.get(f"{PLAN}/section?passage=x")
    assert gone.status_code == 404
    assert PLAN in gone.text


def test_old_and_new_documents_are_compared(client: TestClient) -> None:
    shown, other_way = (
        client.get(f"/documents/{one}/compare/{other}").text
        for one, other in (("kankyo-plan-2.0", "kankyo-plan"), ("kankyo-plan", "kankyo-plan-2.0"))
    )
    assert re.search("旧</span> .*プラン</a>.*\n.*新</span> .*プラン2.0</a>", shown)
    assert shown.split("<h1>")[1] == other_way.split("<h1>")[1]
    assert shown.count('<section class="pair">') > 1
    assert "<ins>" in shown
    assert "<del>" in shown


@pytest.mark.parametrize("address", ["/documents/none", "/documents/none/compare/kankyo-plan", f"{PLAN}/compare/none"])
def test_an_unknown_document_page_links_to_list_and_search(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "は見つかりません" in answer.text
    assert 'href="/documents"' in answer.text


def test_a_withdrawn_document_shows_title_and_reason(own_settings: Settings) -> None:
    withdraw(own_settings, ["kankyo-plan"], "数値に誤りがあるため", "職員")
    with open_service(own_settings, lambda: TODAY) as service:
        own = TestClient(create_app(service, own_settings))
        answer = own.get("/documents/kankyo-plan")
        assert answer.status_code == 410
        assert re.search("星見市環境プラン」.*取り下げ.*数値に誤りがあるため", answer.text)
        assert "数値に誤りがあるため" in own.get("/documents").text


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_axe_reports_no_violation(page: Page, site: str, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    for path in (
        "/documents",
        MEETING,
        f"{PLAN}/search?q=補助",
        f"{PLAN}/compare/kankyo-plan",
        "/documents/none",
        "/plans",
    ):
        page.goto(site + path)
        found[path] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_a_language_is_chosen_without_javascript_and_kept(client: TestClient) -> None:
    chosen = client.get("/documents?q=プラン&lang=vi&furigana=1", headers={"accept-language": "en"})
    assert '<html lang="vi">' in chosen.text
    assert '<input type="hidden" name="q" value="プラン">' in chosen.text
    assert "<ruby>" in chosen.text
    kept = client.get("/plans", headers={"accept-language": "en"}).text
    assert '<html lang="vi">' in kept
    client.cookies.clear()
    assert '<html lang="en">' in client.get("/plans?lang=xx", headers={"accept-language": "en;q=0.4, fi"}).text


def read_sections(folder: Path, text: str) -> tuple[Passage, ...]:
    path = folder / "plan.md"
    path.write_text(text, encoding="utf-8")
    return read_document(path, Document("plan", "霞ヶ浜町みなと計画", path.name)).passages


def headings(folder: Path, old: str, new: str) -> list[tuple[str, str]]:
    texts = ["\n".join(f"## {heading}\n\n本文です。\n" for heading in one.split("/")) for one in (old, new)]
    pairs = compare_sections(*(read_sections(folder, text) for text in texts))
    return [(pair.old.heading if pair.old else "", pair.new.heading if pair.new else "") for pair in pairs]


def test_sections_are_paired_without_their_numbers(tmp_path: Path) -> None:
    assert headings(tmp_path, "第1章 港/第2章 渡し船/第3章 祭り", "1. 灯台/2. 渡し船の運航/3. 港") == [
        ("", "1. 灯台"),
        ("第2章 渡し船", "2. 渡し船の運航"),
        ("第1章 港", "3. 港"),
        ("第3章 祭り", ""),
    ]


def test_differences_are_marked_word_by_word(tmp_path: Path) -> None:
    old = read_sections(tmp_path, "## 港\n\n朝市は月に1回です。\n")
    (pair,) = compare_sections(old, read_sections(tmp_path, "## 港\n\n朝市は毎週です。\n"))
    assert pair.words is not None
    assert ["".join(word.text for word in side) for side in pair.words] == ["朝市は月に1回です。", "朝市は毎週です。"]
    assert [word.text for word in pair.words[1] if word.is_marked] == ["毎週"]
    (same,) = compare_sections(old, old)
    assert same.words is None
