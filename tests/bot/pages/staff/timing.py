"""Response time on the console: `python -m tests.bot.pages.staff.timing` over `corpus/`, in a browser."""

import json
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from bot.service import open_service
from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.pages.staff.console import console, opened
from tests.conftest import CHROMIUM_FLAGS, ROOT
from tests.programs import CHROMIUM

SHOWN = ".panes:not([data-waiting]) .said"
# Pressed and seen in the browser itself: from the Enter to the frame in which the new answer stands.
PRESS_AND_WAIT = """(question) => new Promise((done) => {
    const box = document.getElementById('question');
    box.value = question;
    const begun = performance.now();
    const look = () => {
        const shown = document.querySelector('.panes:not([data-waiting]) #asked');
        if (shown?.textContent === `質問：${question}`) requestAnimationFrame(() => done(performance.now() - begun));
        else requestAnimationFrame(look);
    };
    box.form.requestSubmit();
    look();
})"""
QUESTIONS = 30


def measured(page: Page, questions: list[str]) -> list[float]:
    """Return the milliseconds from Enter to the shown answer, one for each question."""
    return [page.evaluate(PRESS_AND_WAIT, question) for question in questions]


def main() -> None:
    """Print p50 and p95 over questions of the regression set."""
    files = sorted((ROOT / "eval" / "cases").glob("*.jsonl"))
    cases = (json.loads(line) for file in files for line in file.open("rb"))
    asked = (case["turns"][0] for case in cases if case.get("behave", "answer") == "answer" and len(case["turns"]) == 1)
    questions = list(dict.fromkeys(asked))[:QUESTIONS]
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings(_env_file=None, data=Path(folder), corpus=ROOT / "corpus")
        build(settings, [settings.corpus])
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
        with open_service(settings) as service, console(service, settings) as url:
            page = opened(browser, url, settings.data)
            measured(page, ["計画期間は?", "基本理念は?"])
            took = sorted(measured(page, questions))
        browser.close()
    p50, p95 = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    sys.stdout.write(f"n={len(took)} p50={p50:.0f} ms p95={p95:.0f} ms min={took[0]:.0f} ms max={took[-1]:.0f} ms\n")


if __name__ == "__main__":
    main()
