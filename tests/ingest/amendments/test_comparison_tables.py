"""A comparison table of provisions before and after becomes operations."""

import pytest

from ingest.amendments.comparison_tables import is_comparison, read_comparison
from tests.ingest.amendments.invented_ordinance import lines_of


def operations_of(head: str, *rows: str) -> list[tuple[str, str, str]]:
    """Return action, place and new text of each operation of a table."""
    lines = lines_of("\n".join([head, "|---|---|", *rows]))
    return [
        (
            operation.action.value,
            operation.place.text,
            operation.new or "".join(p.content for p in operation.provisions),
        )
        for operation in read_comparison(lines)
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            "| 第3条　7冊までとする。 | 第3条　5冊までとする。 |",
            [("replace_text", "第3条第1項", "7冊までとする。")],
            id="text changed",
        ),
        pytest.param("| 第3条（略） | 第3条（略） |", [], id="omitted"),
        pytest.param("| 第4条　委任する。 | （新設） |", [("insert", "", "第4条\u3000委任する。")], id="added"),
        pytest.param("| （削る） | 第4条　委任する。 |", [("delete", "第4条", "")], id="deleted"),
        pytest.param(
            "| 第5条　必要な事項は、規則で定めるものとする。 | 第4条　必要な事項は、規則で定める。 |",
            [("delete", "第4条", ""), ("insert", "", "第5条\u3000必要な事項は、規則で定めるものとする。")],
            id="renumbered and changed",
        ),
        pytest.param(
            "| 第5条　必要な事項は、規則で定める。 | 第4条　必要な事項は、規則で定める。 |",
            [("renumber", "第4条", "")],
            id="renumbered",
        ),
        pytest.param(
            "| 第3条第2項　21日以内とする。 | 第3条第2項　14日以内とする。 |",
            [("replace_text", "第3条第2項", "21日以内とする。")],
            id="named by reference",
        ),
    ],
)
def test_a_row_becomes_operations(row: str, expected: list[tuple[str, str, str]]) -> None:
    assert operations_of("| 改正後 | 改正前 |", row) == expected


@pytest.mark.parametrize(
    ("head", "is_read"),
    [
        pytest.param("| 改正後 | 改正前 |", True, id="after and before"),
        pytest.param("| 現行 | 改正案 |", True, id="present and draft"),
        pytest.param("| 旧 | 新 |", True, id="old and new"),
        pytest.param("| 室 | 使用料 |", False, id="other table"),
    ],
)
def test_a_comparison_is_known_by_its_columns(head: str, *, is_read: bool) -> None:
    assert is_comparison(lines_of(f"{head}\n|---|---|\n| 第1条　置く。 | 第1条　設ける。 |")[1]) is is_read


def test_columns_may_be_in_either_order() -> None:
    old, new = "第3条　5冊までとする。", "第3条　7冊までとする。"
    before_first = operations_of("| 改正前 | 改正後 |", f"| {old} | {new} |")
    assert before_first == operations_of("| 改正後 | 改正前 |", f"| {new} | {old} |")
