"""The citizen's page in a real browser."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bot.answer import Citation, Status
from tests.bot.served import Prepared, served

pytestmark = pytest.mark.browser
TAKE_OVER = "document.title='乗っ取り'"
HOSTILE = f'<script>{TAKE_OVER}</script><img src=x onerror="{TAKE_OVER}">${{{TAKE_OVER}}}'
# Everything that a reader sees, hears or is shown when pointing.
SHOWN = """() => [document.title, document.body.innerText, ...[...document.querySelectorAll('*')].flatMap(
    (one) => ['aria-label', 'title', 'alt', 'placeholder'].map((name) => one.getAttribute(name) ?? ''))].join('\\n')"""


@pytest.fixture
def service() -> Prepared:
    return Prepared()


@pytest.fixture
def opened(page: Page, service: Prepared) -> Iterator[Page]:
    """Yield the page over the prepared service, ready to be used."""
    with served(service, contact="デジタル政策課 電話") as url:
        yield visit(page, url)
        service.go.set()


def visit(page: Page, url: str) -> Page:
    page.goto(url, wait_until="domcontentloaded")
    expect(page.locator(".welcome")).to_be_visible()
    return page


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter and wait for its answer."""
    turns = page.locator(".turn").count()
    page.get_by_label("質問", exact=True).fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn .feedback, .turn .asks")).not_to_have_count(0)
    expect(page.locator(".turn")).to_have_count(turns + 1)
    expect(page.locator(".stage")).to_have_count(0)


def test_a_first_visit_tells_what_can_be_asked_and_what_counts(page: Page, server: str) -> None:
    """The start shows the documents with their validity, what is not answered, and that the document counts."""
    visit(page, server)
    shown = page.inner_text("body")
    assert "聞けないこと" in shown
    assert "回答は機械が作ります。正しいのは文書です。" in shown
    assert page.locator(".scope li").filter(has_text="金沢市DXアクションプラン2.0").locator(".current").count() == 1
    assert page.locator(".scope li").filter(has_text="令和4年度 第4回 金沢市DX会議 資料").locator(".old").count() == 1


def test_each_example_is_answered_with_its_source(page: Page, server: str) -> None:
    """An example promises what the documents hold."""
    examples = visit(page, server).locator(".ask").all_inner_texts()
    assert examples
    for example in examples:
        visit(page, server).get_by_role("button", name=example).click()
        expect(page.locator(".asked")).to_contain_text(example)
        expect(page.locator(".source")).not_to_have_count(0)


def test_sources_stand_below_the_answer_and_unfold_to_the_passage(page: Page, server: str) -> None:
    """A source names document, section and validity, and holds the quoted words once it is opened."""
    visit(page, server)
    ask(page, "DX会議資料のプランの期間はいつからいつまでですか")
    answer = page.locator(".answer")
    assert re.search(r"令和5\(2023\)年度.*根拠.*1\.4\. プランの期間", answer.inner_text(), re.DOTALL)
    quote = answer.locator("blockquote").first
    expect(quote).to_be_hidden()
    answer.locator("summary").filter(has_text="令和4年度 第4回 金沢市DX会議 資料").first.click()
    expect(quote).to_contain_text("令和7(2025)年度までの3か年")
    expect(answer.locator(".source").first).to_contain_text(
        re.compile("旧.*後の文書.*金沢市DXアクションプラン2.0", re.DOTALL)
    )


def test_a_mark_in_the_answer_opens_its_source(opened: Page) -> None:
    """The mark leads the keyboard, too, to the passage it names."""
    ask(opened, "期間は")
    opened.get_by_role("link", name="根拠1を開く").first.press("Enter")
    expect(opened.locator("blockquote")).to_have_text("期間は令和8年度から")
    expect(opened.locator(".source summary")).to_be_focused()


def test_an_unfolded_source_stays_open(opened: Page) -> None:
    """The next answer does not fold what the reader has unfolded."""
    ask(opened, "期間は")
    opened.locator(".source summary").click()
    ask(opened, "体制は")
    expect(opened.locator("blockquote").first).to_be_visible()


