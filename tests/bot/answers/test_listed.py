"""Tests of answers from lists and tables: counts, selections, the rest, and operations over their figures."""

from datetime import date
from pathlib import Path

import pytest

from bot.answers.list_answers import ListAnswerer
from bot.answers.table_answers import TableAnswerer
from bot.question.query_parser import QueryParser
from bot.rendering.answer_text import render_text
from bot.state import Draft, Exchange, Hit, Question, QuestionTexts, Reading, ReadTurn, ScoredPassage, Status, TableRows
from bot.tables import Tables
from ingest.chunking.document_reading import read_document
from ingest.documents import Document, Passage
from ingest.japanese import nfkc

DAY = date(2026, 11, 25)
BRIDGES = """# 霧浜町の橋と船着き場

町が管理する橋は次の4つです。

- 潮見橋（東浜、長さ42m）
- 渡し橋（西浜、長さ18m）
- 松風橋（東浜、長さ120m）
- 八幡橋（北浜、長さ約60m）

## 船着き場

1. 第一船着き場
2. 第二船着き場
"""
STALLS = """# 霧浜町 朝市の出店

## 東区画

- 干物の店
- 貝の店

## 西区画

- 野菜の店
- 花の店
- 餅の店
"""
FERRY = """# 霧浜町 渡船の乗客(令和8年度)

| 月 | 乗客数 | 便数 |
|---|---|---|
| 4月 | 820人 | 60便 |
| 5月 | 1,040人 | 62便 |
| 6月 | 欠航 | 0便 |
| 7月 | 1,310人 | 62便 |
"""
FARES = """# 霧浜町 渡船の運賃(令和8年)

- 大人：これまで200円、10月1日から240円
- 小人：これまで100円、10月1日から120円
"""


class Boat:
    """Answers over one document from its lists and tables, and keeps the conversation."""

    def __init__(self, folder: Path, text: str) -> None:
        document = Document("boat", nfkc(text.splitlines()[0].lstrip("# ")), "boat.md")
        path = folder / document.file
        path.write_text(text, encoding="utf-8")
        self.passages = read_document(path, document).passages
        self.tables = Tables(self.passages)
        self._answerers = (ListAnswerer(self.tables), TableAnswerer([document], self.tables))
        self._parse = QueryParser([document], lambda _: 1.0)

    def draft(self, question: str, history: tuple[Exchange, ...] = (), typed: str = "") -> Draft | None:
        """Return the answer to a question over all passages, in their order."""
        query = self._parse(nfkc(question), DAY)
        scored = tuple(ScoredPassage(Hit(passage, 1.0), 0.5, ()) for passage in self.passages)
        reading = Reading(scored, 0.9)
        turn = ReadTurn(
            question=Question(question=question),
            requested_day=DAY,
            history=history,
            texts=QuestionTexts(nfkc(question), typed_follow_up=typed),
            query=query,
            reading=reading,
        )
        return next(filter(None, (answerer(turn) for answerer in self._answerers)), None)

    def text(self, question: str) -> str:
        """Return the text of the answer, "" for none."""
        draft = self.draft(question)
        return render_text(draft.parts) if draft else ""


def test_count_comes_first_and_then_the_names(tmp_path: Path) -> None:
    draft = Boat(tmp_path, BRIDGES).draft("橋は全部でいくつありますか")
    assert draft is not None
    assert draft.status is Status.ANSWERED
    text = render_text(draft.parts)
    assert text.startswith("橋は4つです[1]。")
    assert all(name in text for name in ("潮見橋", "渡し橋", "松風橋", "八幡橋"))


def test_items_of_one_passage_share_a_citation_that_quotes_them(tmp_path: Path) -> None:
    draft = Boat(tmp_path, BRIDGES).draft("橋は全部でいくつありますか")
    assert draft is not None
    (source,) = draft.sources
    assert source.quote in source.passage.text
    assert "潮見橋" in source.quote
    assert "八幡橋" in source.quote


@pytest.mark.parametrize(
    ("question", "result"),
    [
        ("船着き場は何か所ですか", "船着き場は2か所です"),
        ("一番長い橋はどれですか", "長さが最も長いのは松風橋(120m)"),
        ("2番目に長い橋はどれですか", "長さが2番目に長いのは八幡橋(60m)"),
        ("橋の長さの合計は?", "長さの合計は約240mです"),
        ("橋の長さの平均は?", "長さの平均は約60mです"),
        ("潮見橋と渡し橋の長さの差は?", "差は24mです"),
        ("長さが50m以上の橋はいくつ?", "橋は2つです"),
    ],
)
def test_items_are_rows_of_all_operations(tmp_path: Path, question: str, result: str) -> None:
    assert Boat(tmp_path, BRIDGES).text(question).startswith(result)


