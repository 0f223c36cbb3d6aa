"""Sets, cases and their files, the data card, and the matching of words in answers."""

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
from eval.dataset.matching import contains_words, is_same_section
from eval.dataset.sets import (
    CASES,
    COLLOQUIAL,
    UNREAD_FOLDER,
    UNREAD_SETS,
    build_unread_corpus,
    corpus_sets,
    load_towns,
    project_sets,
)
from eval.errors import SetFileError
from eval.metrics.run_metrics import METRICS
from eval.runs.run_plan import RunOptions, choose_sets
from ingest.configuration.settings import Settings
from ingest.metadata.manifest import read_corpus
from tests.eval.eval_command import ROOT
from tests.eval.examples import write_lines

SUPPORT = {"u1": {"doc": "news-04", "heading": "朝市"}, "u2": {"doc": "news-04", "heading": "花火"}}
QUESTION = {
    "id": "q1",
    "doc": "news-04",
    "kind": "fact",
    "turns": ["朝市は何時からですか"],
    "must": [["7時", "午前7時"]],
    "must_not": ["8時"],
    "support": ["u1", "u2"],
    "behave": "answer",
}


def write(folder: Path, *questions: dict[str, Any] | str) -> Path:
    (folder / "support.json").write_text(json.dumps(SUPPORT), "utf-8")
    return write_lines(folder / "questions.jsonl", *questions)


def test_any_section_of_the_expected_document_counts_as_source(tmp_path: Path) -> None:
    nothing: dict[str, Any] = QUESTION | {"doc": None, "must": [], "support": [], "behave": "abstain"}
    case, declined = load_towns([write(tmp_path, QUESTION, nothing)])
    assert (case.id, case.kind, case.turns) == ("news-04-q1", "fact", ("朝市は何時からですか",))
    assert (case.must, case.must_not, case.cite) == ((("7時", "午前7時"),), ("8時",), ("news-04#*",))
    assert (declined.id, declined.cite, declined.behave) == ("none-q1", (), "abstain")


@pytest.mark.parametrize(
    "broken", ["{", {k: v for k, v in QUESTION.items() if k != "turns"}, QUESTION | {"support": ["u9"]}]
)
def test_the_error_for_an_invalid_line_names_file_and_line(tmp_path: Path, broken: dict[str, Any] | str) -> None:
    with pytest.raises(SetFileError, match=r"questions\.jsonl:2: "):
        load_towns([write(tmp_path, QUESTION, broken)])


def shared(folder: Path) -> Path:
    support = json.loads((UNREAD_FOLDER / "support.json").read_text("utf-8"))
    articles = []
    speeches = []
    for unit in support:
        if unit[:1].isdigit():
            output = {"issue": "広報", "municipality": "岡山県青葉市", "date": "2024.06.01", "title": unit}
            articles.append({"id": unit, "body": "9時?17時に開きます。<img src=1>\n雨&amp;風でも", **output})
        else:
            output = {"role": "議員", "speaker": "山", "text": " お尋ねします。 ", "meeting": "第1回", "day": "1日目"}
            speeches.append({"id": unit, **output})
    for name, units in (("bulletins/articles", articles), ("kiryu/speeches", speeches)):
        write_lines(folder / f"{name}.jsonl", *units)
    return folder


def test_the_documents_of_the_unread_set_are_built_from_the_public_ones(tmp_path: Path) -> None:
    corpus = read_corpus(build_unread_corpus(shared(tmp_path), tmp_path / "out"))
    support = json.loads((UNREAD_FOLDER / "support.json").read_text("utf-8"))
    assert {entry.document.id for entry in corpus.entries} == {place["doc"] for place in support.values()}
    bulletins = [entry for entry in corpus.entries if entry.document.kind == "notice"]
    assert {(entry.document.issuer, entry.document.published) for entry in bulletins} == {("青葉市", "2024-06-01")}
    text = (tmp_path / "out" / bulletins[0].document.file).read_text("utf-8")
    assert "9時〜17時に開きます。雨&風でも" in text
    assert "\n## " in text
    minutes = [entry.document for entry in corpus.entries if entry.document.kind == "meeting"]
    assert {document.issuer for document in minutes} == {"桐生市"}
    assert build_unread_corpus(tmp_path / "not there", tmp_path / "out") == tmp_path / "out"


