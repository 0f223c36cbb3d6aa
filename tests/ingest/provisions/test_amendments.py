"""Amending texts are read, applied or declined with a reason, and consolidated day by day."""

from datetime import date
from typing import NoReturn

import pytest

from ingest.provisions import compilation
from ingest.provisions.addresses import Address
from ingest.provisions.amending_document import read_amending_document
from ingest.provisions.application import DeclinedError, apply_operation
from ingest.provisions.clauses import read_sentence
from ingest.provisions.comparison_tables import is_comparison
from ingest.provisions.compilation import run_sandboxed
from ingest.provisions.effect import read_effect
from ingest.provisions.provisions import Provision, parse_provisions
from tests.ingest.provisions.invented_ordinance import (
    FIRST,
    ORDINANCE,
    SECOND,
    SETS,
    consolidate,
    consolidate_set,
    lines_of,
)

INTRODUCTION = "若葉市立図書館条例（平成20年若葉市条例第3号）の一部を次のように改正する。\n"


def apply_amendment(amendment: str) -> None:
    (text,) = read_amending_document(lines_of(INTRODUCTION + amendment)).texts
    root = parse_provisions(lines_of(ORDINANCE))
    for operation in text.operations:
        root = apply_operation(root, operation)


@pytest.mark.parametrize(
    ("amendment", "reason"),
    [
        pytest.param("第3条第2項中「30日」を「21日」に改める。", "「30日」という文言がありません", id="words missing"),
        pytest.param(
            "第2条中「市内」を「県内」に、「5冊」を「6冊」に改める。",
            "「5冊」という文言がありません",
            id="second words missing",
        ),
        pytest.param("第2条中「者」を削る。", "か所あり、どれか決められません", id="deleted words found often"),
        pytest.param(
            "第3条第2項中「10日」を「14日」に改める。", "すでに「14日」となっています", id="words replaced before"
        ),
        pytest.param(
            "第2条第2号中「通」の次に「勤」を加える。", "すでに「通勤」となっています", id="words inserted before"
        ),
        pytest.param("第9条中「市」を「町」に改める。", "第9条がありません", id="article missing"),
        pytest.param("第4条ただし書を削る。", "第4条ただし書がありません", id="proviso missing"),
        pytest.param(
            "第3条第1項に次のただし書を加える。\nただし、市長が認めるときは、この限りでない。",
            "すでにただし書があります",
            id="second proviso",
        ),
        pytest.param("第3条に見出しとして「（期間）」を付する。", "改正文の形を読み取れません", id="caption added"),
        pytest.param("第3条の次に次の1条を加える。\n第4条　委任する。", "第4条がすでにあります", id="number taken"),
        pytest.param(
            "第4条の次に次の2条を加える。\n第5条　委任する。",
            "加える規定の数が改正文と合いません",
            id="fewer articles than announced",
        ),
        pytest.param("第4条の次に次の1条を加える。", "改正後の規定の文がありません", id="text missing"),
        pytest.param("第2条第1号を同条第2号とする。", "第2号がすでにあります", id="renumbered to a taken number"),
        pytest.param("第3条に次の1項を加える。\n5　更新できる。", "番号", id="paragraph out of order"),
        pytest.param("別表茶室の項中「300円」を「400円」に改める。", "がありません", id="table row missing"),
        pytest.param("第3条を別に定めるものに改める。", "改正文の形を読み取れません", id="unknown form"),
    ],
)
def test_an_uncertain_amending_sentence_is_declined_with_its_reason(amendment: str, reason: str) -> None:
    with pytest.raises(DeclinedError, match=reason):
        apply_amendment(amendment)


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


PROMULGATED = "令和8年3月20日若葉市条例第5号"


@pytest.mark.parametrize(
    ("supplement", "day", "reason"),
    [
        pytest.param("この条例は、令和8年4月1日から施行する。", date(2026, 4, 1), "", id="stated day"),
        pytest.param("この条例は、公布の日から施行する。", date(2026, 3, 20), "", id="day of promulgation"),
        pytest.param("この条例は、公布の日の翌日から施行する。", date(2026, 3, 21), "", id="day after"),
        pytest.param(
            "この条例は、公布の日から起算して10日を経過した日から施行する。", date(2026, 3, 30), "", id="days counted"
        ),
        pytest.param(
            "この条例は、公布の日から起算して3月を経過した日から施行する。", date(2026, 6, 20), "", id="months counted"
        ),
        pytest.param(
            "この条例は、公布の日から起算して1年を経過した日から施行する。", date(2027, 3, 20), "", id="year counted"
        ),
        pytest.param(
            "この条例は、公布の日から施行し、令和8年1月1日から適用する。", date(2026, 1, 1), "", id="retroactive"
        ),
        pytest.param(
            "1　この条例は、公布の日から施行する。\n2　改正後の第3条の規定は、令和8年1月1日から適用する。",
            None,
            "規定ごとに適用の日が違い",
            id="retroactive in parts",
        ),
        pytest.param("この条例は、規則で定める日から施行する。", None, "規則などで別に定める", id="left to a rule"),
        pytest.param("市長は、別に定める。", None, "文書から分かりません", id="not stated"),
    ],
)
def test_the_day_of_effect_is_read_or_unknown_for_a_reason(supplement: str, day: date | None, reason: str) -> None:
    effect = read_effect(lines_of(PROMULGATED), lines_of(f"附　則\n{supplement}"), None)
    assert effect.default.day == day
    assert reason in effect.default.reason


