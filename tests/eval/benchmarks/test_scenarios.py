"""`python -m eval scenarios` over two small documents."""

import json
from pathlib import Path

from tests.eval.eval_command import evaluate_here

_NOTICE = "# 水川町 入浴券のお知らせ\n\n## 入浴券の配布\n\n70歳以上の人に、入浴券を年12枚配ります。\n"
_LONG = (
    "# 水川町 会館の案内\n\n## 会議室の料金\n\n"
    + "会館はどなたでも使えます。" * 20
    + "会議室の料金は1時間450円です。\n"
)


def _folder(tmp_path: Path, *scenarios: dict[str, object]) -> Path:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "bath.md").write_text(_NOTICE, "utf-8")
    (documents / "hall.md").write_text(_LONG, "utf-8")
    file = tmp_path / "scenarios.jsonl"
    file.write_text("\n".join(json.dumps(scenario, ensure_ascii=False) for scenario in scenarios), "utf-8")
    return file


def test_each_scenario_is_asked_over_its_documents_only(tmp_path: Path) -> None:
    asked = {"as_of": "2026-11-25", "turns": ["入浴券は年に何枚もらえますか?"], "must": [["12枚"]]}
    file = _folder(
        tmp_path,
        {"id": "found", "documents": ["bath"], **asked},
        {"id": "elsewhere", "documents": ["hall"], **asked},
        {"id": "nothing", "documents": ["hall"], **asked, "must": [], "status": ["no_answer"]},
    )
    run = evaluate_here("scenarios", file, "--json", "--out", tmp_path / "out", folder=tmp_path)
    figures = json.loads(run.stdout)
    assert run.returncode == 0, run.stderr
    assert figures["right"]["value"] == 2 / 3
    assert figures["right"]["n"] == 3
    assert figures["answered_where_none"]["n"] == 1
    rows = [json.loads(line) for line in (tmp_path / "out" / "rows.jsonl").read_text("utf-8").splitlines()]
    assert {row["id"]: row["right"] for row in rows} == {"found": True, "elsewhere": False, "nothing": True}


def test_a_scenario_without_its_document_is_an_error_that_names_it(tmp_path: Path) -> None:
    file = _folder(tmp_path, {"id": "lost", "documents": ["pool"], "as_of": "2026-11-25", "turns": ["料金は?"]})
    run = evaluate_here("scenarios", file, folder=tmp_path)
    assert run.returncode == 2
    assert "pool" in run.stderr


def test_an_invalid_scenario_is_an_error_with_its_line(tmp_path: Path) -> None:
    file = _folder(tmp_path, {"id": "broken", "documents": ["bath"], "as_of": "2026-13-25", "turns": ["料金は?"]})
    run = evaluate_here("scenarios", file, folder=tmp_path)
    assert run.returncode == 2
    assert "scenarios.jsonl:1" in run.stderr
