"""Detects the answer type of a question from its interrogative, else from its last noun that has a type."""

import re
from collections.abc import Iterator
from itertools import zip_longest

from bot.answering.state.query import AnswerType
from ingest.japanese import counter_at, lexicon, parse_number
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.tokenise import morphemes

_HOW_MANY = re.compile(r"何(?:十|百|千|万|億|兆)*|幾(?!ら|つ)")
# After 何: a date, time, person, thing or kind is asked for, not a number.
_NOT_A_COUNTER = re.compile(r"年(?![生齢])|月|日|時(?!間)|番地|度(?!目)|[曜者故処語色科]|円")


def _patterns(**patterns: str) -> tuple[tuple[AnswerType, re.Pattern[str]], ...]:
    return tuple((AnswerType(name.rstrip("_")), re.compile(pattern)) for name, pattern in patterns.items())


# The first match in this order decides.
_INTERROGATIVES = _patterns(
    money=rf"{lexicon.HOW_MUCH}(?!つ|か[のは]|でも)|何(?:十|百|千|万|億)*円",
    contact=r"何番(?!目)|電話(?:番号)?(?:は|を|の番|[?。]|$)|電話番号|連絡先|問い?合わ?せ先|メールアドレス",
    person=rf"{lexicon.WHO}|何さん|{lexicon.WHERE}の(?:課|部|係|団体|部署)|(?:課|部署|係|担当)は(?:{lexicon.WHERE}|{lexicon.WHICH_OF_TWO})|何課",
    reason=lexicon.WHY,
    date=rf"{lexicon.WHEN}|何年(?!生)|何月|何日|何曜|何時(?!間)",
    place=rf"{lexicon.WHERE}(?!まで|でも)|{lexicon.WHICH_OF_TWO}で(?!す)",
    manner=lexicon.HOW,
    quantity=rf"{lexicon.HOW_MANY}|{lexicon.TO_WHAT_DEGREE}",
)
# The match that ends last in the question decides.
_NOUNS = _patterns(
    money=r"費用|金額|料金|予算|手数料|助成額|補助額|[月年日]額|[一-龥](?<![無有])[料額](?=は|を|\(|[?。]|$)",
    date=r"期間|期限|締め?切り?|時期|日程|日時|期日|[施開実]行日|[一-龥]{2}日(?=は|を|[?。]|$)",
    list_=r"一覧|すべて|全て|全部|列挙|内訳|メンバー|構成員|何がありますか|何があるか|挙げて",
    reason=r"理由|原因|要因|目的|背景|経緯|ねらい",
    person=r"責任者|担当(?:課|部署|者)|氏名|お名前",
    quantity=r"人数|件数|割合|回数|人口|面積|[率数量](?=は|を|って|[?。]|$)",
    place=r"場所|会場|所在地|(?:持ち?込み?|提出|申し?込み?|届け?出?|搬入|送付)先",
    manner=r"方法|手順|手続き?(?=は|を|[?。]|$)|流れ|仕方|やり方",
    definition=rf"(?<![こもひあ])とは|という(?:の|もの)は|意味|定義|って{lexicon.WHAT}",
)
_BOOLEAN = re.compile(
    r"(?:ます|です|でした|ました|ません|た|る|い|ない|の|ん|でしょう)(?:の|ん)?(?:です|でしょう)?か[?。]?$"
    r"|(?:る|た|い|可能|必要|不要|無料|有料)(?:の|ん)?\?$"
)
# An interrogative without an answer type of its own; a question with one is not a yes-no question.
_OPEN_QUESTION = re.compile(
    rf"何|なに|なん[でのを]|どう|{lexicon.WHICH}|{lexicon.WHICH_OF_TWO}|どんな|教え|知りた|挙げ"
)

# The number of members that a question names: 4つの池, 四つとも挙げて; not 2つ目, 2つ以上.
_MEMBER_COUNT = re.compile(
    rf"(?<![\d.,{KANJI_ONE_TO_TEN}百千])(?P<count>\d{{1,2}}|(?!一)[{KANJI_ONE_TO_TEN}])(?:つ|項目|種類|本の?柱)"
    r"(?![目め星子]|以[上下内外]|まで|ずつ)"
)


def expected_member_count(text: str) -> int:
    """Return the number of members that normalised `text` names (4つの池は: 4), 0 for no number or several."""
    counts = {int(parse_number(match["count"])) for match in _MEMBER_COUNT.finditer(text)}
    return counts.pop() if len(counts) == 1 else 0


def detect_answer_type(text: str) -> tuple[AnswerType, str]:
    """Return the answer type of normalised `text` and the counter that it asks for (何件: 件), "" for none."""
    for match in _HOW_MANY.finditer(text):
        if not _NOT_A_COUNTER.match(text, match.end()) and (counter := counter_at(text, match.end())):
            return AnswerType.QUANTITY, counter
    for answer_type, pattern in _INTERROGATIVES:
        if pattern.search(text):
            return answer_type, ""
    ends = {noun_type: max((m.end() for m in nouns.finditer(text)), default=0) for noun_type, nouns in _NOUNS}
    last_noun_type = max(ends, key=ends.__getitem__)
    if ends[last_noun_type]:
        return last_noun_type, ""
    is_boolean = _BOOLEAN.search(text) and not _OPEN_QUESTION.search(text)
    return (AnswerType.BOOLEAN if is_boolean else AnswerType.OTHER), ""


def without_interrogatives(text: str) -> str:
    """Return normalised `text` with each interrogative of number and its counter replaced by 何.

    An answer need not contain them: 何日 is answered by 2週間, いくら by 500円.
    """
    replaced = ""
    position = 0
    for start, end in _number_interrogatives(text):
        replaced += text[position:start] + "何"
        position = end
    return replaced + text[position:]


def _number_interrogatives(text: str) -> Iterator[tuple[int, int]]:
    start = -1
    takes_counter = False
    all_morphemes = morphemes(text)
    for m, following in zip_longest(all_morphemes, all_morphemes[1:]):
        if start < 0 and m.is_content and m.normal[0] in "何幾":
            start = m.start
            takes_counter = m.normal != "幾ら"
        elif start >= 0:
            takes_counter = m.pos[1] == "数詞"
        if start >= 0 and not (takes_counter and following is not None and following.is_noun):
            yield start, m.end
            start = -1
