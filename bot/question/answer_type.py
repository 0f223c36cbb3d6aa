"""Detects the kind of answer that a question expects, from its interrogative or last noun."""

import re
from collections.abc import Iterator
from itertools import zip_longest

from bot.question.query import AnswerType
from ingest.japanese import counter_at, parse_number
from ingest.japanese.interrogatives import (
    HOW,
    HOW_MANY,
    HOW_MUCH,
    TO_WHAT_DEGREE,
    WHAT,
    WHAT_KIND,
    WHEN,
    WHERE,
    WHICH,
    WHICH_OF_TWO,
    WHO,
    WHY,
)
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.tokenise import morphemes

_HOW_MANY = re.compile(r"何(?:十|百|千|万|億|兆)*|幾(?!ら|つ)")
# What asks for a date, an hour, a person, a thing or a sort of things, and for no number.
_NO_NUMBER = re.compile(r"年(?![生齢])|月|日|時(?!間)|番地|度(?!目)|[曜者故処語色科]|円")

_Table = tuple[tuple[AnswerType, re.Pattern[str]], ...]


def _table(**wordings: str) -> _Table:
    return tuple((AnswerType(name.rstrip("_")), re.compile(wording)) for name, wording in wordings.items())


# The first that is found decides.
_INTERROGATIVES = _table(
    money=rf"{HOW_MUCH}(?!つ|か[のは]|でも)|何(?:十|百|千|万|億)*円",
    contact=r"何番(?!目)|電話(?:番号)?(?:は|を|の番|[?。]|$)|電話番号|連絡先|問い?合わ?せ先|メールアドレス",
    person=rf"{WHO}|何さん|{WHERE}の(?:課|部|係|団体|部署)|(?:課|部署|係|担当)は(?:{WHERE}|{WHICH_OF_TWO})|何課",
    reason=WHY,
    date=rf"{WHEN}|何年(?!生)|何月|何日|何曜|何時(?!間)",
    place=rf"{WHERE}(?!まで|でも)|{WHICH_OF_TWO}で(?!す)",
    manner=HOW,
    quantity=rf"{HOW_MANY}|{TO_WHAT_DEGREE}",
)
# The last in the question decides.
_NOUNS = _table(
    money=r"費用|金額|料金|予算|手数料|助成額|補助額|[一-龥](?<![無有])料(?=は|を|[?。]|$)",
    date=r"期間|期限|締め?切り?|時期|日程|日時|期日|[施開実]行日|[一-龥]{2}日(?=は|を|[?。]|$)",
    list_=r"一覧|すべて|全て|全部|列挙|内訳|メンバー|構成員|何がありますか|何があるか|挙げて",
    reason=r"理由|原因|要因|目的|背景|経緯|ねらい",
    person=r"責任者|担当(?:課|部署|者)|氏名|お名前",
    quantity=r"人数|件数|割合|回数|人口|面積|[率数量](?=は|を|って|[?。]|$)",
    place=r"場所|会場|所在地",
    manner=r"方法|手順|手続き?(?=は|を|[?。]|$)|流れ|仕方|やり方",
    definition=rf"(?<![こもひあ])とは|という(?:の|もの)は|意味|定義|って{WHAT}",
)
_BOOLEAN = re.compile(
    r"(?:ます|です|でした|ました|ません|た|る|い|ない|の|ん|でしょう)(?:の|ん)?(?:です|でしょう)?か[?。]?$"
    r"|(?:る|た|い|可能|必要|不要|無料|有料)(?:の|ん)?\?$"
)
# An interrogative that asks for no kind of thing by itself; with it nobody asks for yes or no.
_OPEN = re.compile(rf"何|なに|なん[でのを]|どう|{WHICH}|{WHICH_OF_TWO}|どんな|教え|知りた|挙げ")

