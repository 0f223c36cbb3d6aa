"""Example cases, answers and runs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.dataset.case import Case
from eval.metrics.run_metrics import run_figures
from eval.scoring.run_record import Run, RunRow
from eval.scoring.score import AnswerFinding

CITE = "dx-kaigi-r4-4#KPI達成状況(市民サービスの向上)"


def write_lines(file: Path, *lines: Mapping[str, Any] | str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    file.write_text("".join(f"{text}\n" for text in texts), "utf-8")
    return file


def library_corpus(folder: Path) -> Path:
    folder.mkdir()
    manifest = 'file = "library.md"\nid = "library"\ntitle = "青葉市立図書館のしおり"\nissuer = "青葉市"\n'
    (folder / "manifest.toml").write_text(f"[[document]]\n{manifest}", "utf-8")
    text = "# 青葉市立図書館のしおり\n\n## 貸出の決まり\n\n図書館の本の貸出期間は15日間です。\n"
    (folder / "library.md").write_text(text, "utf-8")
    return folder


def make_case(**changes: Any) -> Case:
    fields: dict[str, Any] = {"id": "target", "kind": "table", "turns": ["目標は何人ですか?"], "behave": "answer"}
    if changes.get("behave", "answer") == "answer":
        fields |= {"must": [["1,500人"]], "cite": [CITE]}
    return Case.model_validate(fields | changes)


def make_answer(text: str = "目標値は1,500人です[1]。", status: str = "answered", cite: str = CITE) -> dict[str, Any]:
    doc_id, section = cite.split("#")
    citation = {"n": 1, "doc_id": doc_id, "section": section, "passage_id": "", "title": doc_id, "quote": ""}
    citations = [citation] if status in {"answered", "partial"} else []
    text = text if citations else text.replace("[1]", "")
    return {"answer_id": "a", "conversation_id": "c", "status": status, "answer": text, "citations": citations}


def make_row(
    case_id: str, *, passed: bool, kind: str = "table", text: str = "目標値は1,500人です[1]。", of: str = "own"
) -> RunRow:
    reason = "status は answered" if passed else "「1,500人」のどれも無い"
    return RunRow(make_case(id=case_id, kind=kind), make_answer(text), (AnswerFinding("status", passed, reason),), of)


def make_run(*rows: RunRow) -> Run:
    return Run({"format": 1, "version": "0", "command": "run", "door": "process"}, rows, run_figures(rows))
