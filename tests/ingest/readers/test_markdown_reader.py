import time
from pathlib import Path

import pytest

from ingest.readers import read_lines, read_source
from tests.ingest.readers.part_lines import read_part_lines

READ = {
    "窓口は<b>2階</b>です。": "窓口は2階です。",
    "窓口<script>steal()</script>は2階です。": "窓口は2階です。",
    '<img src="x" onerror="steal()">窓口': "窓口",
    "前<!-- 下書き -->後": "前後",
    "[申請書](https://city.example.jp/a.pdf)を出す。": "申請書（https://city.example.jp/a.pdf）を出す。",
    "[申請書](javascript:steal(1))を出す。": "申請書を出す。",
    "[申請書](<../forms/a b.pdf> '様式')を出す。": "申請書を出す。",
    "[電話](tel:0190550101)か[メール](mailto:a@b.jp)": "電話（電話番号 0190550101）かメール（メールアドレス a@b.jp）",
    "![案内図](map.png)": "案内図",
    "<https://city.example.jp/>": "https://city.example.jp/",
    "`<b>` は太字です。": "`<b>` は太字です。",
    "[別紙1]のとおり（注）、5 < 6。<申込書>": "[別紙1]のとおり（注）、5 < 6。<申込書>",
    "一行目<br>二行目": "一行目<br>二行目",
}


def lines(folder: Path, text: str, name: str = "a.md") -> list[tuple[int, str]]:
    path = folder / name
    path.write_text(text, "utf-8")
    return [(line.number, line.text) for line in read_lines(path)]


@pytest.mark.parametrize(("written", "read"), READ.items())
def test_inline_markup_is_removed(tmp_path: Path, written: str, read: str) -> None:
    assert lines(tmp_path, written) == [(1, read)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("袋は~~30円~~ 40円", ["袋は 40円", "(取り消し線) 30円"]),
        ("袋は<del>30円</del>40円", ["袋は40円", "(取り消し線) 30円"]),
        ("- ~~大~~\n- 小", ["(取り消し線) 大", "- 小"]),
        ("~~昨年の文。\n続き。~~\n今年の文。", ["(取り消し線) 昨年の文。 続き。", "", "今年の文。"]),
        ("9:00~17:00、`~~x~~`、~~開いたまま", ["9:00~17:00、`~~x~~`、~~開いたまま"]),
    ],
)
def test_struck_text_is_kept_apart(tmp_path: Path, written: str, read: list[str]) -> None:
    path = tmp_path / "a.md"
    path.write_text(written, "utf-8")
    assert [line.text for line in read_part_lines(path)] == read


def test_removed_lines_do_not_change_line_numbers(tmp_path: Path) -> None:
    assert lines(tmp_path, "一\n<script>\nx\n</script>二\n三") == [(1, "一"), (2, ""), (3, ""), (4, "二"), (5, "三")]


def test_a_title_has_no_markup(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# 駐輪場の<img src=x>ご案内\n", "utf-8")
    assert read_source(tmp_path / "a.md").title == "駐輪場のご案内"


def test_plain_text_is_not_interpreted(tmp_path: Path) -> None:
    assert lines(tmp_path, "<b>太字</b>", "a.txt") == [(1, "<b>太字</b>")]


@pytest.mark.parametrize("opening", ["[a](", "<a ", "<script>", "`", "![", "<!--", "[a](x(", "~~a", "<s>"])
def test_unclosed_markup_is_read_in_linear_time(tmp_path: Path, opening: str) -> None:
    start = time.process_time()
    lines(tmp_path, opening * 20_000)
    assert time.process_time() - start < 10
