import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from eval.dataset.case import Case, load_cases
from eval.dataset.case_labels import KIND_DESCRIPTIONS
from eval.dataset.matching import contains_words
from eval.dataset.sets import CASES, UNREAD_SETS, project_sets
from eval.errors import SetFileError
from eval.metrics.run_metrics import METRICS
from eval.runs.run_plan import RunOptions, choose_sets
from ingest.configuration.settings import Settings
from ingest.metadata.manifest import read_corpus
from tests.eval.eval_command import ROOT
from tests.eval.examples import write_lines


@pytest.mark.parametrize("name", UNREAD_SETS)
def test_an_unread_set_runs_only_by_name(name: str) -> None:
    assert name not in {one.name for one in project_sets()}
    (unread,) = project_sets([name])
    if not unread.is_available:
        pytest.skip("the public sets are not beside this checkout (../shared/data)")
    cases = unread.read_cases()
    known = {entry.document.id for entry in read_corpus(*unread.corpora).entries}
    assert len(cases) > 100
    assert {cite.split("#")[0] for case in cases for cite in case.cite} <= known


def chosen(**options: Any) -> tuple[list[str], list[str]]:
    sets, absent = choose_sets(RunOptions(**options), Settings(_env_file=None))
    return [one.name for one in sets], [one.name for one in absent]


def test_a_set_without_its_documents_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.dataset.sets.ROOT", tmp_path)
    with pytest.raises(SetFileError, match="評価できる質問集がありません"):
        chosen(sets=("minato",))
    shutil.copytree(ROOT / "tests" / "documents" / "minato", tmp_path / "tests" / "documents" / "minato")
    assert chosen(sets=("minato", "hibarino")) == (["minato"], ["hibarino"])
    assert "質問集「hibarino」は飛ばします" in capsys.readouterr().err


FILES = sorted(
    {file for one in project_sets() if one.in_our_format for file in one.files},
    key=lambda file: (len(file.parts), file),
)
BY_FILE = {file.relative_to(CASES).as_posix(): load_cases([file]) for file in FILES}
ALL = [case for cases in BY_FILE.values() for case in cases]


GOOD = {
    "id": "a",
    "kind": "fact",
    "turns": ["いつまで?"],
    "must": [["4か年"]],
    "cite": ["plan#期間"],
    "behave": "answer",
}


def test_a_case_is_loaded_with_all_its_fields(tmp_path: Path) -> None:
    output = {"must_not": ["3か年"], "as_of": "2024-06-01", "style": "easy", "audience": "staff"}
    origin = {"tags": ["期間"], "priority": 1, "provenance": "from-feedback"}
    given = GOOD | output | origin
    full, short = load_cases([write_lines(tmp_path / "cases.jsonl", given, "", GOOD | {"id": "b"}, " ")])
    assert json.loads(full.model_dump_json(exclude_defaults=True)) == given
    assert (short.audience, short.tags, short.priority, short.provenance) == ("citizen", (), 2, "written")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": "b",', "JSON として読めません"),
        ("[1]", "形が違います"),
        ({k: v for k, v in GOOD.items() if k != "turns"}, "発言（turns）がありません"),
        (GOOD | {"turns": []}, "発言（turns）が空です"),
        (GOOD | {"must": [[]]}, "必要な言葉（must） 0 が空です"),
        (GOOD | {"must": ["4か年"]}, "必要な言葉（must） 0 は配列にしてください"),
        (GOOD | {"behave": "refuse"}, "ふるまい（behave）の値は決められた言葉"),
        (GOOD | {"musts": []}, "musts という項目は知りません"),
        (GOOD | {"cite": ["期間"]}, "出典（cite） 0 は「文書ID#節」"),
        (GOOD | {"as_of": "2024-13-01"}, "いつの時点か（as_of）は YYYY-MM-DD"),
        (GOOD | {"priority": 4}, "優先度（priority）の値は決められた言葉"),
        (GOOD | {"provenance": "somewhere"}, "どこから来たか（provenance）の値は決められた言葉"),
        (GOOD | {"tags": "期間"}, "タグ（tags）は配列にしてください"),
        (GOOD | {"must": []}, "必要な言葉（must）と出典（cite）が要ります"),
        (
            GOOD | {"behave": "abstain"},
            "ふるまい（behave）が「答えない」の問いには、必要な言葉（must）と出典（cite）は書けません",
        ),
    ],
)
def test_the_error_for_an_invalid_case_names_file_and_line(
    tmp_path: Path, line: dict[str, Any] | str, says: str
) -> None:
    file = write_lines(tmp_path / "cases.jsonl", GOOD, line)
    with pytest.raises(SetFileError) as error:
        load_cases([file])
    assert str(error.value).startswith(f"{file}:2: ")
    assert says in str(error.value)


