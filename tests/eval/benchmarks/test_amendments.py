"""`eval amendments` over amending texts in many forms of drafting (`tests/documents/amendments.toml`)."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from eval.benchmarks.amendments import score_amendments, score_case
from eval.errors import SetFileError
from tests.conftest import ROOT

CASES = {
    case["name"]: case for case in tomllib.loads((ROOT / "tests/documents/amendments.toml").read_text("utf-8"))["case"]
}


def write_case(folder: Path, case: dict[str, Any]) -> Path:
    """Write a case as `eval amendments` reads it; false in a table stands for a provision that does not exist."""
    folder.mkdir(parents=True)
    (folder / "base.md").write_text(case["base"].lstrip(), "utf-8")
    for number, text in enumerate(case["amendments"], start=1):
        (folder / f"amend{number}.md").write_text(text.lstrip(), "utf-8")
    expected = {
        "as_of": case["as_of"],
        "applicable": case["applicable"],
        "provisions": {name: text or None for name, text in case.get("provisions", {}).items()},
        "unchanged": case.get("unchanged", {}),
    }
    (folder / "expected.json").write_text(json.dumps(expected), "utf-8")
    return folder


@pytest.mark.parametrize("name", CASES)
def test_each_form_of_drafting_is_applied_rightly_or_declined_with_a_reason(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    row = score_case(write_case(tmp_path / name, case))
    assert row["verdict"] == ("right" if case["applicable"] else "declined"), row
    assert case.get("declined", "") in "".join(declined["reason"] for declined in row["declined"])


def test_a_folder_without_cases_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetFileError, match=r"expected\.json"):
        list(score_amendments(tmp_path))