def test_nothing_comes_from_outside(page: Page, server: str) -> None:
    """Every request of a visit goes to the server itself."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    visit(page, server)
    ask(page, "DXアクションプラン2.0の期間は")
    assert len(requests) > 1
    assert [url for url in requests if not url.startswith((server, "data:"))] == []


def test_a_reader_with_an_english_browser_sees_no_english(browser: Browser, service: Prepared) -> None:
    """The page speaks Japanese whatever the browser speaks, also when the server is gone."""
    context = browser.new_context(locale="en-US")
    with served(service) as url:
        page = visit(context.new_page(), url)
        ask(page, "期間は")
        page.get_by_role("button", name="送る", exact=True).click()
        expect(page.locator("#problem")).to_contain_text("質問を入力してください。")
        shown = page.evaluate(SHOWN)
        context.set_offline(offline=True)
        page.get_by_role("button", name="送る", exact=True).click()
        expect(page.locator("#unreached")).to_contain_text("つながりません")
        shown += page.inner_text("body")
        assert page.evaluate("document.documentElement.lang") == "ja"
    context.close()
    assert re.findall("[A-Za-z]{2,}", shown) == []


def test_enter_during_conversion_does_not_send(opened: Page, service: Prepared) -> None:
    """The Enter that ends a 変換 is the input method's; the next one sends the whole question, once."""
    opened.get_by_label("質問", exact=True).focus()
    cdp = opened.context.new_cdp_session(opened)
    cdp.send("Input.imeSetComposition", {"text": "きかんは", "selectionStart": 4, "selectionEnd": 4})
    for kind in ("rawKeyDown", "keyUp"):
        key = {"type": kind, "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
        cdp.send("Input.dispatchKeyEvent", key)
    # What a browser sends that does tell the page of the input method's keys.
    opened.locator("#question textarea").dispatch_event(
        "keypress", {"key": "Enter", "isComposing": True, "bubbles": True}
    )
    cdp.send("Input.insertText", {"text": "期間は"})
    opened.keyboard.press("Enter")
    expect(opened.locator(".turn")).to_have_count(1)
    assert [question.question for question in service.asked] == ["期間は"]


@pytest.mark.parametrize(
    ("question", "told"), [("  ", "質問が空です"), ("あ" * 1001, "長すぎます"), ("？！", "記号だけ")]
)
def test_what_cannot_be_asked_is_told_and_kept(page: Page, server: str, question: str, told: str) -> None:
    """A question that is empty, too long or without words stays in the box, with what to do."""
    visit(page, server)
    box = page.get_by_label("質問", exact=True)
    box.fill(question)
    box.press("Enter")
    expect(page.get_by_role("alert").filter(has_text=told)).to_be_visible()
    expect(box).to_have_value(question)


def test_a_failing_service_tells_nothing_of_its_inside(opened: Page, service: Prepared) -> None:
    """The reader is asked to try again, and has the question still."""
    service.error = RuntimeError("/secret/path")
    box = opened.get_by_label("質問", exact=True)
    box.fill("期間は")
    box.press("Enter")
    expect(opened.get_by_role("alert").filter(has_text="もう一度お試しください")).to_be_visible()
    expect(box).to_have_value("期間は")
    assert "secret" not in opened.content()
    service.error = None
    ask(opened, "期間は")
    expect(opened.get_by_role("alert").filter(has_text="もう一度")).to_have_count(0)


def test_too_many_questions_are_asked_to_wait(page: Page, service: Prepared) -> None:
    """Beyond the limit the page tells how long to wait."""
    with served(service, requests_per_minute=1) as url:
        visit(page, url)
        ask(page, "期間は")
        page.get_by_label("質問", exact=True).fill("体制は")
        page.get_by_role("button", name="送る", exact=True).click()
        expect(page.get_by_role("alert").filter(has_text="秒ほど待ってから")).to_be_visible()
    assert len(service.asked) == 1


def test_a_lost_connection_is_told_and_the_question_kept(opened: Page) -> None:
    """Without a network the question stays, also when the page is loaded anew."""
    opened.context.set_offline(offline=True)
    box = opened.get_by_label("質問", exact=True)
    box.fill("期間は")
    box.press("Enter")
    expect(opened.get_by_role("alert").filter(has_text="つながりません")).to_be_visible()
    expect(box).to_have_value("期間は")
    opened.context.set_offline(offline=False)
    opened.reload(wait_until="domcontentloaded")
    expect(box).to_have_value("期間は")


def test_what_documents_and_readers_write_is_never_run(opened: Page, service: Prepared) -> None:
    """Markup in a question, an answer, a quote, a title or a link is shown as text."""
    citation = Citation(
        n=1, passage_id="p", doc_id="plan-2", title=HOSTILE, section=HOSTILE, quote=HOSTILE, url="javascript:alert(1)"
    )
    service.changes = {
        "answer": f"{HOSTILE}[1]",
        "citations": (citation,),
        "notices": (HOSTILE,),
        "suggestions": (HOSTILE,),
    }
    ask(opened, HOSTILE)
    opened.locator(".source summary").click()
    expect(opened.locator("blockquote")).to_have_text(HOSTILE)
    expect(opened.locator(".asked")).to_contain_text(HOSTILE)
    expect(opened).to_have_title("しるべ")
    assert opened.locator("#log :is(script, img, a[href^=javascript]), #spoken :is(script, img)").count() == 0


def test_a_vote_reaches_the_service(opened: Page, service: Prepared) -> None:
    """役に立った is one press, and is thanked for."""
    ask(opened, "期間は")
    opened.get_by_role("button", name="役に立った", exact=True).click()
    expect(opened.get_by_text("ご協力ありがとうございます。")).to_be_focused()
    assert [vote[1:] for vote in service.votes] == [("up", [], "")]


def test_a_vote_against_may_say_why(opened: Page, service: Prepared) -> None:
    """役に立たなかった takes reasons and a comment, and names the people to turn to."""
    ask(opened, "期間は")
    opened.locator("summary", has_text="役に立たなかった").click()
    opened.get_by_label("情報が古い").check()
    opened.get_by_label("ひとこと").fill("去年の話です")
    opened.get_by_role("button", name="評価を送る").click()
    expect(opened.locator(".feedback")).to_contain_text("デジタル政策課 電話")
    assert [vote[1:] for vote in service.votes] == [("down", ["情報が古い"], "去年の話です")]


def test_a_suggestion_is_the_next_question_of_the_same_conversation(opened: Page, service: Prepared) -> None:
    """Pressing a suggestion asks it; what was being typed stays."""
    service.changes = {"suggestions": ("推進体制は",)}
    ask(opened, "期間は")
    opened.get_by_label("質問", exact=True).fill("書きかけ")
    opened.get_by_role("button", name="推進体制は").click()
    expect(opened.locator(".turn")).to_have_count(2)
    first, second = service.asked
    assert (first.conversation_id, second.question) == (None, "推進体制は")
    assert second.conversation_id is not None
    expect(opened.get_by_label("質問", exact=True)).to_have_value("書きかけ")


def test_an_unclear_question_is_answered_by_choices(opened: Page, service: Prepared) -> None:
    """Each reading of the question is a button."""
    service.changes = {
        "status": Status.CLARIFY,
        "answer": "どちらの計画ですか。",
        "citations": (),
        "suggestions": ("計画1の期間", "計画2.0の期間"),
    }
    ask(opened, "期間は")
    assert "あてはまるものを選んでください" in opened.inner_text(".answer")
    assert opened.locator(".answer button").all_inner_texts() == ["計画1の期間", "計画2.0の期間"]


def test_what_is_not_found_says_what_to_do_next(page: Page, server: str) -> None:
    """An unanswered question names no source and shows the way on."""
    visit(page, server)
    ask(page, "体育館の休館日はいつですか")
    assert re.search("(?:お尋ね|お問い合わせ)ください", page.inner_text(".answer"))
    assert page.locator(".source").count() == 0


def test_a_new_question_begins_anew(opened: Page, service: Prepared) -> None:
    """新しい質問 clears the page and leaves the conversation."""
    ask(opened, "期間は")
    opened.get_by_role("button", name="新しい質問").click()
    expect(opened.locator(".welcome")).to_be_visible()
    expect(opened.locator(".turn")).to_have_count(0)
    expect(opened.get_by_label("質問", exact=True)).to_be_focused()
    ask(opened, "体制は")
    assert [question.conversation_id for question in service.asked] == [None, None]


def test_a_slow_answer_shows_that_it_is_being_worked_on(opened: Page, service: Prepared) -> None:
    """While the answer is on its way, the question is shown and something is said; then only the answer is."""
    service.go.clear()
    opened.get_by_label("質問", exact=True).fill("期間は")
    opened.keyboard.press("Enter")
    expect(opened.locator(".stage")).to_have_text("調べています…")
    expect(opened.locator(".asked")).to_contain_text("期間は")
    service.go.set()
    expect(opened.locator(".source")).to_have_count(1)
    expect(opened.locator(".stage")).to_have_count(0)


def test_a_question_that_fails_late_comes_back_into_the_box(opened: Page, service: Prepared) -> None:
    """What had already gone from the box is there again, and nothing stays of the answer that did not come."""
    service.go.clear()
    box = opened.get_by_label("質問", exact=True)
    box.fill("期間は")
    box.press("Enter")
    expect(opened.locator(".stage")).to_have_count(1)
    expect(box).to_have_value("")
    service.error = RuntimeError()
    service.go.set()
    expect(box).to_have_value("期間は")
    expect(opened.locator(".turn")).to_have_count(0)


def test_a_screen_reader_hears_the_finished_answer_once(opened: Page) -> None:
    """The answer is put once into a live region, and stands in no other."""
    opened.evaluate("""() => {
        window.heard = [];
        const region = document.querySelector('#spoken [role=status]');
        new MutationObserver(() => region.textContent && window.heard.push(region.textContent)).observe(
            region, {childList: true, characterData: true, subtree: true});
    }""")
    ask(opened, "期間は")
    expect(opened.locator("#spoken")).to_contain_text("期間は令和8(2026)年度からです")
    assert len(opened.evaluate("window.heard")) == 1
    assert opened.locator("[aria-live] .answer, [role=log] .answer, [role=status] .answer").count() == 0


def unfold(page: Page) -> None:
    for summary in page.locator(".answer summary").all():
        summary.click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(browser: Browser, server: str, scheme: str) -> None:
    """Start, answered, unfolded, unanswered and refused: no violation of any rule of axe-core."""
    context = browser.new_context(locale="ja-JP", color_scheme="dark" if scheme == "dark" else "light")
    page = visit(context.new_page(), server)
    states: list[tuple[str, Callable[[], None]]] = [
        ("start", lambda: None),
        ("answered", lambda: ask(page, "DX会議資料のプランの期間はいつからいつまでですか")),
        ("unfolded", lambda: unfold(page)),
        ("unanswered", lambda: ask(page, "体育館の休館日はいつですか")),
        ("refused", lambda: page.get_by_role("button", name="送る", exact=True).click()),
    ]
    for state, reach in states:
        reach()
        found = Axe().run(page).response["violations"]
        assert [(state, one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    context.close()


def test_a_phone_needs_no_sideways_scrolling(browser: Browser, server: str) -> None:
    """At 390 pixels everything fits, and the box for the question stays in sight."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = visit(context.new_page(), server)
    ask(page, "金沢市デジタル戦略のKPIの達成状況")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.get_by_role("button", name="送る", exact=True)).to_be_in_viewport()
    context.close()
