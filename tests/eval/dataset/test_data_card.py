"""The data card and READMEs of the published set."""

import re
from collections import Counter
from collections.abc import Iterable

import pytest

from eval.dataset.case import Case, load_cases
from eval.dataset.case_labels import KIND_DESCRIPTIONS
from eval.dataset.sets import CASES, project_sets
from eval.metrics.run_metrics import METRICS

FILES = sorted(
    {file for one in project_sets() if one.is_in_our_format for file in one.files},
    key=lambda file: (len(file.parts), file),
)
BY_FILE = {file.relative_to(CASES).as_posix(): load_cases([file]) for file in FILES}
ALL = [case for cases in BY_FILE.values() for case in cases]
# The builders asked these over the writers' documents.
BY_BUILDERS = (
    "hibarino/followups.jsonl",
    "hibarino/time.jsonl",
    "hibarino/causes.jsonl",
    "minato/causes.jsonl",
    *(f"{town}/rows.jsonl" for town in ("ashino", "hibarino", "hiyahara", "kumoizawa", "minato", "shioba", "yukisawa")),
    *(name for name in BY_FILE if name.endswith("/breath.jsonl")),
)
BY_OTHERS = [c for file, cases in BY_FILE.items() if "/" in file and file not in BY_BUILDERS for c in cases]


def table(heading: str) -> list[str]:
    """Return the rows of the table under a heading of the data card, without its head."""
    section = re.split(r"^## ", (CASES / "DATA_CARD.md").read_text("utf-8"), flags=re.MULTILINE)
    (text,) = [part for part in section if part.startswith(f"{heading}\n")]
    return [line for line in text.splitlines() if line.startswith("| ")][1:]


def row(name: str, *values: int) -> str:
    """Return a row of the data card."""
    return f"| {name} | {' | '.join(map(str, values))} |"


def sizes(name: str, cases: Iterable[Case]) -> str:
    """Return the row of a file: how many questions, and of which sort."""
    own = list(cases)
    behave = Counter(case.behave for case in own)
    conversations = sum(len(case.turns) > 1 for case in own)
    dated = sum(case.as_of is not None for case in own)
    first = sum(case.priority == 1 for case in own)
    return row(name, len(own), behave["answer"], behave["abstain"], behave["clarify"], conversations, dated, first)


def test_the_data_card_has_the_size_of_each_file() -> None:
    output = [sizes(f"`{name}`", cases) for name, cases in BY_FILE.items()]
    assert table("What is in it") == [*output, sizes("all", ALL)]


def test_the_data_card_has_the_size_of_each_kind() -> None:
    kinds, others = (Counter(case.kind for case in cases) for cases in (ALL, BY_OTHERS))
    assert table("Kinds") == [row(f"`{kind}`", kinds[kind], others[kind]) for kind in KIND_DESCRIPTIONS if kinds[kind]]


def test_the_data_card_describes_the_other_fields() -> None:
    values = {
        "provenance": ("written", "from-staff", "from-feedback"),
        "audience": ("citizen", "staff"),
        "style": ("standard", "easy"),
        "priority": (1, 2, 3),
    }
    counted = {field: Counter(getattr(case, field) for case in ALL) for field in values}
    output = [row(f"`{f}` | `{value}`", counted[f][value]) for f, known in values.items() for value in known]
    tags = Counter(tag for case in ALL for tag in case.tags)
    assert table("Other fields") == [*output, *(row(f"`tags` | `{tag}`", n) for tag, n in sorted(tags.items()))]


def test_each_kind_has_two_to_four_cases_that_may_never_be_lost() -> None:
    first = Counter(case.kind for case in ALL if case.priority == 1)
    assert {kind: first[kind] for kind in {case.kind for case in ALL} if not 2 <= first[kind] <= 4} == {}


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_readmes_describe_every_field_kind_set_and_metric(readme: str) -> None:
    text = (CASES / readme).read_text("utf-8")
    names = [
        *Case.model_fields,
        *KIND_DESCRIPTIONS,
        *(one.name for one in project_sets()),
        *(metric.name for metric in METRICS),
    ]
    assert [name for name in names if f"`{name}`" not in text] == []
