"""Tests of the dictionary pages, over a service with its index."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import BrowserContext, Page, expect

from bot.question.dictionary import DictionaryEntry
from bot.service import Service, open_service
from ingest.configuration.settings import Settings
from tests.accessibility import violations
from tests.bot.curation.dictionary.leaflet import ask, build_leaflet
from tests.bot.html_page import HtmlPage
from tests.bot.pages.staff.console import console, seated, staff_client

STORED = DictionaryEntry("ジム", "第一体育館")
CHANGED = {"name": "ジム", "official": "第二体育館"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, str, Path]]:
    """Yield a service, the address of its console and its data folder."""
    settings = build_leaflet(tmp_path_factory.mktemp("dictionary"))
    with open_service(settings) as service, console(service, settings) as url:
        yield service, url, settings.data


@pytest.fixture
def service(served: tuple[Service, str, Path]) -> Service:
    """Return the service with an empty dictionary."""
    service = served[0]
    for entry in service.dictionary.entries():
        service.dictionary.remove(entry, "テスト")
    return service


@pytest.fixture(scope="module")
def client(served: tuple[Service, str, Path]) -> TestClient:
    service, _, data = served
    return staff_client(service, Settings(_env_file=None, data=data))


def get(client: TestClient, path: str = "", **fields: str | int) -> HtmlPage:
    """Return a page of the dictionary."""
    return HtmlPage(client.get(f"/staff/dictionary{path}", params=fields or None).raise_for_status().text)


@pytest.fixture
def desk(seat: BrowserContext, served: tuple[Service, str, Path], service: Service) -> Iterator[Page]:
    """Yield the dictionary in the browser of an editor."""
    del service
    with seated(seat, *served[1:]) as page:
        page.get_by_role("link", name="言葉の辞書").click()
        yield page


def write(page: Page, name: str, official: str) -> None:
    """Fill in the form and press its button."""
    page.get_by_label("呼び名（人が使う言葉）").fill(name)
    page.get_by_label("正式な名前（文書にある言葉）").fill(official)
    page.get_by_role("button", name="過去の質問で確かめる").click()


@pytest.mark.browser
def test_a_file_is_imported_after_its_preview(desk: Page, service: Service, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text("呼び名,正式な名前\nどこ,第一体育館\n", "utf-8")
    desk.get_by_label("取り込む CSV を選ぶか、ここに置く").set_input_files(file)
    expect(desk.locator("#problem")).to_contain_text("2行目: 「どこ」")
    file.write_text("呼び名,正式な名前\nジム,第一体育館\n", "utf-8")
    desk.get_by_label("取り込む CSV を選ぶか、ここに置く").set_input_files(file)
    expect(desk.get_by_text("加えるもの1件")).to_be_visible()
    assert violations(desk) == []
    assert service.dictionary.entries() == []
    desk.get_by_role("button", name="取り込む").click()
    expect(desk.get_by_role("row", name="ジム")).to_be_visible()
    with desk.expect_download() as download:
        desk.get_by_role("link", name=re.compile("CSV")).first.click()
    assert Path(download.value.path()).read_bytes() == service.dictionary.export_csv()


@pytest.mark.browser
def test_an_entry_is_saved_after_its_effects_are_shown_also_on_a_phone(desk: Page, service: Service) -> None:
    for n in range(60):
        service.dictionary.save(DictionaryEntry(f"とても長い呼び名のたてもの{n}", "総合福祉センター"), "次郎")
    ask(service, "こまわり号の運賃は?")
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.reload()
    expect(desk.get_by_text("1 / 2ページ")).to_be_visible()
    assert desk.evaluate("document.documentElement.scrollWidth") == 390
    write(desk, "どこ", "第一体育館")
    expect(desk.locator("#problem")).to_contain_text("どの質問にも出てくる")
    expect(desk.get_by_label("呼び名（人が使う言葉）")).to_have_value("どこ")
    desk.get_by_label("メモ").fill("町の言葉")
    write(desk, "こまわり号", "地域循環バス")
    expect(desk.get_by_role("heading", level=1)).to_have_text("「こまわり号」を保存する前に")
    expect(desk.get_by_role("row", name="こまわり号の運賃は?")).to_contain_text("森野町くらしの手引き 地域循環バス")
    assert len(service.dictionary.entries()) == 60
    assert desk.evaluate("document.documentElement.scrollWidth") == 390
    assert violations(desk) == []
    desk.get_by_role("link", name="書き直す").click()
    expect(desk.get_by_label("メモ")).to_have_value("町の言葉")
    desk.get_by_role("button", name="過去の質問で確かめる").click()
    desk.get_by_role("button", name="保存する").click()
    expect(desk.locator("#message")).to_contain_text("次の質問から使います")
    expect(desk.get_by_role("row", name="こまわり号")).to_contain_text("安奈")
    expect(desk.get_by_label("呼び名（人が使う言葉）")).to_have_value("")
    assert violations(desk) == []


def test_the_second_of_two_people_sees_both_versions(client: TestClient, service: Service) -> None:
    stored = service.dictionary.save(STORED, "次郎")
    sent = {**CHANGED, "id": stored.id, "version": str(stored.version)}
    saved = client.post("/staff/dictionary/check", data=sent).raise_for_status().json()
    assert get(client, saved["at"].removeprefix("/staff/dictionary")).count(".comparing") == 0
    service.dictionary.save(replace(stored, official="総合福祉センター"), "次郎")
    conflict = client.post("/staff/dictionary", data=sent).raise_for_status().json()
    page = get(client, conflict["at"].removeprefix("/staff/dictionary"))
    assert "次郎さんがこの言葉を直しました" in page.texts(".notice")[0]
    sections = " ".join(page.texts("section"))
    for told in ("いまの内容", "総合福祉センター", "あなたが書いた内容", "第二体育館"):
        assert told in sections
    (newer,) = service.dictionary.entries()
    client.post("/staff/dictionary", data={**sent, "version": str(newer.version)}).raise_for_status()
    assert [entry.official for entry in service.dictionary.entries()] == ["第二体育館"]


def test_a_removal_shows_what_it_changes_and_may_be_in_conflict(client: TestClient, service: Service) -> None:
    stored = service.dictionary.save(DictionaryEntry("のらりん", "地域循環バス"), "次郎")
    ask(service, "のらりんの運賃は?")
    sent = {"name": stored.name, "official": stored.official, "id": stored.id, "version": str(stored.version)}
    assert "のらりんの運賃は?" in " ".join(get(client, "/effects", **sent, remove=1).texts("tbody tr"))
    removed = client.request("DELETE", "/staff/dictionary", data=sent).raise_for_status().json()
    assert "外しました" in removed["message"]
    assert service.dictionary.entries() == []
    gone = client.post("/staff/dictionary", data=sent).raise_for_status().json()
    told = get(client, gone["at"].removeprefix("/staff/dictionary")).texts(".notice")
    assert "ほかの人がこの言葉を外しました" in told[0]


def test_a_proposal_fills_the_form(client: TestClient, service: Service) -> None:
    ask(service, "一体の休館日は何曜日ですか?")
    ask(service, "総福の浴室は何時まで?")
    page = get(client, proposals=1)
    (link,) = [to for to in page.values("a", "href") if "%E7%B7%8F%E7%A6%8F" in to]
    assert HtmlPage(client.get(link).text).values("[name=name]", "value") == ["総福"]


def test_staff_without_the_editor_role_have_no_form(served: tuple[Service, str, Path], service: Service) -> None:
    service.dictionary.save(STORED, "次郎")
    staff = staff_client(service, Settings(_env_file=None, data=served[2]), "staff")
    page = get(staff)
    assert "ジム" in page.texts("tbody tr")[0]
    assert page.count("form[data-post]") == 0
    assert staff.get("/staff/dictionary/effects?name=a&official=b").status_code == 403


def test_programs_import_and_export(client: TestClient, service: Service) -> None:
    data, headers = "呼び名,正式な名前\nジム,第一体育館\n".encode(), {"content-type": "text/csv"}
    checked = client.put("/api/dictionary?check=true", content=data, headers=headers).json()
    assert checked["imported"] is False
    assert len(checked["added"]) == 1
    assert service.dictionary.entries() == []
    assert client.put("/api/dictionary", content=data, headers=headers).json()["imported"]
    assert "ジム,第一体育館" in client.get("/api/export/dictionary.csv").text
    assert client.put("/api/dictionary", content=b"x", headers=headers).status_code == 422
