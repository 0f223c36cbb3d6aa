"""Passages are linked to the articles, tables and notes that they name, and to the rules that change them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.kinds.references.compile import find_amendments, find_references
from ingest.documents import Document, Passage
from ingest.passages.document_reading import read_document

FEE = """第5条　施設を使用する者は、別表第1に定める使用料を納めなければならない。

別表第1（第5条関係）

| 室 | 使用料 |
|---|---|
| 音楽室 | 700円 |
"""
OTHER_TOWN = "第6条　市外の者の使用料は、{place}の1.5倍とする。"


AMENDED = """（額）
第3条　額は、3万円とする。

（期限）
第4条　期限は、60日とする。

別表（第3条関係）

| 区分 | 額 |
|---|---|
| 一般 | 700円 |
"""


def read_passages(tmp_path: Path, text: str) -> Sequence[Passage]:
    file = tmp_path / "hoshino.md"
    file.write_text(f"# 星野町文化会館条例\n\n{text}", "utf-8")
    return read_document(file, Document("hoshino", "星野町文化会館条例", "hoshino.md")).passages


def references_of(tmp_path: Path, text: str) -> set[tuple[str, str, str]]:
    """Return beginnings of each referring passage and of its target, and the mention between them."""
    passages = read_passages(tmp_path, text)
    texts = {passage.id: passage.text for passage in passages}
    return {
        (texts[passage_id][:6], one.mention, texts[one.quote.passage_id][one.quote.start : one.quote.end][:8])
        for passage_id, references in find_references(passages).items()
        for one in references
    }


@pytest.mark.parametrize("place", ["別表第1に定める額", "前条の使用料", "第5条第1項の使用料"])
def test_a_rule_that_names_a_table_or_its_article_changes_its_rows(tmp_path: Path, place: str) -> None:
    article, table = FEE.split("\n\n", 1)
    text = f"{article}\n\n{OTHER_TOWN.format(place=place)}\n\n{table}"
    assert ("室: 音楽室", "", "市外の者の使用料") in references_of(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"{FEE}\n備考 営利目的の使用は、この表の額の3倍とする。",
            ("室: 音楽室", "", "備考 営利目的の"),
            id="remark under the table",
        ),
        pytest.param(
            "| 室 | 使用料 |\n|---|---|\n| 茶室 | 800円 |\n\n備考\n1 茶道具を含む。\n2 夜間は、2割増しとする。",
            ("室: 茶室\n", "", "2 夜間は、2割"),
            id="remark that names no table",
        ),
        pytest.param(
            "## 料金\n| 室 | 料金 |\n|---|---|\n| 茶室 | 800円 |\n\n## 減免\n子ども会は、上の表の料金を半額とします。",
            ("室: 茶室\n", "", "子ども会は、上の"),
            id="table above",
        ),
        pytest.param(
            "第2条　使用料は、500円とする。\n2　町外の者については、前項の使用料の2倍とする。",
            ("使用料は、5", "", "2\u3000町外の者につ"),
            id="next paragraph",
        ),
        pytest.param(
            "第2条　使用料は、500円とする。\n\n第3条　前条の規定にかかわらず、災害のときは、使用料を徴収しない。",
            ("使用料は、5", "", "前条の規定にかか"),
            id="notwithstanding",
        ),
        pytest.param(
            "第2条　休館日は、第7条に定めるときを除き、月曜日とする。\n\n第7条　年末年始は、別に定める。",
            ("休館日は、第", "第7条", "年末年始は、別に"),
            id="article named",
        ),
        pytest.param(
            "| 室 | 使用料 |\n|---|---|\n| 和室 | 第3条による |\n\n第3条　和室は、無料とする。",
            ("室: 和室\n", "第3条", "和室は、無料とす"),
            id="article named in a cell",
        ),
        pytest.param(
            "（管理者）\n第2条 管理者は、課長とする。\n\n（休館）\n第4条 第2条の管理者が定める。",
            ("第2条の管理", "第2条", "管理者は、課長と"),
            id="article under the caption of an office",
        ),
        pytest.param(FEE, ("施設を使用す", "別表第1", "室: 音楽室\n使"), id="table named"),
    ],
)
def test_what_a_passage_names_or_what_changes_it_is_its_reference(
    tmp_path: Path, text: str, expected: tuple[str, str, str]
) -> None:
    assert expected in references_of(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "第2条　星空法（令和2年法律第9号）第3条及び第4条の例による。\n\n第3条　委任する。\n\n第4条　雑則。",
            id="provisions of a law",
        ),
        pytest.param("第2条　同法第3条の例による。\n\n第3条　委任する。", id="provision of a law named before"),
        pytest.param("第2条　第9条に定める。\n\n第3条　委任する。", id="provision that is not there"),
        pytest.param(
            "第2条　500円とする。\n\n附　則\n\n第1条　第2条の規定にかかわらず、令和3年までは半額とする。",
            id="supplementary provision",
        ),
    ],
)
def test_what_is_of_another_document_or_time_is_no_reference(tmp_path: Path, text: str) -> None:
    assert not references_of(tmp_path, text)


@pytest.mark.parametrize(
    ("amending", "expected"),
    [
        pytest.param(
            "この条例を次のように改正する。\n第3条中「3万円」を「5万円」に改める。\n第4条を次のように改める。"
            "\n2　期限は、90日とする。",
            {
                ("額は、3", "第3条中「3万円」を「5万円」に改める。"),
                ("期限は、", "第4条を次のように改める。\n2　期限は、90日とする。"),
            },
            id="sentences with their new words",
        ),
        pytest.param(
            "別表中「700円」を「900円」に改める。",
            {("区分: ", "別表中「700円」を「900円」に改める。")},
            id="rows of a table",
        ),
        pytest.param(
            "| 改正後 | 改正前 |\n|---|---|\n| 第4条　90日とする。 | 第4条　60日とする。 |",
            {("期限は、", "改正後: 第4条　90日とする。\n改正前: 第4条　60日とする。")},
            id="a row of a comparison",
        ),
        pytest.param(
            "この条例は、廃止する。",
            {(text, "この条例は、廃止する。") for text in ("額は、3", "期限は、", "区分: ")},
            id="a repeal, of all",
        ),
    ],
)
def test_an_amending_sentence_belongs_to_the_provisions_that_it_names(
    tmp_path: Path, amending: str, expected: set[tuple[str, str]]
) -> None:
    amended, new = read_passages(tmp_path, AMENDED), read_passages(tmp_path, amending)
    texts = {passage.id: passage.text for passage in new}
    found = {
        (passage.text[:4], texts[quote.passage_id][quote.start : quote.end])
        for passage, quote in find_amendments(amended, new)
    }
    assert found == expected


def test_a_provision_is_linked_to_few_of_the_sentences_that_name_it(tmp_path: Path) -> None:
    rows = "".join(f"| 区分{n} | {n}円 |\n" for n in range(200))
    amended = read_passages(tmp_path, f"別表（第3条関係）\n\n| 区分 | 額 |\n|---|---|\n{rows}")
    new = read_passages(tmp_path, "\n".join(f"別表中「{n}円」を「9円」に改める。" for n in range(200)))
    assert len(find_amendments(amended, new)) == 200 * 24
