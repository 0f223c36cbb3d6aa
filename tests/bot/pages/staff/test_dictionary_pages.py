"""Tests of the dictionary pages in a browser, over a service with its index."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.dictionary.entries import DictionaryEntry
from bot.service import Service, open_service
from tests.accessibility import violations
from tests.bot.curation.dictionary.leaflet import ask, build_leaflet
from tests.bot.pages.staff.console import console, opened, seated

pytestmark = pytest.mark.browser


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


def test_an_entry_is_saved_after_its_effects_are_shown(desk: Page, service: Service) -> None:
    ask(service, "こまわり号の運賃は?")
    write(desk, "こまわり号", "地域循環バス")
    expect(desk.get_by_role("row", name="こまわり号の運賃は?")).to_contain_text("森野町くらしの手引き 地域循環バス")
    assert service.dictionary.entries() == []
    assert violations(desk) == []
    desk.get_by_role("button", name="保存する").click()
    expect(desk.locator("#message")).to_contain_text("次の質問から使います")
    expect(desk.get_by_role("row", name="こまわり号")).to_contain_text("安奈")
    expect(desk.get_by_label("呼び名（人が使う言葉）")).to_have_value("")
    assert violations(desk) == []


def test_an_invalid_entry_stays_in_the_form(desk: Page) -> None:
    write(desk, "どこ", "第一体育館")
    expect(desk.locator("#problem")).to_contain_text("どの質問にも出てくる")
    expect(desk.get_by_label("呼び名（人が使う言葉）")).to_have_value("どこ")


def test_the_second_of_two_people_sees_both_versions(desk: Page, service: Service) -> None:
    stored = service.dictionary.save(DictionaryEntry("ジム", "第一体育館"), "次郎")
    desk.reload()
    desk.get_by_role("link", name="ジム").click()
    service.dictionary.save(DictionaryEntry("ジム", "総合福祉センター", id=stored.id, version=1), "次郎")
    write(desk, "ジム", "第二体育館")
    expect(desk.get_by_role("alert").filter(has_text="次郎さんがこの言葉を直しました")).to_be_visible()
    expect(desk.get_by_role("region", name="いまの内容")).to_contain_text("総合福祉センター")
    expect(desk.get_by_role("region", name="あなたが書いた内容")).to_contain_text("第二体育館")
    assert violations(desk) == []
    desk.get_by_role("button", name="あなたの内容で保存する").click()
    expect(desk.get_by_role("row", name="ジム")).to_contain_text("第二体育館")


def test_a_change_after_the_preview_is_a_conflict_too(desk: Page, service: Service) -> None:
    stored = service.dictionary.save(DictionaryEntry("ジム", "第一体育館"), "次郎")
    desk.reload()
    desk.get_by_role("link", name="ジム").click()
    write(desk, "ジム", "第二体育館")
    expect(desk.get_by_role("button", name="保存する")).to_be_visible()
    service.dictionary.remove(stored, "次郎")
    desk.get_by_role("button", name="保存する").click()
    expect(desk.get_by_role("alert").filter(has_text="ほかの人がこの言葉を外しました")).to_be_visible()
    desk.get_by_role("button", name="新しい言葉として加える").click()
    expect(desk.get_by_role("row", name="ジム")).to_contain_text("第二体育館")


def test_what_was_written_can_be_written_again(desk: Page, service: Service) -> None:
    desk.get_by_label("種類").select_option("旧称")
    desk.get_by_label("メモ").fill("平成20年まで")
    write(desk, "ジム", "第一体育館")
    desk.get_by_role("link", name="書き直す").click()
    expect(desk.get_by_label("正式な名前（文書にある言葉）")).to_have_value("第一体育館")
    expect(desk.get_by_label("種類")).to_have_value("former")
    expect(desk.get_by_label("メモ")).to_have_value("平成20年まで")
    stored = service.dictionary.save(DictionaryEntry("ジム", "第一体育館"), "次郎")
    desk.goto(f"{desk.url.partition('?')[0]}?id={stored.id}")
    write(desk, "ジム", "第二体育館")
    desk.get_by_role("link", name="書き直す").click()
    expect(desk.get_by_label("正式な名前（文書にある言葉）")).to_have_value("第二体育館")
    desk.get_by_role("button", name="過去の質問で確かめる").click()
    desk.get_by_role("button", name="保存する").click()
    expect(desk.get_by_role("row", name="ジム")).to_contain_text("第二体育館")


def test_removing_an_entry_shows_what_it_changes(desk: Page, service: Service) -> None:
    service.dictionary.save(DictionaryEntry("のらりん", "地域循環バス"), "次郎")
    ask(service, "のらりんの運賃は?")
    desk.reload()
    desk.get_by_role("link", name="のらりん").click()
    desk.get_by_role("link", name="この言葉を外す").click()
    expect(desk.get_by_role("row", name="のらりんの運賃は?")).to_be_visible()
    desk.get_by_role("button", name="外す", exact=True).click()
    expect(desk.locator("#message")).to_contain_text("外しました")
    assert service.dictionary.entries() == []


def test_a_proposal_fills_the_form(desk: Page, service: Service) -> None:
    ask(service, "一体の休館日は何曜日ですか?")
    ask(service, "総福の浴室は何時まで?")
    desk.get_by_role("link", name="答えられなかった質問から探す").click()
    desk.get_by_role("link", name="「総福」を「総合福祉センター」として書き込む").click()
    expect(desk.get_by_label("呼び名（人が使う言葉）")).to_have_value("総福")
    expect(desk.get_by_label("正式な名前（文書にある言葉）")).to_have_value("総合福祉センター")


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


def test_staff_without_the_editor_role_have_no_form(
    seat: BrowserContext, served: tuple[Service, str, Path], service: Service
) -> None:
    service.dictionary.save(DictionaryEntry("ジム", "第一体育館"), "次郎")
    with seated(seat, *served[1:], role="staff") as page:
        page.get_by_role("link", name="言葉の辞書").click()
        expect(page.get_by_role("row", name="ジム")).to_be_visible()
        expect(page.get_by_role("button", name="過去の質問で確かめる")).to_have_count(0)
        assert page.request.get(f"{served[1]}/staff/dictionary/effects?name=a&official=b").status == 403


def test_programs_import_and_export(seat: BrowserContext, served: tuple[Service, str, Path], service: Service) -> None:
    with seated(seat, *served[1:]) as page:
        address, data = f"{served[1]}/api/dictionary", "呼び名,正式な名前\nジム,第一体育館\n".encode()
        headers = {"content-type": "text/csv", "origin": served[1]}
        checked = page.request.put(f"{address}?check=true", data=data, headers=headers).json()
        assert checked["imported"] is False
        assert len(checked["added"]) == 1
        assert service.dictionary.entries() == []
        assert page.request.put(address, data=data, headers=headers).json()["imported"]
        exported = page.request.get(f"{served[1]}/api/export/dictionary.json").json()
        assert [entry["name"] for entry in exported["entries"]] == ["ジム"]
        assert page.request.put(address, data=b"x", headers=headers).status == 422


def test_the_pages_fit_a_phone(browser: Browser, served: tuple[Service, str, Path], service: Service) -> None:
    for n in range(60):
        service.dictionary.save(DictionaryEntry(f"とても長い呼び名のたてもの{n}", "総合福祉センター"), "次郎")
    page = opened(browser, *served[1:], width=390)
    page.get_by_role("link", name="言葉の辞書").click()
    expect(page.get_by_text("1 / 2ページ")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    write(page, "こまわり号", "地域循環バス")
    expect(page.get_by_role("heading", level=1)).to_have_text("「こまわり号」を保存する前に")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert violations(page) == []
    page.context.close()