def test_promulgation_is_read_with_its_number_or_taken_from_the_manifest() -> None:
    read = read_effect(lines_of(PROMULGATED), (), None)
    assert (read.promulgated, read.number) == (date(2026, 3, 20), 5)
    supplement = lines_of("附　則\nこの条例は、公布の日から施行する。")
    assert read_effect((), supplement, date(2026, 3, 1)).default.day == date(2026, 3, 1)
    assert "公布の日" in read_effect((), supplement, None).default.reason


@pytest.mark.parametrize(
    ("exception", "sentence", "day"),
    [
        pytest.param("第3条の改正規定", "第3条中「5冊」を「6冊」に改める。", date(2026, 10, 1), id="its article"),
        pytest.param("第3条の改正規定", "第2条中「者」を「人」に改める。", date(2026, 4, 1), id="another article"),
        pytest.param(
            "第3条第2項の改正規定", "第3条第1項中「5冊」を「6冊」に改める。", date(2026, 4, 1), id="another paragraph"
        ),
        pytest.param("別表の改正規定", "別表中「300円」を「400円」に改める。", date(2026, 10, 1), id="appendix"),
        pytest.param("第4条の次に1条を加える改正規定", "第4条の次に次の1条を加える。", None, id="insertion"),
        pytest.param(
            "第3条の改正規定（「5冊」を「6冊」に改める部分に限る。）",
            "第3条中「2点」を「3点」に改める。",
            None,
            id="part of the words",
        ),
    ],
)
def test_an_exception_covers_its_sentences_only(exception: str, sentence: str, day: date | None) -> None:
    supplement = f"附　則\nこの条例は、令和8年4月1日から施行する。ただし、{exception}は、令和8年10月1日から施行する。"
    effect = read_effect(lines_of(PROMULGATED), lines_of(supplement), None)
    (operation,), _ = read_sentence(sentence, Address())
    assert effect.of(operation).day == day


def outline(root: Provision) -> list[str]:
    """Return kind, number, caption and text of each provision below the root, indented by depth."""

    def walk(provision: Provision, depth: int) -> list[str]:
        words = (f"{provision.step.kind}{provision.step.number}", provision.caption, provision.text)
        own = "  " * depth + " ".join(filter(None, words))
        return [own, *(line for child in provision.children for line in walk(child, depth + 1))]

    return [line for child in root.children for line in walk(child, 0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("（目的）\n第１条　図書館を置く。", ["条1 目的", "  項1 図書館を置く。"], id="caption above"),
        pytest.param("第１条（目的）　図書館を置く。", ["条1 目的", "  項1 図書館を置く。"], id="caption beside"),
        pytest.param("第一条の二　図書館を置く。", ["条1の2", "  項1 図書館を置く。"], id="branch in kanji"),
        pytest.param("第1条\n２　二。", ["条1", "  項1", "  項2 二。"], id="second paragraph alone"),
        pytest.param("第1条　一。\n２　二。", ["条1", "  項1 一。", "  項2 二。"], id="two paragraphs"),
        pytest.param(
            "第1条　次の者とする。\n（１）市民\n（２）在勤者\n　ア　常勤\n　イ　非常勤",
            ["条1", "  項1 次の者とする。", "    号1 市民", "    号2 在勤者", "      アア 常勤", "      アイ 非常勤"],
            id="items and subitems",
        ),
        pytest.param(
            "第1条　次の者とする。\n一　市民\n二　在勤者",
            ["条1", "  項1 次の者とする。", "    号1 市民", "    号2 在勤者"],
            id="items in kanji",
        ),
        pytest.param("第1章　総則\n第1条　置く。", ["章1 総則", "条1", "  項1 置く。"], id="chapter"),
        pytest.param(
            "第1条　置く。\n附　則\n1　施行する。\n2　経過",
            ["条1", "  項1 置く。", "附則", "  項1 施行する。", "  項2 経過"],
            id="supplement",
        ),
        pytest.param(
            "第1条　置く。\n別表第1（第1条関係）\n本館",
            ["条1", "  項1 置く。", "別表1 (第1条関係)", "  行1 本館"],
            id="appendix",
        ),
    ],
)
def test_text_becomes_a_tree(text: str, expected: list[str]) -> None:
    assert outline(parse_provisions(lines_of(text))) == expected


