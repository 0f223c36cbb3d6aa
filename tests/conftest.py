"""Fixtures of several packages: an index of `corpus/`, a running server over it, and a real browser."""

import gc
import os
import shutil
import sys
from asyncio import AbstractEventLoop, get_running_loop
from asyncio.events import _set_running_loop as drive  # what runs a loop of its own is meant to call it
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from xdist.scheduler import LoadFileScheduling

from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.programs import CHROMIUM, CHROMIUM_MISSING, require_programs, skip_without

ROOT = Path(__file__).resolve().parent.parent
# Without the background flags Chromium looks up its maker's hosts at every start.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A reader of Japanese, where a test names no other.
    "--accept-lang=ja",
    # A process less a page, a seventh of what a page costs: no test is about processes of the browser.
    "--disable-site-isolation-trials",
    # Pages of one context share their process, and with it the scripts that it has compiled.
    "--renderer-process-limit=1",
    # A page lives for a second: what its scripts would gain from optimisation takes longer.
    "--js-flags=--no-opt --no-maglev",
)
# Files whose tests need torch or sentence-transformers: to import those takes a worker longer than the tests.
WITH_TORCH = (
    "tests/bot/running/commands/test_model_get.py",
    "tests/ingest/embedding/test_encoders.py",
    "tests/lab/training/test_models.py",
    "tests/lab/training/test_trainers.py",
)
# Until a page shows what is expected: a busy machine may stand still for seconds, and who need not wait does not.
PATIENCE_MS = 90_000


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with which continuous integration asks for every test."""
    parser.addoption("--require-programs", action="store_true", help="fail, not skip, without a program")


def pytest_configure(config: pytest.Config) -> None:
    """Remove the developer's settings from this process and its children, and let pages take their time."""
    if config.getoption("--require-programs"):
        require_programs()
    for name in [name for name in os.environ if name.startswith("SHIRUBE_")]:
        del os.environ[name]
    # Hundreds of processes import the same modules: compiled once, whatever the developer's shell says.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    expect.set_options(timeout=PATIENCE_MS)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what is imported and collected out of the garbage collector's way: it stays, and is a fifth of the time.

    Afterwards it looks seldom: a test makes little that refers to itself, and what was imported late is large.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000)
        gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each reason for skipped tests once, with how many it is of."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} skipped: {reason.removeprefix('Skipped: ')}")


class Scheduling(LoadFileScheduling):
    """A file's tests run in one worker, and those of `WITH_TORCH` all in the same."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return WITH_TORCH[0] if file in WITH_TORCH else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Distribute the tests among the workers by `Scheduling`, whatever `--dist` has."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files with torch, browsers and servers among several workers (with `--no-loadscope-reorder`).

    They take longest: else the last worker would be alone with one of them.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        slow = {item.path for item in items if item.get_closest_marker("browser") or item.get_closest_marker("server")}
        tests = Counter(item.path for item in items)
        torch = {ROOT / file for file in WITH_TORCH}
        items.sort(key=lambda item: (item.path not in torch, item.path not in slow, -tests[item.path]))


def indexed_once(corpus: Path, name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder of this worker with `corpus` indexed; only the first worker builds it."""
    own = tmp_path_factory.getbasetemp()
    common = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    built = common / f"built-{name}"
    with FileLock(common / f"{name}.lock"):
        if not (built / "current").exists():
            build(Settings(_env_file=None, data=built, corpus=corpus), [corpus])
    return shutil.copytree(built, own / name)


@pytest.fixture(scope="session")
def corpus_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with `corpus/` indexed by the default encoder; tests read it, none writes it."""
    return indexed_once(ROOT / "corpus", "corpus", tmp_path_factory)


def without_records(data: Path, to: Path) -> Path:
    """Copy a data folder to `to`, but for what has been asked there; return `to`."""
    return shutil.copytree(data, to, ignore=shutil.ignore_patterns("shirube.sqlite*", "audit.jsonl*"))


@pytest.fixture(scope="module")
def data(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of `corpus_data` for the tests of one file, which may write there."""
    return without_records(corpus_data, tmp_path_factory.mktemp("module") / "data")


@pytest.fixture
def own_data(corpus_data: Path, tmp_path: Path) -> Path:
    """Return a copy of `corpus_data` for one test, which may write there."""
    return without_records(corpus_data, tmp_path / "data")


