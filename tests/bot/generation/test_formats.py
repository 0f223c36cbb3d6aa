"""Tests of the notations of marks, lists, tables and objects in a reply."""

import json

import pytest

from bot.errors import ModelError
from bot.generation.answer_writer import AnswerWriter
from bot.generation.non_answers import NonAnswerCheck
from bot.generation.reply import ABSTENTION, Reply
from bot.verification.statement_check import to_source_texts
from ingest.documents import Passage
from tests.bot.draft_rendering import text_of

HARBOUR = Passage("p#1", "p", "text", ("3 渡船",), "渡船は午前7時から午後5時まで運航します。運休日は水曜日です。", (1,))
PIER = Passage("p#2", "p", "text", ("4 桟橋",), "桟橋の駐車場は45台分あり、利用は無料です。", (2,))
HOURS, REST, PARKING = "渡船は午前7時から午後5時までです", "運休日は水曜日です", "桟橋の駐車場は45台分です"


def answer(*pieces: str, passages: tuple[Passage, ...] = (HARBOUR, PIER), question: str = "渡船と桟橋について") -> str:
    sources = to_source_texts(passages, ())
    writer = AnswerWriter(passages, sources, question, NonAnswerCheck(question, sources, "", ABSTENTION))
    writer.read(Reply(pieces))
    writer.close()
    return text_of(writer.draft()) if writer.has_grounded_text else ""


ONE = f"{PARKING}[1]。"
FORMATS = {
    "marks at the end of a line": (f"{HOURS}。{REST}[1]。", f"{HOURS}[1]。{REST}[1]。"),
    "a numbered list": (f"1. {HOURS}[1]\n2. {REST}[1]", f"1. {HOURS}[1]\n2. {REST}[1]"),
    "a table": (
        "案内は次のとおりです[1]。\n\n| 項目 | 内容 |\n|---|---|\n| 運航 | 午前7時から[1] |\n| 運休日 | 水曜日[1] |",
        "案内は次のとおりです[1]。\n・運航: 午前7時から[1]\n・運休日: 水曜日[1]",
    ),
    "a table with marks": (
        "| 項目 | 内容 | 出典 |\n|:--|:--|--:|\n| 運航 | 午前7時から | [1] |\n| 駐車場 | 45台 | [2] |",
        "・運航: 午前7時から[1]\n・駐車場: 45台[2]",
    ),
    "round brackets": (f"{PARKING}（資料2）。", ONE),
    "thick brackets": (f"{PARKING}【2】。", ONE),
    "a footnote": (f"{PARKING}[^2]。\n\n[^2]: 4 桟橋", ONE),
    "a raised figure": (f"{PARKING}²。", ONE),
    "a span of marks": (f"{HOURS}が、駐車場は無料です[1-2]。", f"{HOURS}が、駐車場は無料です[1][2]。"),
    "the mark before": (f"[2] {PARKING}。", ONE),
    "headings and rules": (f"## 回答\n\n{PARKING}[2]。\n\n---\n\n## 参考資料\n- [2] 4 桟橋", ONE),
    "a list of sources": (f"{PARKING}[2]。\n\n参考資料:\n[1] 渡船\n[2] 桟橋", ONE),
    "tags": (f"<p>{PARKING}[2]。</p><script>alert(1)</script>", ONE),
    "a picture": (f"{PARKING}[2]。![図](http://example.invalid/x.png)", ONE),
    "marks stacked on letters": ("桟橋の駐車場は4\u0337\u0327\u03365\u0338台分です[2]。", ONE),
    "marks that no script stacks": ("桟\u1ab0\u1ab1橋\u1dc0の\ufe20駐車場は45台分です[2]。", ONE),
    "many marks of a script": (f"{PARKING}\u0e31\u0e34\u0e35\u0e36[2]。", f"{PARKING}\u0e31\u0e34[1]。"),
    "turned directions": ("桟橋の\u202e駐車場\u202cは\u206645台\u2069分です\u061c[2]。", ONE),
    "letters that nobody sees": ("桟橋の駐車場は\U000e0034\U000e0035\x1b45台分です[2]。", ONE),
    "an object in a fence": (
        '```json\n{"sentences": [{"text": "' + PARKING + '。", "passages": [2]}], "confidence": 1}\n```',
        ONE,
    ),
}