REPEAL = """令和9年3月20日若葉市条例第2号
若葉市立図書館条例は、廃止する。
附　則
この条例は、令和9年4月1日から施行する。"""
APRIL, OCTOBER = date(2026, 4, 1), date(2026, 10, 1)


@pytest.mark.parametrize("amendments", [(FIRST, SECOND), (SECOND, FIRST)], ids=["in order", "later one first"])
@pytest.mark.parametrize(
    ("day", "limit", "has_article_4"),
    [
        pytest.param(date(2026, 3, 31), "5冊", True, id="day before the first"),
        pytest.param(APRIL, "7冊", True, id="day of the first"),
        pytest.param(date(2026, 9, 30), "7冊", True, id="day before the second"),
        pytest.param(OCTOBER, "10冊", False, id="day of the second"),
    ],
)
def test_the_text_of_a_day_has_the_amendments_in_effect(
    amendments: tuple[str, ...], day: date, limit: str, *, has_article_4: bool
) -> None:
    content = consolidate(*amendments).on(day).content
    assert f"1人{limit}まで" in content
    assert ("第4条" in content) is has_article_4


@pytest.mark.parametrize(
    ("amendments", "reasons"),
    [
        pytest.param((FIRST, SECOND), ["", "", ""], id="all applied"),
        pytest.param((SECOND,), ["第3条第1項に「7冊」という文言がありません", ""], id="amends words that are missing"),
        pytest.param(
            (FIRST, FIRST),
            ["同じ日に施行される別の改正があり、どちらが先か文書から分かりません"] * 2,
            id="same day and number",
        ),
        pytest.param(
            (FIRST.replace("令和8年4月1日", "規則で定める日"),),
            ["施行の日は、規則などで別に定めるため分かりません"],
            id="day left to a rule",
        ),
        pytest.param(
            (FIRST.replace("「5冊」を「7冊」に", "別に定める数に"),),
            ["改正文の形を読み取れません"],
            id="unread sentence",
        ),
        pytest.param(
            (FIRST.replace("第3条第1項中「5冊」を「7冊」に改める。", "第3条を第5条とし、第9条を第10条とする。"),),
            ["同じ文の別の改正を当てはめられないため、当てはめていません", "第9条がありません"],
            id="moves of one sentence together",
        ),
    ],
)
def test_each_operation_is_applied_or_has_a_reason(amendments: tuple[str, ...], reasons: list[str]) -> None:
    assert [result.reason for result in consolidate(*amendments).results] == reasons


def test_a_repeal_is_in_effect_from_its_day_on() -> None:
    consolidation = consolidate(REPEAL)
    assert consolidation.find_repeal(date(2027, 3, 31)) is None
    assert consolidation.find_repeal(date(2027, 4, 1)) is not None
    assert consolidation.on(date(2027, 4, 1)).children == ()


@pytest.mark.parametrize("name", SETS)
def test_a_hostile_set_is_consolidated_or_declined_by_name(name: str) -> None:
    consolidation = consolidate_set(SETS[name])
    reasons = {result.reason for result in consolidation.results if result.is_missing}
    assert any(SETS[name].reason in reason for reason in reasons) if SETS[name].reason else not reasons


def reach_limit(*_: object) -> NoReturn:
    raise TimeoutError


@pytest.mark.parametrize(
    ("run", "keeps_base"),
    [
        pytest.param(compilation.run_here, True, id="before the limit"),
        pytest.param(lambda _, tasks: ((n, None) for n in range(len(tasks))), False, id="at the limit"),
    ],
)
def test_what_exceeds_the_limits_is_declined_by_name(
    monkeypatch: pytest.MonkeyPatch, run: compilation.Run, *, keeps_base: bool
) -> None:
    monkeypatch.setattr(compilation, "read_amending_document", reach_limit)
    consolidation = consolidate_set(SETS["spaces in a sentence"], run)
    (result,) = consolidation.results
    assert (result.doc_id, result.is_missing) == ("amendment-0", True)
    assert "途中でやめました" in result.reason
    assert bool(consolidation.on(date.min).children) is keeps_base


def test_a_sandboxed_consolidation_is_the_same() -> None:
    hostile = SETS["spaces in a sentence"]
    there, here = (consolidate_set(hostile, run) for run in (run_sandboxed, compilation.run_here))
    assert there.on(date.max).content == here.on(date.max).content
    assert [result.reason for result in there.results] == [result.reason for result in here.results]
