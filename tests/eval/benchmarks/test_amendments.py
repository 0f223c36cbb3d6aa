"""`eval amendments` over amending texts in many forms of drafting (`tests/documents/amendments.toml`)."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from eval.benchmarks.amendments import score_amendments, score_case
from eval.errors import CaseFileError
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
def test_provisions_are_as_a_person_consolidates_them(name: str, tmp_path: Path) -> None:
    """Each form of drafting is applied rightly, or declined with a reason."""
    case = CASES[name]
    row = score_case(write_case(tmp_path / name, case))
    assert row["verdict"] == ("right" if case["applicable"] else "declined"), row
    assert case.get("declined", "") in "".join(one["reason"] for one in row["declined"])


def test_no_amendment_is_read_from_a_folder_without_cases(tmp_path: Path) -> None:
    """A folder without cases is an error that names it."""
    with pytest.raises(CaseFileError, match=r"expected\.json"):
        list(score_amendments(tmp_path))