# How many members of something a question names: 4つの池, 四つとも挙げて; not 2つ目, 2つ以上.
_MEMBERS = re.compile(
    rf"(?<![\d.,{KANJI_ONE_TO_TEN}百千])(?P<many>\d{{1,2}}|(?!一)[{KANJI_ONE_TO_TEN}])(?:つ|項目|種類|本の?柱)"
    r"(?![目め星子]|以[上下内外]|まで|ずつ)"
)

HEADS = {
    AnswerType.PERSON: ("担当", "所管", "主体", "部署", "主管"),
    AnswerType.PLACE: ("場所", "会場", "所在地", "住所"),
    AnswerType.CONTACT: ("電話", "連絡先", "問合せ先"),
    AnswerType.DATE: ("時期", "期間", "期日", "日時", "日程", "期限", "年月日"),
}
"""Heads of table columns by the kind of answer in them."""

# A question for what a word means, and for nothing else: Xとは何ですか, Xってどういう意味, Xの意味は.
_MEANT = r"(?P<word>[^「」『』、。?]{1,30}?)"
_WHAT = (
    rf"(?:、?(?:いったい)?{WHAT}(?:の(?:こと|略|意味))?"
    rf"|、?{WHAT_KIND}[^、。?をにがはで]{{1,8}})?"
)
_ASKS_MEANING = (
    re.compile(
        rf"(?:.*[「『])?{_MEANT}[」』]?(?:(?<![こもひあ])とは|という(?:の|もの)は|って){_WHAT}(?:です|でしょう|なの|だ|なん)*か?[。?]*"
    ),
    re.compile(rf"(?:.*[「『])?{_MEANT}[」』]?の(?:意味|定義)(?:は|って|を|$|[。?])[^、。]{{0,12}}[。?]*"),
)


def word_to_define(text: str) -> str:
    """Return the word of which normalised `text` asks what it means and no more, "" for none."""
    found = (wording.fullmatch(text) for wording in _ASKS_MEANING)
    return next((match["word"].strip() for match in found if match), "")


def expected_member_count(text: str) -> int:
    """Return of how many members normalised `text` speaks (4つの池は), 0 where it says no number, or more than one."""
    found = {int(parse_number(match["many"])) for match in _MEMBERS.finditer(text)}
    return found.pop() if len(found) == 1 else 0


def detect_answer_type(text: str) -> tuple[AnswerType, str]:
    """Return what normalised `text` asks for, and the counter that it asks for (何件: 件), "" for none."""
    if unit := _counter_asked(text):
        return AnswerType.QUANTITY, unit
    for kind, wording in _INTERROGATIVES:
        if wording.search(text):
            return kind, ""
    named = [(match.end(), kind) for kind, wording in _NOUNS for match in wording.finditer(text)]
    if named:
        return max(named, key=lambda one: one[0])[1], ""
    return (AnswerType.BOOLEAN if _BOOLEAN.search(text) and not _OPEN.search(text) else AnswerType.OTHER), ""


def without_interrogatives(text: str) -> str:
    """Return normalised `text` with 何 for each interrogative of number and the counter after it.

    No passage need contain them: 何日 is answered by 2週間, いくら by 500円.
    """
    pieces, end = [], 0
    for start, stop in _asking(text):
        pieces += [text[end:start], "何"]
        end = stop
    return "".join([*pieces, text[end:]])


def _asking(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a word that asks for a number begins, and where its counter ends: 何百件, 何時間, いくら."""
    start, numeral = -1, False
    ms = morphemes(text)
    for m, following in zip_longest(ms, ms[1:]):
        if start < 0 and m.is_content and m.normal[0] in "何幾":
            start, numeral = m.start, m.normal != "幾ら"
        elif start >= 0:
            numeral = m.pos[1] == "数詞"
        if start >= 0 and not (numeral and following is not None and following.is_noun):
            yield start, m.end
            start = -1


def _counter_asked(text: str) -> str:
    for match in _HOW_MANY.finditer(text):
        if not _NO_NUMBER.match(text, match.end()) and (counter := counter_at(text, match.end())):
            return counter.unit
    return ""
