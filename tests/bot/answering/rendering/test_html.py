import re
import unicodedata
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.rendering.cited_sections import cited_sections, render_sources
from bot.answering.state import Answer, Excerpt, ExcerptBlock, QuestionStatus, Status
from bot.channels.html.answer_parts import (
    excerpt_lines,
    shown_outcome,
    text_lines,
)
from bot.channels.html.furigana import add_furigana, split_by_reading
from bot.channels.html.markup import make_environment, render_template
from bot.channels.pages.reading.document_routes import find_common_words
from tests.bot.draft_rendering import content_of_rendering, with_content
from tests.bot.prepared_answers import EXCERPT, EXCERPT_SHOWN, cited, excerpt

HOSTILE = "<i onclick='x'>\""


def render_macro(folder: Path, written: str) -> str:
    (folder / "parts.html").write_text("", "utf-8")
    (folder / "page.html").write_text(written, "utf-8")
    return render_template(make_environment(folder), "page.html", hostile=HOSTILE).strip()


@pytest.mark.parametrize(
    "written",
    [
        "{{ ui.note(hostile, hostile, id=hostile) }}",
        "{{ ui.outside('https://example.jp/' ~ hostile, hostile) }}",
        "{{ ui.items([hostile, [hostile, hostile]]) }}",
        "{% call(one) ui.table(hostile, [hostile], [hostile]) %}{{ ui.head(one) }}{{ ui.cells([one]) }}{% endcall %}",
        "{{ ui.field(hostile, hostile, hostile, data_told=hostile) }}{{ ui.hidden(**{hostile: hostile}) }}",
        "{{ ui.choice(hostile, hostile, [(hostile, hostile)], [hostile], hostile) }}",
        "{{ ui.search(hostile, hostile, hostile) }}",
    ],
)
def test_text_is_escaped(tmp_path: Path, written: str) -> None:
    made = render_macro(tmp_path, written)
    assert "&lt;i onclick" in made
    assert "<i " not in made


def answer(**told: object) -> Answer:
    return with_content(Answer.model_validate({"answer_id": "a", "conversation_id": "c", "status": "answered", **told}))


def part_of(block: ExcerptBlock) -> Excerpt:
    (part,) = content_of_rendering("", (block,)).parts
    assert isinstance(part, Excerpt)
    return part


def test_highlight_may_span_parts_of_lines() -> None:
    lines = list(excerpt_lines(part_of(excerpt(best="替えます。\n・岬の通りは"))))
    parts = [[(part.kind, part.value) for part in line] for one in lines for line in one.lines]
    assert parts[:2] == [
        [("text", "街灯は次のように"), ("best", "替えます。")],
        [("best", "岬の通りは"), ("text", "来年度")],
    ]
    assert "".join(value for line in parts for _, value in line) == EXCERPT.replace("\n", "").replace("・", "")


def test_an_excerpt_that_is_all_best_is_not_marked() -> None:
    kinds = {part.kind for one in excerpt_lines(part_of(excerpt(best=EXCERPT))) for line in one.lines for part in line}
    assert kinds == {"text"}


def test_a_number_without_a_citation_stays_text() -> None:
    (line,) = text_lines("船は3隻です[1][7]。", "ja", {1})
    assert [(part.kind, part.value) for part in line.lines[0]] == [
        ("text", "船は3隻です"),
        ("mark", "1"),
        ("text", "[7]。"),
    ]


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"status": Status.ANSWERED}, "quoted"),
        ({}, "related"),
        ({"questions": (QuestionStatus(question="街灯は?", status=Status.PARTIAL),)}, "by_question"),
        ({"generator": "a-model"}, "partial"),
        ({"generator": "a-model", "status": Status.ANSWERED}, "answered"),
        ({"status": Status.NO_ANSWER}, "no_answer"),
    ],
)
def test_the_outcome_of_quoted_passages_is_not_that_of_a_generated_answer(
    changed: dict[str, Any], outcome: str
) -> None:
    assert shown_outcome(answer(**{**EXCERPT_SHOWN, **changed})) == outcome


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("計画を作る", ["計画=けいかく", "作=つく"]),
        ("取り組み", ["取=と", "組=く"]),
        ("申し込みの期限", ["申=もう", "込=こ", "期限=きげん"]),
        ("感染症対策アプリ", ["感染=かんせん", "症=しょう", "対策=たいさく"]),
        ("人々が集まる", ["人々=ひとびと", "集=あつ"]),
        ("三人で5回", ["三=さん", "人=にん", "回=かい"]),
        ("担当は大迫部長", ["担当=たんとう", "部=ぶ", "長=ちょう"]),
        ("そちらの方", []),
        ("ひらがなとカタカナ", []),
        ("", []),
    ],
)
def test_kanji_bear_their_reading_and_kana_none(text: str, read: list[str]) -> None:
    assert [f"{one.text}={one.reading}" for one in split_by_reading(text) if one.reading] == read


def reading_of(html: str) -> str:
    read = re.sub(r"<ruby>.+?<rt[^>]*>(.*?)</rt>.*?</ruby>", r"\1", add_furigana(html))
    return unescape(re.sub("<[^>]+>", "", read))


def test_words_of_tables_and_lists_have_the_reading_that_people_use() -> None:
    rows = Path(__file__).with_name("furigana.txt").read_text("utf-8").split()
    words = [row.rsplit("=", 1) for row in rows]
    made = {word: reading_of(f"<td>{word}</td>") for word, _ in words}
    assert {word: made[word] for word, read in words if made[word] != read} == {}


