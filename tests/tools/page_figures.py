"""`python -m tests.tools.page_figures` prints, as JSON, how fast the citizens' page is in a browser over `corpus/`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.service import open_service
from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.pages.citizen.visiting import box, until, visit, wait_for_answers
from tests.bot.server_thread import served
from tests.conftest import CHROMIUM_FLAGS, ROOT
from tests.programs import CHROMIUM

VISITS = 5
ASKS = 25
# A busy machine is measured too.
PATIENCE_MS = 60_000
# Cumulative Layout Shift, and the moment at which what was painted first can be used.
WATCH = """window.shifted = 0; window.usable = 0;
new PerformanceObserver((list) => list.getEntries().filter((one) => !one.hadRecentInput).forEach(
    (one) => window.shifted += one.value)).observe({type: 'layout-shift', buffered: true});
document.addEventListener('DOMContentLoaded', () => new MutationObserver((_, watcher) => {
    if (document.querySelector('#log .welcome') && document.querySelector('body[data-begun]')) {
        window.usable = performance.now(); watcher.disconnect(); }
}).observe(document, {childList: true, subtree: true, attributes: true}));"""
# From the key to the moment at which the answer is in the page and painted.
CLOCK = """() => { window.asked = 0; window.took = 0;
addEventListener('keydown', (event) => { if (event.key === 'Enter') window.asked = performance.now(); }, true);
let turns = 0;
new MutationObserver(() => { const now = document.querySelectorAll('.turn[data-answer]').length;
    if (now > turns) requestAnimationFrame(() => { window.took = performance.now() - window.asked; });
    turns = now; }).observe(document.getElementById('log'), {childList: true, subtree: true, attributes: true}); }"""


def main() -> None:
    """Print what was measured."""
    expect.set_options(timeout=PATIENCE_MS)
    with page_over_corpus() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
        measured = {"first_visit": first_visits(browser, url), "answer": answers(browser, url)}
    sys.stdout.write(json.dumps(measured, ensure_ascii=False, indent=1) + "\n")


@contextmanager
def page_over_corpus() -> Iterator[str]:
    """Yield the address of the pages over an index of `corpus/`."""
    with TemporaryDirectory() as data:
        settings = Settings(_env_file=None, data=Path(data), corpus=ROOT / "corpus")
        build(settings, [settings.corpus])
        with open_service(settings) as service, served(service, data=data) as url:
            yield url


def first_visits(browser: Browser, url: str) -> dict[str, Any]:
    """Return medians over visits with an empty cache: milliseconds, bytes over the wire, requests; the largest CLS."""
    visits = [first_visit(browser, url) for _ in range(VISITS + 1)][1:]  # the server's own first one is left out
    figures = {name: round(median(one[name] for one in visits), 1) for name in visits[0]}
    return {"n": VISITS, **figures, "cls": max(one["cls"] for one in visits)}


def first_visit(browser: Browser, url: str) -> dict[str, float]:
    """Return the figures of one visit."""
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    page.add_init_script(WATCH)
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")
    received: list[float] = []
    cdp.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    visit(page, url)
    until(page, "window.usable > 0")
    page.wait_for_timeout(500)
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    figures = {
        "first_paint_ms": painted,
        "interactive_ms": page.evaluate("window.usable"),
        "bytes": sum(received),
        "requests": len(received),
        "cls": page.evaluate("window.shifted"),
    }
    context.close()
    return figures


def answers(browser: Browser, url: str) -> dict[str, Any]:
    """Return the milliseconds from Enter to the painted answer, each question in a new conversation."""
    page = visit(browser.new_context(locale="ja-JP").new_page(), url)
    page.evaluate(CLOCK)
    took = [ask_timed(page, question) for question in questions()]
    cuts = quantiles(took, n=20)
    return {"n": len(took), "p50_ms": round(median(took)), "p95_ms": round(cuts[-1]), "max_ms": round(max(took))}


def ask_timed(page: Page, question: str) -> float:
    """Ask, return the milliseconds until the answer was painted, and begin anew."""
    box(page).fill(question)
    page.keyboard.press("Enter")
    wait_for_answers(page, 1)
    until(page, "window.took > 0")
    took: float = page.evaluate("() => { const took = window.took; window.took = 0; return took; }")
    page.get_by_role("button", name="この会話を終える").click()
    expect(page.locator("#log .welcome")).to_be_visible()
    return took


def questions() -> list[str]:
    """Return distinct questions of the regression set over `corpus/`, evenly spaced."""
    files = [ROOT / "eval" / "cases" / f"{name}.jsonl" for name in ("facts", "tables", "lists", "time", "unanswerable")]
    cases = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    asked = list(dict.fromkeys(case["turns"][0] for case in cases))
    return asked[:: max(1, len(asked) // ASKS)][:ASKS]


if __name__ == "__main__":
    main()