def test_approximate_figures_are_named(tmp_path: Path) -> None:
    assert "八幡橋は「約60m」です[1]。" in Boat(tmp_path, BRIDGES).text("橋の長さの合計は?")


def test_another_number_in_the_document_makes_the_count_unsure(tmp_path: Path) -> None:
    draft = Boat(tmp_path, BRIDGES.replace("次の4つ", "次の5つ")).draft("橋は全部でいくつありますか")
    assert draft is not None
    assert draft.status is Status.PARTIAL
    text = render_text(draft.parts)
    assert text.startswith("橋は4つです")
    assert "文書には5とありますが" in text


def test_lists_below_one_heading_are_counted_together(tmp_path: Path) -> None:
    stalls = Boat(tmp_path, STALLS)
    assert stalls.text("出店はいくつありますか").startswith("出店は5か所です（東区画 2、西区画 3）")
    assert stalls.text("西区画の出店はいくつありますか").startswith("出店は3か所です")
    assert stalls.text("区画はいくつありますか").startswith("区画は2")


@pytest.mark.parametrize("question", ["屋根のある橋はいくつ?", "橋以外の施設はいくつ?", "赤い橋を渡る人は何人?"])
def test_condition_that_no_list_states_is_not_ignored(tmp_path: Path, question: str) -> None:
    assert Boat(tmp_path, BRIDGES).draft(question) is None


def test_rest_of_a_long_list_follows_and_ends(tmp_path: Path) -> None:
    items = "".join(f"- 第{n}号の松\n" for n in range(1, 29))
    pines = Boat(tmp_path, f"# 霧浜町の松\n\n保存する松は次のとおりです。\n\n{items}")
    question = "松の一覧を教えて"
    history, seen = tuple[Exchange, ...](), list[str]()
    for typed in ("", "ほかには?", "ほかには?"):
        draft = pines.draft(question, history, typed)
        assert draft is not None
        seen.append(render_text(draft.parts))
        history = (*history, Exchange(question, "", draft.parts, draft.status))
    assert "残り8" in seen[0]
    assert "第20号の松" in seen[0]
    assert "第21号の松" in seen[1]
    assert "第20号の松" not in seen[1]
    assert "第28号の松" in seen[1]
    assert seen[2].startswith("これで全部です。")
    assert "第1号の松" not in seen[2]


@pytest.mark.parametrize(
    ("question", "result"),
    [
        ("乗客が一番多い月は?", "乗客数が最も多いのは7月(1,310人)"),
        ("乗客数の合計は?", "乗客数の合計は3,170人です"),
        ("5月の乗客数は全体の何%?", "5月の割合は32.8%です"),
        ("5月は何番目に乗客が多い?", "5月は3件のうち多い順で2番目です"),
        ("5月の乗客数は前の月と比べて差はいくつ?", "差は220人です"),
        ("4月から5月までの乗客数の合計は?", "乗客数の合計は1,860人です"),
    ],
)
def test_table_answers_begin_with_the_result(tmp_path: Path, question: str, result: str) -> None:
    assert Boat(tmp_path, FERRY).text(question).startswith(result)


def test_cell_without_a_figure_is_named_and_left_out(tmp_path: Path) -> None:
    assert "6月は「欠航」のため、含めていません" in Boat(tmp_path, FERRY).text("乗客数の合計は?")


def test_value_of_the_day_is_chosen_and_the_other_stays_visible(tmp_path: Path) -> None:
    fares = Boat(tmp_path, FARES)
    text = fares.text("大人の運賃は今いくらですか")
    assert text.startswith("大人は240円です（10月1日から）")
    assert "これまで 200円" in text


def test_first_row_without_heads_is_a_row(tmp_path: Path) -> None:
    text = "# 港の営業時間\n\n| 売店 | 9:00〜17:00 |\n|---|---|\n| 食堂 | 11:00〜15:00 |\n| 足湯 | 10:00〜16:00 |\n"
    port = Boat(tmp_path, text)
    table = next(filter(None, map(port.tables.find_table, port.passages)))
    assert [row.label for row in table.rows] == ["売店", "食堂", "足湯"]