def table(heading: str) -> list[str]:
    section = re.split(r"^## ", (CASES / "DATA_CARD.md").read_text("utf-8"), flags=re.MULTILINE)
    (text,) = [part for part in section if part.startswith(f"{heading}\n")]
    return [line for line in text.splitlines() if line.startswith("| ")][1:]


def row(name: str, *values: int) -> str:
    return f"| {name} | {' | '.join(map(str, values))} |"


def sizes(name: str, cases: Iterable[Case]) -> str:
    own = list(cases)
    behave = Counter(case.behave for case in own)
    conversations = sum(len(case.turns) > 1 for case in own)
    dated = sum(case.as_of is not None for case in own)
    first = sum(case.priority == 1 for case in own)
    return row(name, len(own), behave["answer"], behave["abstain"], behave["clarify"], conversations, dated, first)


def test_the_data_card_has_the_size_of_each_file() -> None:
    output = [sizes(f"`{name}`", cases) for name, cases in BY_FILE.items()]
    assert table("What is in it") == [*output, sizes("all", ALL)]


def test_the_readme_describes_every_field_kind_set_and_metric() -> None:
    text = (CASES / "README.ja.md").read_text("utf-8")
    names = [
        *Case.model_fields,
        *KIND_DESCRIPTIONS,
        *(one.name for one in project_sets()),
        *(metric.name for metric in METRICS),
    ]
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("参加者は1655人です。", "1,655人"),
        ("参加者は1,655人です。", "1655人"),
        ("参加者は１，６５５人です。", "1,655人"),
        ("達成状況は 95 % です。", "95%"),
        ("期間は令和8(2026)年度からです。", "2026年度"),
        ("期間は2026年度からです。", "令和8年度"),
        ("期間は2026(令和8)年度からです。", "令和8年度"),
        ("令和8年(2026年)1月に策定しました。", "2026年1月"),
        ("R5.1月は50%削減です。", "令和5年1月"),
        ("平成31年2月に策定しました。", "2019年2月"),
        ("令和4年度末までの予定です。", "2022年度末"),
        ("期間は2026〜2029年度です。", "2026~2029年度"),
        ("ﾃﾚﾜｰｸは8,405回です。", "テレワーク"),
        ("40人 92人", "92人"),
        ("プラン2.0\n\n令和8年1月策定", "2026年1月"),
    ],
)
def test_a_fact_matches_in_any_notation(answer: str, words: str) -> None:
    assert contains_words(answer, words)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("140人です。", "40人"),
        ("1,655人です。", "655人"),
        ("12,300件増です。", "2,300件"),
        ("0.5%です。", "5%"),
        ("2026年度です。", "26"),
        ("2025年度です。", "令和8年度"),
        ("2026年10月です。", "2026年1月"),
        ("利用回数は8,405回 65課です。", "840565課"),
        ("", "95%"),
        ("参加者は140人です。", "４０人"),
        ("全部で408件です。", "全部で４０"),
    ],
)
def test_part_of_a_figure_or_another_date_does_not_match(answer: str, words: str) -> None:
    assert not contains_words(answer, words)
