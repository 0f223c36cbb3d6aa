import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.bot.channels.pages.citizen.visiting import ask, box, drawn, wait_for_answers
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser


def compose(cdp: CDPSession, text: str) -> None:
    cdp.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})


def press_enter_of_the_input_method(cdp: CDPSession) -> None:
    for kind in ("rawKeyDown", "keyUp"):
        cdp.send(
            "Input.dispatchKeyEvent",
            {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 229},
        )


def test_enter_during_conversion_does_not_send(opened: Page, service: Prepared) -> None:
    box(opened).focus()
    cdp = opened.context.new_cdp_session(opened)
    for text in ("きk", "きかん", "期間"):
        compose(cdp, text)
    press_enter_of_the_input_method(cdp)
    assert service.asked == []
    cdp.send("Input.insertText", {"text": "期間"})
    compose(cdp, "は")
    press_enter_of_the_input_method(cdp)
    cdp.send("Input.insertText", {"text": "は"})
    expect(box(opened)).to_have_value("期間は")
    expect(opened.locator(".welcome")).to_be_visible()
    drawn(opened)
    opened.keyboard.press("Enter")
    wait_for_answers(opened, 1)
    assert [question.question for question in service.asked] == ["期間は"]


def test_too_long_and_empty_questions_are_not_sent(opened: Page, service: Prepared) -> None:
    pasted = "計画の期間は何年ですか。" * 100
    box(opened).focus()
    opened.keyboard.insert_text(pasted)
    opened.keyboard.press("Enter")
    assert "あと200文字減らすと送れます" in box(opened).evaluate("(one) => one.validationMessage")
    opened.get_by_role("button", name="送る", exact=True).click()
    expect(box(opened)).to_have_value(pasted)
    expect(box(opened)).to_be_focused()
    assert service.asked == []
    box(opened).fill("  ")
    opened.keyboard.press("Enter")
    assert box(opened).evaluate("(one) => one.validationMessage") == "知りたいことを書いてから送ってください。"
    assert service.asked == []
    ask(opened, pasted[:996])
