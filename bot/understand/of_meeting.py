"""Questions about a meeting itself: when and where it was held, who was there or not, when the next one is."""

import re
from collections.abc import Iterable
from enum import StrEnum

from bot.understand.asked import Asked, Kind


class Facet(StrEnum):
    """What is asked of a meeting."""

    NEXT = "next"
    """When and where the next one is."""
    ABSENT = "absent"
    """Who of its members was not there."""
    OBSERVERS = "observers"
    """How many listened."""
    PRESENT = "present"
    """Who was there."""
    HELD = "held"
    """When and where it was."""
    CHAIR = "chair"
    """Who holds an office in it."""
    STAFF = "staff"
    """Who was there for the office that serves it."""
    VOTE = "vote"
    """How many voted for a matter, and how many against it."""
    OPPOSED = "opposed"
    """Who spoke against a matter."""
    DECIDED = "decided"
    """Whether a matter is decided, or still open."""


_BODY = r"(?:会議|協議会|審議会|委員会|部会|懇談会|懇話会|検討会|研究会|評議会|審査会|会合|総会|集まり)"
_BODIES = re.compile(
    r"(?P<called>[一-龥ァ-ヶー・]{0,12}?)(?P<body>協議会|審議会|委員会|部会|懇談会|懇話会|検討会|研究会|評議会|審査会|総会)"
)
_WHEN = r"いつ|何月|何日|何曜|何時|日時|日程|日にち|日付|期日|時刻"
_WHERE = r"どこ|どちら|場所|会場|何階|どの部屋"
OFFICE = r"(?:副?会長|副?委員長|副?議長|副?座長|部会長|職務代理者?)"
"""The offices that members of such a body hold."""
_NAMED = r"(?:誰|だれ|どなた|名前|氏名|何さん|どの(?:委員|人|方)|何という)"
_FACETS: tuple[tuple[Facet, re.Pattern[str]], ...] = tuple(
    (facet, re.compile("|".join(wordings)))
    for facet, *wordings in (
        (
            Facet.VOTE,
            r"採決|評決|表決|票数|何票|何対何|賛否の?(?:数|内訳|結果)",
            r"(?:賛成|反対)[^。]{0,12}?(?:何[人名]|人数|数(?:は|を|$))|(?:何[人名])[^。]{0,6}(?:賛成|反対)",
        ),
        (
            Facet.OPPOSED,
            rf"反対[^。]{{0,16}}?{_NAMED}|{_NAMED}[^。]{{0,16}}反対|反対(?:し|の|だ)[^。]{{0,6}}(?:委員|人|方|メンバー)(?:は|って|を|\?|$)",
        ),
        (
            Facet.DECIDED,
            r"(?:もう|すでに|既に|結局|正式に)[^。]{0,8}(?:決ま|決定|承認|了承|認め)|(?:決ま|決定し|承認され|了承され)(?:りまし|っ|まし)?た(?:の|ん)?(?:です)?(?:か|\?|$)",
        ),
        (Facet.CHAIR, rf"{OFFICE}[^。]{{0,12}}{_NAMED}|{_NAMED}[^。]{{0,6}}{OFFICE}"),
        (Facet.STAFF, rf"事務局[^。]{{0,12}}{_NAMED}|事務局(?:から|として|で)[^。]{{0,8}}(?:出席|参加|出て)"),
        (
            Facet.NEXT,
            rf"(?:次回?|つぎ|今度|こんど)(?:の|は|って|に)?[^。]{{0,24}}?(?:{_BODY}|{_WHEN}|{_WHERE}|予定)",
            rf"{_BODY}(?:の|は|って|、|\s)*(?:次回?|つぎ|今度|こんど)(?!第)",
        ),
        (
            Facet.ABSENT,
            r"欠席(?:し|者|委員|は|が|さ|だ|の|を|\?|$)|休(?:んだ|んで|まれ)|不参加",
            r"(?:来|来て|来られ|出|出て|出られ|出席し|出席でき|参加し|参加でき|い)(?:い)?な(?:かった|い)(?:委員|人|方|メンバー|の)",
        ),
        (Facet.OBSERVERS, r"傍聴(?:者|人|し[てた]|に来|は|の人|席に|\s)"),
        (
            Facet.PRESENT,
            r"出席(?:し|者|委員|は|が|さ|だ|の|を|\?|$)|参加(?:者|し(?:た|て))|顔ぶれ|(?:出て|来て)い?た(?:委員|人|方|の)",
        ),
        (
            Facet.HELD,
            rf"(?:{_WHEN}|{_WHERE}).{{0,16}}(?:開か|開催|行わ|あっ|あり|催)",
            rf"(?:開か|開催|行わ|あった|催).{{0,16}}(?:{_WHEN}|{_WHERE})|{_BODY}の(?:日時|日付|開催日|場所|会場)",
        ),
    )
)
# How one listens, and who may, is told to those who want to.
_TO_COME = re.compile(
    r"(?:でき|出来|申し?込|したい|たければ|たら|場合|方法|どうすれば|どうやって|手続|定員|資格|すると)"
)
OF_A_MATTER = frozenset({Facet.VOTE, Facet.OPPOSED, Facet.DECIDED})
"""What is asked of one matter that a meeting spoke of, not of the meeting as such."""
# What such a question says besides: who is asked for, and that somebody asks.
_SAID_WORDS = """
ある する もう 不参加 了承 今度 件 休む 会 会合 会場 会議 会議録 会長 何階 傍聴 傍聴人 傍聴者
内訳 出席 出席者 分 副 副会長 副委員長 協議 協議会 参加 参加者 反対 唱える 問い合わせ 回 場所
多数 委員 委員会 委員長 審査 審査会 審議 審議会 席 座長 懇話 懇話会 懇談 懇談会 承認 採決 提案
日にち 日日 日付 日時 日程 時刻 時間 有る 期日 案 検討 検討会 欠席 欠席者 氏名 決まる 決める 決定
為る 研究会 票 票数 総会 者 表決 評決 評議 評議会 話 認める 議事録 議長 議題 賛否 賛成 部会
部会長 部屋 長 開く 開催 開始 集まり 顔ぶれ
"""
_SAID = frozenset(_SAID_WORDS.split())
_OF_STAFF = frozenset({"事務", "局", "事務局", "職員"})
_NAMES_WANTED = re.compile(r"誰|だれ|どなた|名前|氏名|どの(?:委員|人|方)|どんな(?:人|方)")
_OF_RECORD = re.compile(
    rf"{_BODY}|{OFFICE}|委員|事務局|出席|欠席|参加|傍聴|担当|課|誰|だれ|どなた|{_WHEN}|{_WHERE}|公開|資料|記録"
)