@pytest.mark.parametrize("said", FORMATS)
def test_every_way_of_writing_is_read(said: str) -> None:
    reply, expected = FORMATS[said]
    assert answer(reply) == expected


@pytest.mark.parametrize("said", FORMATS)
def test_it_is_read_alike_in_pieces(said: str) -> None:
    reply, expected = FORMATS[said]
    assert answer(*reply) == expected


UNCITED = {
    "a mark alone": "[1]",
    "a label": "参考資料:",
    "heads of a table": "| 役 | 人 |\n|---|---|",
    "a rule": "---",
    "a tag": "<p></p>",
    "no mark": f"{PARKING}。",
    "a closing line of sources": f"{HOURS}。{REST}。\n\n出典: [1]",
    "a mark in a line of its own": f"{HOURS}。\n{REST}。\n[1]",
    "items above a cited sentence": f"・{HOURS}\n・{REST}\n詳しくは次のとおりです[1]。",
}


@pytest.mark.parametrize("said", UNCITED.values(), ids=UNCITED)
def test_text_without_a_passage_in_its_line_is_not_shown(said: str) -> None:
    assert answer(said) == ""


def test_items_lend_their_passages_to_no_sentence() -> None:
    assert answer(f"案内です。\n・{HOURS}[1]\n・{REST}") == f"・{HOURS}[1]"


def test_a_link_that_no_source_has_is_not_shown() -> None:
    assert answer(f"{PARKING}[2]。[こちら](http://example.invalid/)もご覧ください[2]。") == ONE


def of_object(**fields: object) -> str:
    sentence = {"text": f"{PARKING}。", "passages": [2], "quotes": ["駐車場は45台分"], "formula": ""}
    return json.dumps({"status": "answered", "sentences": [sentence | fields], "choices": []}, ensure_ascii=False)


@pytest.mark.parametrize(
    "fields",
    [
        {"passages": ["2"]},
        {"passages": "[2]"},
        {"quotes": "駐車場は45台分"},
        {"quotes": None, "formula": None},
        {"text": f"**{PARKING}**[2]。"},
    ],
    ids=["numbers as text", "a mark for numbers", "one quote", "nulls", "ornaments"],
)
def test_an_object_that_nearly_matches_the_schema_is_parsed(fields: dict[str, object]) -> None:
    assert answer(of_object(**fields)) == ONE


def test_names_in_latin_letters_are_items() -> None:
    contact = Passage("p#3", "p", "text", ("5 連絡",), "連絡はLINEとZoomで受けます。", (3,))
    shown = answer("次の方法です[1]。\n・LINE[1]\n・Zoom[1]", passages=(contact,), question="連絡の方法は?")
    assert shown == "次の方法です[1]。\n・LINE[1]\n・Zoom[1]"


def test_a_list_in_one_text_becomes_lines() -> None:
    said = of_object(text=f"次の2つです。\n・{HOURS}\n・{REST}", passages=[1], quotes=[HARBOUR.text])
    assert answer(said) == f"次の2つです。\n・{HOURS}[1]\n・{REST}[1]".replace("です。", "です[1]。", 1)


def test_a_table_in_one_text_becomes_items() -> None:
    table = "| 項目 | 内容 |\n|---|---|\n| 運休日 | 水曜日 |"
    assert answer(of_object(text=table, passages=[1], quotes=[HARBOUR.text])) == "・運休日: 水曜日[1]"
    assert answer(of_object(text="| 運航 | 運休日 |", passages=[1], quotes=[HARBOUR.text])) == ""


@pytest.mark.parametrize(
    "said",
    [
        '{"sentences": 3}',
        '{"sentences": [{"passages": [1]}]}',
        '{"sentences": [{"text": "',
        '{"answer": "桟橋の駐車場は45台分です[2]。"}',
        '{"verdicts": [{"difference": "", "supported": true}]}',
        "{}",
    ],
    ids=["a number", "no text", "cut off", "another schema", "the schema of another task", "empty"],
)
def test_an_object_of_another_form_is_an_error(said: str) -> None:
    with pytest.raises(ModelError, match="JSON"):
        answer(said)