@pytest.mark.parametrize("name", UNREAD_SETS)
def test_an_unread_set_runs_only_by_name(name: str) -> None:
    assert name not in {one.name for one in project_sets()}
    (unread,) = project_sets([name])
    if not unread.is_available:
        pytest.skip("the public sets are not beside this checkout (../shared/data)")
    cases = unread.load(unread.files)
    known = {entry.document.id for entry in read_corpus(*unread.corpora).entries}
    assert len(cases) > 100
    assert {cite.split("#")[0] for case in cases for cite in case.cite} <= known


def test_the_sets_cover_all_project_documents() -> None:
    assert [one.name for one in project_sets()] == [
        "kanazawa",
        "kanazawa-asked",
        "sources",
        "sources-asked",
        "minato",
        "hibarino",
        "tsuyukusa",
        "ashino",
        "hiyahara",
        "kumoizawa",
        "shioba",
        "yukisawa",
        "towns",
    ]
    in_our_format = {file for one in project_sets() if one.is_in_our_format for file in one.files}
    other_formats = {UNREAD_FOLDER, CASES / COLLOQUIAL}
    assert in_our_format == {file for file in CASES.rglob("*.jsonl") if file.parent not in other_formats}
    assert [one.name for one in corpus_sets()] == ["kanazawa", "kanazawa-asked"]


def chosen(**options: Any) -> tuple[list[str], tuple[str, ...]]:
    sets, absent = choose_sets(RunOptions(**options), Settings(_env_file=None))
    return [one.case_set.name for one in sets], absent


def test_a_server_is_asked_the_sets_about_the_project_s_documents() -> None:
    assert chosen(url="http://nowhere") == (["kanazawa", "kanazawa-asked"], ())
    assert chosen(url="http://nowhere", sets=("minato",)) == (["minato"], ())


def test_a_set_without_its_documents_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.dataset.sets.ROOT", tmp_path)
    with pytest.raises(SetFileError, match="評価できる質問集がありません"):
        chosen(sets=("minato",))
    shutil.copytree(ROOT / "tests" / "documents" / "minato", tmp_path / "tests" / "documents" / "minato")
    assert chosen(sets=("minato", "hibarino")) == (["minato"], ("hibarino",))
    assert "質問集「hibarino」は飛ばします" in capsys.readouterr().err


FILES = sorted(
    {file for one in project_sets() if one.is_in_our_format for file in one.files},
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


def test_an_id_may_occur_once_over_all_files(tmp_path: Path) -> None:
    other = tmp_path / "other"
    with pytest.raises(SetFileError, match=r"other/cases\.jsonl:1: id「a」は2回目"):
        load_cases([write_lines(tmp_path / "cases.jsonl", GOOD), write_lines(other / "cases.jsonl", GOOD)])


def test_no_case_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetFileError, match="1つもありません"):
        load_cases([write_lines(tmp_path / "cases.jsonl", "")])


def test_the_error_for_an_unreadable_case_file_names_it(tmp_path: Path) -> None:
    shift_jis = tmp_path / "sjis.jsonl"
    shift_jis.write_bytes("質問".encode("shift_jis"))
    for file in (tmp_path / "none.jsonl", shift_jis):
        with pytest.raises(SetFileError, match=rf"{file.name}: 読めません.*UTF-8"):
            load_cases([file])


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


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("◎ 未来共創計画(2024年2月策定)", "未来共創計画（2024年2月策定）", True),
        ("1.3.　プランの期間", "1.3. プランの期間", True),
        ("1.3. プランの期間", "1.4. プランの期間", False),
        ("産業", "産業 「生産性の向上と価値の創造」", False),
    ],
)
def test_a_section_matches_its_heading_without_bullet(one: str, other: str, *, same: bool) -> None:
    assert is_same_section(one, other) is same