def facet_of(asked: Asked) -> Facet | None:
    """Return what the question asks of a meeting itself, by its wording alone; None for any other question.

    Whether it names anything besides the meeting is told by `beside`.
    """
    if asked.excepted or asked.told or asked.kind in {Kind.WHY, Kind.MONEY, Kind.CONTACT}:
        return None
    found = next((facet for facet, pattern in _FACETS if pattern.search(asked.text)), None)
    if found is None or found in OF_A_MATTER or asked.compares:
        return found if found in OF_A_MATTER else None
    if found is Facet.NEXT:
        return None if re.search(r"まで(?:に|の)", asked.text) else found
    if _TO_COME.search(asked.text) or (found is Facet.HELD and not re.search(_BODY, asked.text)):
        return None
    return found


def beside(words: Iterable[str], facet: Facet | None = None) -> frozenset[str]:
    """Return the words that such a question says of something besides a meeting and what `facet` asks of it."""
    return frozenset(words) - _SAID - (_OF_STAFF if facet is Facet.STAFF else frozenset())


def asks_of_meeting(asked: Asked) -> bool:
    """Whether the question may be of what is recorded of a meeting: its people, its day, its place."""
    return bool(_OF_RECORD.search(asked.text)) and not _TO_COME.search(asked.text)


def bodies_named(text: str) -> tuple[tuple[str, str], ...]:
    """Return the bodies that normalised `text` speaks of, each with what it is called before: 農業, 委員会."""
    return tuple((match["called"], match["body"]) for match in _BODIES.finditer(text))


def office_in(text: str) -> str:
    """Return the office that normalised `text` names first, or an empty string."""
    match = re.search(OFFICE, text)
    return match[0] if match else ""


def wants_names(asked: Asked) -> bool:
    """Whether people are asked for by name, and not how many."""
    return bool(_NAMES_WANTED.search(asked.text)) and not wants_count(asked)


def wants_count(asked: Asked) -> bool:
    """Whether it is asked how many people there were."""
    return bool(re.search(r"何[人名]|人数|数は|いくつ", asked.text))


def wants_day(asked: Asked) -> bool:
    """Whether the day or hour is asked for."""
    return bool(re.search(rf"{_WHEN}|開催日|た日|日[とや、]", asked.text))


def wants_place(asked: Asked) -> bool:
    """Whether the place is asked for."""
    return bool(re.search(_WHERE, asked.text))