@pytest.mark.parametrize(
    ("table", "read"),
    [
        ("中央|月・木|水/東部|火・金|第4月", "ちゅうおう|げつ・もく|すい/とうぶ|か・きん|だい4げつ"),
        ("収集日|水", "しゅうしゅうび|すい"),
        ("午前|午後/木|火", "ごぜん|ごご/もく|か"),
        ("品目|数量/水|3リットル", "ひんもく|すうりょう/みず|3リットル"),
        ("木|石|土", "き|いし|つち"),
        ("年|月|日", "ねん|月|日"),
        ("日|時間/1日(月)|9時", "日|じかん/ついたち(げつ)|9じ"),
    ],
)
def test_a_letter_alone_is_a_day_of_the_week_where_its_table_has_days(table: str, read: str) -> None:
    rows = "".join(f"<tr><td>{row.replace('|', '|</td><td>')}/</td></tr>" for row in table.split("/"))
    assert reading_of(f"<table>{rows}</table>") == f"{read}/"


@given(st.text(alphabet=st.sampled_from("市の計画を令和8年度に作る、取り組み…㈱Ａ1\n")))
def test_the_pieces_of_a_text_are_complete(text: str) -> None:
    assert "".join(one.text for one in split_by_reading(text)) == text


def test_only_japanese_text_of_a_page_bears_furigana() -> None:
    page = (
        '<p title="計画">計画&amp;<br>計</p><p lang="zh-Hans">计划 市政府<span lang="ja">市役所</span></p>'
        "<script>市</script><textarea>市</textarea><span data-as-written>市</span>"
    )
    made = add_furigana(page)
    assert re.findall(r"<ruby>(.+?)<rp.*?<rt[^>]*>(.+?)</rt>", made) == [
        ("計画", "けいかく"),
        ("計", "けい"),
        ("市", "し"),
        ("役所", "やくしょ"),
    ]
    assert re.sub(r"</?(?:ruby|bdi)>|<rp.+?</rp>|<rt.+?</rt>", "", made) == page


def test_a_screen_reader_reads_a_word_once() -> None:
    made = add_furigana("<p>計画</p>")
    assert len(re.findall("<r[pt] ", made)) == len(re.findall('<r[pt] aria-hidden="true">', made)) == 3


DECOMPOSED = unicodedata.normalize("NFD", "ガイドとプールの予約")


@pytest.mark.parametrize(
    ("text", "searched", "marked"),
    [
        ("雨水タンクの補助を始めます", "雨水タンクの補助", "雨水タンクの補助"),
        ("雨水タンク購入の補助", "雨水タンクの補助", "雨水タンク"),
        ("ｶﾞｲﾄﾞとﾌﾟｰﾙの予約", "プールの予約", "ﾌﾟｰﾙの予約"),
        (DECOMPOSED, "ガイド", unicodedata.normalize("NFD", "ガイド")),
        (DECOMPOSED, "プールの予約", unicodedata.normalize("NFD", "プールの予約")),
        ("ガイドの予約", unicodedata.normalize("NFD", "ガイド"), "ガイド"),
        ("ＷｉＦｉが使える場所", "wifi", "ＷｉＦｉ"),
        ("⾏事の予定", "行事", "⾏事"),
        ("１００㎡以上の土地", "100m2以上", "１００㎡以上"),
        ("引っ越しの手続き", "引越し", "引っ越し"),
        ("第2　 回の会議", "第2 回", "第2　 回"),
        ("バスケットの教室", "バス", ""),
        ("申し込みについて", "費用について", ""),
        ("森の案内", "", ""),
        ("", "森", ""),
    ],
)
def test_whole_words_of_the_search_are_marked(text: str, searched: str, marked: str) -> None:
    start, end = find_common_words(text, searched)
    assert text[start:end] == marked


def answer_citing(**told: object) -> Answer:
    return Answer.model_validate({"answer_id": "a", "conversation_id": "c", "status": "answered", "answer": "", **told})


def test_an_answer_without_sources_has_no_source_list() -> None:
    assert render_sources(answer_citing()) == ""


def test_rows_of_a_table_share_a_location() -> None:
    rows = (
        cited(1, "3.4. 渡し船", "便: 朝の便、乗客数(人): 120"),
        cited(2, "3.4. 渡し船", "便: 夕方の便、乗客数(人): 90"),
    )
    under = render_sources(answer_citing(citations=rows))
    assert under.count("渡し船") == 1
    assert "[1][2] 計画2.0「3.4. 渡し船」（現行）\n> 便: 朝の便、乗客数(人): 120\n> 便: 夕方の便" in under


def test_a_section_is_listed_once() -> None:
    citations = (cited(1, "3.2. 街灯", "あ"), cited(2, "3.2. 街灯", "い"), cited(3, "3.2. 街灯", "う"))
    excerpts = [{"type": "excerpt", "n": n, "lead": "", "text": "あ", "highlight": (0, 1)} for n in (1, 2)]
    assert [place.numbers for place in cited_sections(answer_citing(citations=citations, blocks=excerpts))] == ["1–3"]
    assert [place.numbers for place in cited_sections(answer_citing(citations=citations[::2]))] == ["1・3"]
