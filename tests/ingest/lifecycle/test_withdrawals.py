import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from ingest.__main__ import main
from ingest.build.build import build
from ingest.configuration.audit import Action, audit_file, read_events, record_event
from ingest.configuration.settings import Settings
from ingest.documents import Document, Period
from ingest.errors import IngestError, StorageError
from ingest.index.generation import load_documents, load_generation
from ingest.lifecycle.library import add_documents, remove_documents
from ingest.metadata.document_states import (
    ending_notices,
    read_withdrawals,
    withdraw,
)
from ingest.metadata.document_table import TABLE, table_stamp
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = make_settings(tmp_path)
    build(settings, [make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)], encoder=LetterEncoder())
    return settings


@pytest.fixture
def run(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        return main([*arguments, "--data", str(settings.data)]), *capsys.readouterr()

    return run_command


def test_withdrawing_takes_effect_without_a_build(settings: Settings, run: Run) -> None:
    before = (settings.data / "current").read_text("utf-8")
    assert run("withdraw", "plan", "--reason", "数字の誤り", "--by", "安奈")[0] == 0
    assert (settings.data / "current").read_text("utf-8") == before
    listed = {one["id"]: one["withdrawn"] for one in json.loads(run("list", "--json")[1])}
    assert listed["plan"]["reason"] == "数字の誤り"
    assert listed["plan"]["by"] == "安奈"
    assert listed["report"] is None
    assert "取り下げ中" in run("list")[1]
    (act,) = json.loads(run("audit", "--json")[1])
    assert act["by"] == "安奈"
    assert act["action"] == "withdraw"
    assert act["documents"] == "plan"
    assert act["detail"] == "数字の誤り"


def test_the_audit_log_describes_every_kind_of_event(settings: Settings, run: Run) -> None:
    for action in get_args(Action):
        record_event(settings, "安奈", action, (), f"詳細{action}")
    _, output, _ = run("audit")
    assert [action for action in get_args(Action) if f"詳細{action}" not in output.replace("\n", "")] == []


def test_restoring_a_document_includes_it_again(settings: Settings, run: Run) -> None:
    assert run("restore", "plan")[0] == 2
    withdraw(settings, ["plan"], "誤り", "安奈")
    seen = table_stamp(settings)
    assert run("restore", "plan", "--by", "健")[0] == 0
    assert read_withdrawals(settings) == {}
    assert table_stamp(settings) != seen
    assert [(act.by, act.action) for act in read_events(settings, "plan")] == [("安奈", "withdraw"), ("健", "restore")]
    assert list(read_events(settings, "report")) == []


@pytest.mark.parametrize(("ids", "reason"), [(["none"], "誤り"), (["plan"], " "), (["plan"], "長" * 201)])
def test_an_invalid_withdrawal_changes_nothing(settings: Settings, ids: list[str], reason: str) -> None:
    with pytest.raises(IngestError):
        withdraw(settings, ["report", *ids] if ids == ["none"] else ids, reason, "安奈")
    assert read_withdrawals(settings) == {}


def test_a_damaged_table_is_an_error(settings: Settings) -> None:
    (settings.data / TABLE).write_text('{"plan"' * 999, "utf-8")
    with pytest.raises(StorageError, match=TABLE):
        read_withdrawals(settings)
    assert (settings.data / TABLE).exists()


def test_an_incomplete_line_in_the_audit_log_is_skipped(settings: Settings) -> None:
    record_event(settings, "安奈", "restore", ["plan"])
    with audit_file(settings).open("ab") as log:
        log.write(b'{"at": "2026-')
    record_event(settings, "健", "restore", ["report"])
    assert [act.by for act in read_events(settings)] == ["安奈", "健"]


def plan(doc_id: str, end: date | None, *supersedes: str) -> Document:
    period = Period(date(2020, 4, 1), end) if end else None
    return Document(doc_id, f"計画{doc_id}", f"{doc_id}.md", period=period, supersedes=supersedes)


def test_ending_periods_are_reported_in_advance() -> None:
    documents = [
        plan("late", date(2026, 12, 1)),
        plan("soon", date(2026, 6, 30)),
        plan("over", date(2026, 3, 31)),
        plan("replaced", date(2026, 3, 31)),
        plan("new", date(2031, 3, 31), "replaced"),
        plan("open", None),
    ]
    notices = ending_notices(documents, date(2026, 6, 1), 90)
    assert notices.keys() == {"over", "soon"}
    assert notices["over"].startswith("「計画over」の期間は62日前に終わりました")
    assert notices["soon"].startswith("「計画soon」の期間はあと29日で終わります")


NEWER = PLAN.replace("4年間", "5年間")


def served(settings: Settings) -> dict[str, str]:
    store = load_documents(settings, load_generation(settings))
    return {one.id: "".join(passage.text for passage in store.all_passages(one.id)) for one in store.documents}


def test_an_added_document_replaces_that_of_the_folder(settings: Settings, tmp_path: Path) -> None:
    corpus, encoder = tmp_path / "corpus", LetterEncoder()
    (tmp_path / "new.md").write_text(NEWER, "utf-8")
    add_documents(settings, [tmp_path / "new.md"], {"id": "plan"}, by="安奈", encoder=encoder)
    assert sorted(served(settings)) == ["plan", "report"]
    assert "5年間" in served(settings)["plan"]
    (event,) = read_events(settings, "plan")
    assert event.by == "安奈"
    assert event.action == "replace"
    assert "planの文書" in event.detail
    assert (corpus / "plan.md").read_text("utf-8") == PLAN
    report = build(settings, [corpus], encoder=encoder)
    assert "5年間" in served(settings)["plan"]
    assert any("差し替えた文書を使います" in warning for warning in report.warnings)
    assert remove_documents(settings, ["plan"], encoder=encoder)[1] == ("plan",)
    assert sorted(served(settings)) == ["report"]
    add_documents(settings, [tmp_path / "new.md"], {"id": "plan"}, encoder=encoder)
    assert "5年間" in served(settings)["plan"]
    remove_documents(settings, ["plan"], encoder=encoder)
    build(settings, [corpus], encoder=encoder)
    assert "4年間" in served(settings)["plan"]