def test_names_in_a_sentence_are_a_list(tmp_path: Path) -> None:
    text = "# 霧浜町の公園\n\n町の公園は、潮見公園、浜公園、松林公園及び灯台公園です。\n"
    assert Boat(tmp_path, text).text("公園はいくつありますか").startswith("公園は4か所です")


def test_shown_table_keeps_the_operation_for_follow_ups(tmp_path: Path) -> None:
    draft = Boat(tmp_path, FERRY).draft("乗客が一番多い月は?")
    assert draft is not None
    (rows,) = [part for part in draft.parts if isinstance(part, TableRows)]
    assert rows.operator == "most"
    assert rows.used == ("乗客数",)


STOCK = """# 霧浜町 港の資材(令和8年8月)

| 資材 | 本港の倉庫 | 東港の倉庫 | 更新の時期 |
|---|---|---|---|
| ロープ(巻) | 120 | 45 | 令和9年3月 |
| 浮き輪(個) | 30 | 12 | 令和10年5月 |
| 発煙筒(本) | 48 | 0 | 令和8年12月 |
"""
DUES = """# 霧浜町 係船料の改定

| 区分 | 令和8年9月30日まで | 令和8年10月1日から | 令和10年10月1日から |
|---|---|---|---|
| 小型船 | 900円 | 1,100円 | 1,100円 |
| 中型船 | 1,800円 | 2,100円 | 2,400円 |
"""


@pytest.mark.parametrize(
    ("text", "question", "result"),
    [
        (FERRY.replace("欠航", "970人"), "第1四半期の乗客数の計", "乗客数の合計は2,830人です"),
        (FERRY.replace("欠航", "970人"), "5月から7月までの乗客数は何人ですか", "乗客数の合計は3,320人です"),
        (FERRY.replace("欠航", "970人"), "総数に対する7月の乗客数の割合", "7月の割合は31.6%です"),
        (STOCK, "ロープは両方の倉庫で何巻ありますか", "ロープ(巻)の合計は165巻です"),
        (STOCK, "発煙筒の合計本数", "発煙筒(本)の合計は48本です"),
        (DUES, "小型船の係船料は10月からいくら上がりますか", "差は200円です"),
        (DUES, "中型船の係船料はいくら上がりますか", "差は300円です"),
    ],
)
def test_months_columns_and_changes_are_computed(tmp_path: Path, text: str, question: str, result: str) -> None:
    assert Boat(tmp_path, text).text(question).startswith(result)


FISH = """# 霧浜町 水揚げ(令和8年)

| 魚 | 8月 | 9月 |
|---|---|---|
| 第一港のいわし(箱) | 40 | − |
| いか(箱) | 25 | 31 |

## 観光船の乗客

本年度は、東回り 640人、西回り 410人、島めぐり 95人である。
"""


@pytest.mark.parametrize(
    ("question", "result"),
    [
        ("いわしは9月に何箱ですか", "第一港のいわし(箱)の9月は「-」で、値は書かれていません"),
        ("いかは2つの月の合計で何箱ですか", "いか(箱)の合計は56箱です"),
        ("1つの港の水揚げの平均は?", ""),
        ("観光船の乗客の合計は?", "観光船の乗客の合計は1,145人です"),
        ("観光船の乗客が一番多いのは?", "観光船の乗客が最も多いのは東回り(640人)"),
        ("8月に一番箱が揚がった魚は?", "8月が最も多いのは第一港のいわし(箱)(40箱)"),
    ],
)
def test_dashes_numbers_and_sentences_of_figures(tmp_path: Path, question: str, result: str) -> None:
    assert Boat(tmp_path, FISH).text(question).startswith(result)


def test_only_what_reached_its_target_is_not_counted_as_a_member(tmp_path: Path) -> None:
    rows = ("| 指標 | 目標 | 実績 |", "|---|---|---|", "| 乗客数 | 900人以上 | 950人 |", "| 便数 | 60便以上 | 50便 |")
    text = "\n".join(("# 霧浜町の指標", "", *rows))
    assert "1件です" in Boat(tmp_path, text).text("目標に達した指標はいくつですか")


def test_passages_of_rows_are_no_lists(tmp_path: Path) -> None:
    ferry = Boat(tmp_path, FERRY)
    assert all(ferry.tables.find_lists(passage) == () for passage in ferry.passages if passage.kind == "row")


def test_unknown_passage_has_no_list(tmp_path: Path) -> None:
    unknown = Passage("else#1", "else", "list", ("一覧",), "・一\n・二", (1,))
    assert Boat(tmp_path, BRIDGES).tables.find_lists(unknown) == ()
