"""An office at work: its documents measured before and after the newest plan came, and questions that arrived."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.service import Service, open_service
from bot.state import Question
from eval.runs.run_execution import execute_run, plan_run
from eval.runs.run_plan import RunOptions
from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.server_thread import served
from tests.conftest import ROOT

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
    """Yield the address of the pages, all that they show kept in `data`."""
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
    """Index the corpus without its newest plan."""
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
    """Ask a question without an answer, and report one answer as unhelpful."""
    for question in UNANSWERED:
        service.ask(Question(question=question))
    answer = service.ask(Question(question=DISLIKED))
    service.feedback(answer.answer_id, "down", comment="令和6年度のことが知りたい")
