"""Each kind of amending sentence changes the ordinance, or is declined with a reason."""

from difflib import ndiff

import pytest

from ingest.amendments.amending_document import read_amending_document
from ingest.amendments.application import DeclinedError, apply_operation
from ingest.amendments.provisions import parse_provisions
from tests.ingest.amendments.invented_ordinance import ORDINANCE, lines_of

INTRODUCTION = "若葉市立図書館条例（平成20年若葉市条例第3号）の一部を次のように改正する。\n"


def changed_lines(amendment: str) -> list[str]:
    """Return the lines that amending text removes from the ordinance (-) and adds to it (+)."""
    root = original = parse_provisions(lines_of(ORDINANCE))
    (text,) = read_amending_document(lines_of(INTRODUCTION + amendment)).texts
    for operation in text.operations:
        root = apply_operation(root, operation)
    differences = ndiff(original.content.splitlines(), root.content.splitlines())
    return [line[0] + line[2:] for line in differences if line[0] in "+-"]


@pytest.mark.parametrize(
    ("amendment", "expected"),
    [
        pytest.param(
            "第3条第2項中「14日」を「21日」に改める。",
            ["-2　貸出しの期間は、14日以内とする。", "+2　貸出しの期間は、21日以内とする。"],
            id="words replaced",
        ),
        pytest.param(
            "第2条第1号及び第2号中「市内」を「県内」に改める。",
            [
                "-　（1）　市内に住所を有する者",
                "+　（1）　県内に住所を有する者",
                "-　（2）　市内に通勤する者",
                "+　（2）　県内に通勤する者",
            ],
            id="words replaced in two places",
        ),
        pytest.param(
            "第2条第2号中「通勤」の次に「又は通学」を加える。",
            ["-　（2）　市内に通勤する者", "+　（2）　市内に通勤又は通学する者"],
            id="words inserted",
        ),
        pytest.param(
            "第1条中「の利用」を削る。",
            [
                "-第1条　この条例は、若葉市立図書館の利用に関し必要な事項を定める。",
                "+第1条　この条例は、若葉市立図書館に関し必要な事項を定める。",
            ],
            id="words deleted",
        ),
        pytest.param("第1条の見出しを「（趣旨）」に改める。", ["-（目的）", "+（趣旨）"], id="caption replaced"),
        pytest.param(
            "第3条第1項ただし書を削る。",
            [
                "-第3条　図書の貸出しは、1人5冊までとする。ただし、視聴覚資料は、1人2点までとする。",
                "+第3条　図書の貸出しは、1人5冊までとする。",
            ],
            id="proviso deleted",
        ),
        pytest.param(
            "第4条に次のただし書を加える。\nただし、市長が認めるときは、この限りでない。",
            [
                "-第4条　図書を損傷した者は、弁償しなければならない。",
                "+第4条　図書を損傷した者は、弁償しなければならない。ただし、市長が認めるときは、この限りでない。",
            ],
            id="proviso added",
        ),
        pytest.param(
            "第4条を次のように改める。\n（弁償）\n第4条　損傷した図書は、同じ図書で弁償する。",
            [
                "-第4条　図書を損傷した者は、弁償しなければならない。",
                "+（弁償）",
                "+第4条　損傷した図書は、同じ図書で弁償する。",
            ],
            id="article replaced",
        ),
        pytest.param(
            "第2条第3号を次のように改める。\n（3）市内に通学する者",
            ["-　（3）　市長が認める者", "+　（3）　市内に通学する者"],
            id="item replaced",
        ),
        pytest.param(
            "第4条の次に次の1条を加える。\n（委任）\n第5条　必要な事項は、規則で定める。",
            ["+（委任）", "+第5条　必要な事項は、規則で定める。"],
            id="article added",
        ),
        pytest.param(
            "第3条に次の1項を加える。\n3　貸出しは、更新できる。", ["+3　貸出しは、更新できる。"], id="paragraph added"
        ),
        pytest.param(
            "第2条第3号を同条第4号とし、同条第2号の次に次の1号を加える。\n（3）市内に通学する者",
            ["+　（3）　市内に通学する者", "-　（3）　市長が認める者", "+　（4）　市長が認める者"],
            id="item added after renumbering",
        ),
        pytest.param("第4条を削る。", ["-第4条　図書を損傷した者は、弁償しなければならない。"], id="article deleted"),
        pytest.param(
            "第2条第2号を削り、同条第3号を同条第2号とする。",
            ["-　（2）　市内に通勤する者", "-　（3）　市長が認める者", "+　（2）　市長が認める者"],
            id="item deleted and renumbered",
        ),
        pytest.param(
            "第3条及び第4条を1条ずつ繰り下げる。",
            [
                "-第3条　図書の貸出しは、1人5冊までとする。ただし、視聴覚資料は、1人2点までとする。",
                "+第4条　図書の貸出しは、1人5冊までとする。ただし、視聴覚資料は、1人2点までとする。",
                "-第4条　図書を損傷した者は、弁償しなければならない。",
                "+第5条　図書を損傷した者は、弁償しなければならない。",
            ],
            id="articles shifted",
        ),
        pytest.param(
            "第3条以下を1条ずつ繰り下げる。",
            [
                "-第3条　図書の貸出しは、1人5冊までとする。ただし、視聴覚資料は、1人2点までとする。",
                "+第4条　図書の貸出しは、1人5冊までとする。ただし、視聴覚資料は、1人2点までとする。",
                "-第4条　図書を損傷した者は、弁償しなければならない。",
                "+第5条　図書を損傷した者は、弁償しなければならない。",
            ],
            id="all following articles shifted",
        ),
        pytest.param("別表和室の項中「300円」を「400円」に改める。", ["-和室\t300円", "+和室\t400円"], id="table row"),
    ],
)
def test_an_amending_sentence_is_applied(amendment: str, expected: list[str]) -> None:
    assert changed_lines(amendment) == expected


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
        changed_lines(amendment)
