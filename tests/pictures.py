"""The pictures of the documentation, and the office at work that they show."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, ViewportSize, expect

from bot.answering.state import Question
from bot.running.auth.person import Role
from bot.running.service.service import Service, open_service
from eval.runs.run_execution import execute_run, plan_run
from eval.runs.run_plan import RunOptions
from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.channels.pages.citizen import visiting
from tests.bot.channels.pages.citizen.visiting import PHONE, ready, speak
from tests.bot.desk.pages.console import look_up
from tests.bot.server_thread import served
from tests.conftest import ROOT

DESKTOP = ViewportSize(width=1280, height=860)
CONTACT = "デジタル行政戦略課 電話 076-000-0000"
NEWEST = "dx-action-plan-2.0"
CASES = ROOT / "eval" / "cases" / "facts.jsonl"
# Enough to see what the views show; all take minutes.
MOST_CASES = 20
BEFORE, AFTER = "plan-1", "plan-2"
"""The runs by name: without the newest plan, and with it."""
UNANSWERED = (
    "市民プールの休館日はいつですか",
    "プールが休みの日を教えてください",
    "市民プールの休館日は?",
    "スマートフォン講座の申込みの締め切りはいつですか",
)
DISLIKED = "電子申請講座は何人が参加しましたか"


@contextmanager
def office(data: Path) -> Iterator[str]:
    settings = Settings(_env_file=None, data=data, corpus=ROOT / "corpus")
    cases = data / "cases" / "office.jsonl"
    cases.parent.mkdir(parents=True)
    cases.write_text("\n".join(CASES.read_text("utf-8").splitlines()[:MOST_CASES]), "utf-8")
    _measure(_without_newest(data.with_name("before"), settings.corpus), cases, data / "eval" / BEFORE)
    build(settings, [settings.corpus])
    _measure(settings, cases, data / "eval" / AFTER)
    with open_service(settings) as service, served(service, data=data, contact=CONTACT) as url:
        _ask(service)
        yield url


def _without_newest(data: Path, corpus: Path) -> Settings:
    documents = data / "documents"
    shutil.copytree(corpus, documents)
    manifest = documents / "manifest.toml"
    entries = re.split(r"(?m)^(?=\[\[)", manifest.read_text("utf-8"))
    manifest.write_text("".join(one for one in entries if f'id = "{NEWEST}"' not in one), "utf-8")
    (documents / f"{NEWEST}.md").unlink()
    settings = Settings(_env_file=None, data=data, corpus=documents)
    build(settings, [documents])
    return settings


def _measure(settings: Settings, cases: Path, out: Path) -> None:
    options = RunOptions(cases=(cases,), data=settings.data, out=out)
    execute_run(plan_run(options, settings))


def _ask(service: Service) -> None:
    for question in UNANSWERED:
        service.ask(Question(question=question))
    answer = service.ask(Question(question=DISLIKED))
    service.feedback(answer.answer_id, "down", comment="令和6年度のことが知りたい")


class Picture(NamedTuple):
    """A file of the documentation, the screen in CSS pixels, and what leads from the page at `at` to what it shows.

    `by` is the role of who has signed in, None for a citizen.
    """

    file: str
    screen: ViewportSize
    reach: Callable[[Page], None]
    dark: bool = False
    at: str = "/"
    by: Role | None = None


def ask(question: str, speech: str = "") -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        ready(page)
        if speech:
            speak(page, speech)
        visiting.ask(page, question)

    return reach


def source_opened(page: Page) -> None:
    ask(PHONE_QUESTION)(page)
    page.locator(".chip").first.click()
    expect(page.locator(".source").first).to_be_visible()


def looked_up(page: Page) -> None:
    expect(page.locator("#question")).to_be_focused()
    look_up(page, "DXアクションプランの期間は?")


def previewed(page: Page) -> None:
    expect(page.locator("#question")).to_be_focused()
    page.get_by_role("link", name="文書").click()
    page.set_input_files("#file", ROOT / "tests" / "bot" / "documents" / "kankyo-plan-3.0.md")
    expect(page.locator("#publish")).to_be_visible()
    page.get_by_label("対象の期間の初日").fill("2026-04-01")


def opened(appears: str, shown: str = "", block: str = "start") -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        expect(page.locator(appears).first).to_be_visible()
        expect(page.get_by_role("button", name="サインアウト")).to_be_visible()
        if shown:
            page.locator(shown).evaluate("(element, block) => element.scrollIntoView({ block })", block)

    return reach


def answer_previewed(page: Page) -> None:
    page.get_by_role("link", name="に答える").first.click()
    page.get_by_role("textbox", name="回答", exact=True).fill("情報政策課の窓口でご案内します。")
    page.get_by_role("textbox", name="課", exact=True).fill("情報政策課")
    page.get_by_role("button", name="確かめる").click()
    expect(page.get_by_role("heading", name="公開する前に")).to_be_visible()


PHONE_QUESTION = "高齢者向けの電子申請講座は何人が参加しましたか"
PERIOD = "DXアクションプラン2.0の期間は"
COMPARED = "前のプランと今のプランの期間の違いは?"
TAB = "/workbench/?tab="
PICTURES = (
    Picture("chat.webp", DESKTOP, ask(COMPARED)),
    Picture("chat-phone.webp", PHONE, ask(PHONE_QUESTION)),
    Picture("citizen-start.webp", DESKTOP, ready),
    Picture("citizen-source-phone.webp", PHONE, source_opened),
    Picture("citizen-easy-phone.webp", PHONE, ask(PERIOD, "やさしい日本語")),
    Picture("citizen-english.webp", DESKTOP, ask("What is the period of the DX Action Plan 2.0?", "English")),
    Picture("citizen-not-found-phone.webp", PHONE, ask("明日の天気は")),
    Picture("staff.webp", DESKTOP, looked_up, at="/staff/", by="editor"),
    Picture("staff-document.webp", DESKTOP, previewed, at="/staff/", by="editor"),
    Picture(
        "workbench.webp",
        DESKTOP,
        opened("#judged .said"),
        at=f"{TAB}marking&subject=run/{BEFORE}&other={AFTER}",
        by="tester",
    ),
    Picture(
        "workbench-answer.webp",
        DESKTOP,
        opened("#case .said", "#case"),
        at=f"{TAB}cases&run={AFTER}&case=fact-why-2.0",
        by="tester",
    ),
    Picture(
        "workbench-compare.webp",
        DESKTOP,
        opened("#changes [role=gridcell]", "#changes", "end"),
        dark=True,
        at=f"{TAB}comparison&before={BEFORE}&after={AFTER}",
        by="tester",
    ),
    Picture("staff-answer.webp", DESKTOP, answer_previewed, at="/staff/queue", by="editor"),
)