@pytest.fixture(scope="session")
def settings(corpus_data: Path) -> Settings:
    """Return the default settings over `corpus_data`, without the developer's `.env`."""
    return Settings(_env_file=None, data=corpus_data, corpus=ROOT / "corpus")


@pytest.fixture(scope="session")
def server(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a server over its own copy of `corpus_data`, ready to answer, with every door open.

    It listens in this process, which has imported before what a server needs (servers of their own:
    tests/bot/running/server/test_server.py).
    """
    from bot.running.service.service import open_service  # noqa: PLC0415 -- seconds that tests without a server need not take
    from tests.bot.server_thread import served  # noqa: PLC0415

    data = without_records(corpus_data, tmp_path_factory.mktemp("server") / "data")
    own: dict[str, Any] = {"data": data, "corpus": ROOT / "corpus", "mcp": True}
    with open_service(Settings(_env_file=None, **own)) as service, served(service, **own) as url:
        service.warm()
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[Browser, AbstractEventLoop]]:
    """Yield a headless Chromium and the loop that drives it in this thread, one for all tests of a worker.

    To start one, and what drives it, costs more than a page does.
    """
    if CHROMIUM is None:
        skip_without(CHROMIUM_MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(CHROMIUM_FLAGS))
        loop = get_running_loop()
        yield browser, loop
        drive(loop)
        browser.close()


@pytest.fixture(scope="module")
def browser(chromium: tuple[Browser, AbstractEventLoop]) -> Iterator[Browser]:
    """Yield the Chromium for a module's tests.

    Its loop counts as running in this thread for as long as they run; in other modules asyncio can be used.
    """
    browser, loop = chromium
    drive(loop)
    yield browser
    drive(None)


@pytest.fixture(autouse=True)
def _closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what a test has left open: a page goes on drawing and listening, beside all tests that follow."""
    if "browser" not in request.fixturenames:
        yield
        return
    browser: Browser = request.getfixturevalue("browser")
    yield
    for context in browser.contexts:
        if context not in PROFILES.values():
            context.close()


PROFILES: dict[str, BrowserContext] = {}
"""The profiles that a worker's tests share, by their options."""


def profile(browser: Browser, **made: Any) -> BrowserContext:
    """Return a context for `page_of`, with a page of its own that stays open, one for all tests of a worker.

    Without it the process would end with a test's page, and the next one would compile Gradio's scripts again: half of
    what a page costs. `made` are the options of Playwright's `new_context`.
    """
    options = {"locale": "ja-JP", **made}
    name = repr(sorted(options.items()))
    if name not in PROFILES:
        PROFILES[name] = browser.new_context(**options)
        PROFILES[name].set_default_timeout(PATIENCE_MS)
        PROFILES[name].new_page()
    return PROFILES[name]


@contextmanager
def as_new(profile: BrowserContext) -> Iterator[BrowserContext]:
    """Yield `profile` for one test's pages; they, and what they and the test have left there, are gone afterwards."""
    yield profile
    profile.unroute_all()
    profile.set_offline(offline=False)
    profile.clear_permissions()
    profile.clear_cookies()
    first, *pages = profile.pages
    visited = {httpx2.URL(frame.url).join("/") for page in pages for frame in page.frames}
    for page in pages:
        page.close()
    # Playwright's `set_storage_state` opens a page for that, and has all scripts fetched and compiled again.
    browser = profile.new_cdp_session(first)
    for origin in visited:
        browser.send("Storage.clearDataForOrigin", {"origin": str(origin), "storageTypes": "all"})
    browser.detach()


@contextmanager
def page_of(profile: BrowserContext) -> Iterator[Page]:
    """Yield a new page of `profile`, as `as_new` does."""
    with as_new(profile):
        yield profile.new_page()


@pytest.fixture(scope="module")
def desktop(browser: Browser) -> BrowserContext:
    """Return the profile of a reader who reads Japanese, on a desktop."""
    return profile(browser, viewport={"width": 1280, "height": 800})


@pytest.fixture
def page(desktop: BrowserContext) -> Iterator[Page]:
    """Yield a page of a desktop on which nothing has been looked at."""
    with page_of(desktop) as page:
        yield page
