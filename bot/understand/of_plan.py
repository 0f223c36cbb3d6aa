"""Questions about a plan as a whole: which is in force, whether it has begun, what it is, what it holds, its aims."""

import re
from collections.abc import Iterable
from enum import StrEnum

from bot.understand.asked import Asked, Kind


class Facet(StrEnum):
    """What is asked of a plan."""

    WHICH = "which"
    """Which plans there are that hold now, held before, or are to come."""
    BEGUN = "begun"
    """Whether it has begun."""
    HOLDS = "holds"
    """Whether it still holds, or is over."""
    AIMS = "aims"
    """Its targets, and what it aims at where it sets none in figures."""
    IDENTITY = "identity"
    """What it is: its purpose, position, period and idea."""
    CONTENT = "content"
    """What it holds: period, idea, pillars."""
    PERIOD = "period"
    """From when until when it holds."""
    PILLARS = "pillars"
    """Its pillars alone."""


PLAN = re.compile(r"計画|プラン|戦略|ビジョン|構想|大綱|プログラム")
"""What a municipality calls such papers."""
_WHICH = r"どれ|どの|どちら|何(?!年|月|日|歳|人|件)|なに|なん(?:です|$|\?)|いくつ|あります|ある(?:の|か|\?|$)|一覧"
_FACETS: tuple[tuple[Facet, re.Pattern[str]], ...] = tuple(
    (facet, re.compile("|".join(wordings)))
    for facet, *wordings in (
        (
            Facet.HOLDS,
            r"(?:今|いま|まだ|現在)(?:も|でも)?\S{0,12}(?:有効|現行|続い|使われ|使って|生きて)(?!\S*(?:どれ|どの|何|どちら))",
            r"(?:終わ|終了|切れ)\S{0,8}(?:か|の|ん|\?)[。?]?$|有効(?:です|な)?(?:の|ん)?(?:です)?か[。?]?$",
        ),
        (Facet.BEGUN, r"(?:始ま|はじま|スタートし|開始(?:し|され)|動き出)\S{0,10}(?:か|の|ん|\?)[。?]?$"),
        (Facet.PILLARS, r"柱(?:は|って|を|と|に|\?|。|$)"),
        (
            Facet.CONTENT,
            r"概要|中身|(?<!の)内容|全体(?:像|について|を|は)|構成(?:は|を|って|\?|$)|要点|ポイント|あらまし|骨子|特徴",
            r"何が書|どんなこと(?:が|を)|ざっくり|大まか",
        ),
        (Facet.AIMS, r"目標|ねらい|狙い|目指|めざ"),
        (
            Facet.IDENTITY,
            r"とは(?:何|なに|なん|どう|どんな|\?|。|$)|って(?:何|なに|なん|どう|どんな)|(?:どんな|どういう|どのような)(?:計画|プラン|もの)",
            r"について(?:教え|知り|説明|おしえ|$|。)|(?:を|の)説明",
        ),
        (
            Facet.WHICH,
            rf"(?:有効|現行|適用|使われ|今|いま|現在|最新|前|以前|旧|(?<!\d)次|新しい)\S*?(?:{_WHICH})",
            r"どんな(?:計画|プラン|戦略|ビジョン)が",
            r"(?:計画|プラン|戦略|ビジョン)(?:は|って|が)(?:全部で|ほかに|他に|いま|今)?(?:いくつ|何[つ個本])",
        ),
    )
)
# What such a question says besides: words of beginning and being whole.
_SAID = frozenset(
    {
        "始まる",
        "スタート",
        "開始",
        "動き出す",
        "適用",
        "使う",
        "生きる",
        "有効",
        "概要",
        "中身",
        "全体像",
        "全体",
        "像",
        "構成",
        "要点",
    }
    | {
        "ポイント",
        "あらまし",
        "骨子",
        "特徴",
        "柱",
        "狙い",
        "数値",
        "数字",
        "切れる",
        "大まか",
        "ざっくり",
        "種類",
        "市",
    }
    | {"計画", "プラン", "戦略", "ビジョン", "構想", "大綱", "プログラム", "無い", "古い", "新た"}
)

# Who, where, why: nobody asks that of a plan as a whole, but of something in it.
_OF_A_PART = frozenset({Kind.WHO, Kind.WHERE, Kind.WHY, Kind.MONEY, Kind.CONTACT})


def facet_of(asked: Asked) -> Facet | None:
    """Return what the question asks of a plan as a whole, by its wording alone; None for any other question.

    Whether it names anything besides the plan is told by `beside`.
    """
    if asked.compares or asked.excepted or asked.dates or asked.told or asked.kind in _OF_A_PART:
        return None
    if asked.kind is Kind.PERIOD:
        return Facet.PERIOD
    found = next((facet for facet, pattern in _FACETS if pattern.search(asked.text)), None)
    if found in {Facet.HOLDS, Facet.BEGUN} and not asked.yesno:
        return None
    return None if found is Facet.AIMS and (asked.yesno or "result" in asked.aspects or asked.unit) else found


def beside(words: Iterable[str]) -> frozenset[str]:
    """Return the words that such a question says of something besides plans and what is asked of them."""
    return frozenset(words) - _SAID
