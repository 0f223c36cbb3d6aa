"""The operation that a question asks for on the rows of a table: extreme, sum, difference, target reached.

Column roles are detected with the same patterns as in column heads (`ingest/tables/table.py`).
"""

import re
from itertools import pairwise

from bot.state.query import Operation, Operator
from ingest.japanese.lexicon import (
    DEGREE,
    DICTIONARY_FORMS,
    GREATER,
    HOW,
    HOW_MANY,
    HOW_MUCH,
    NEWER,
    OLDER,
    POSITION,
    SMALLER,
    SUPERLATIVE_ADVERB,
    TO_WHAT_DEGREE,
    WHAT_KIND,
    WHEN,
    WHERE,
    WHICH,
    WHICH_OF_TWO,
    WHO,
    WHY,
)
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.tokenise import DENIALS, morphemes, words
from ingest.tables.table import ROLE_WORDING, roles_of

_ADJECTIVE_STEM = rf"{GREATER}|{SMALLER}|{NEWER}|{OLDER}"
_ADJECTIVE = re.compile("|".join(sorted(DICTIONARY_FORMS, key=len, reverse=True)))
# After 最: 最大, 最少.
_FORMS_AFTER_MOST = {"大": "大きい", "少": "少ない", "小": "小さい", "新": "新しい"}
_AFTER_MOST = re.compile(r"最([多大高長広少小低短新古安])")
_SUPERLATIVE = rf"(?:{SUPERLATIVE_ADVERB}|1番(?!目))[^\s、。?]{{0,10}}?"
# A superlative of a verb: 一番売れた品, 一番人が来たのは.
_MOST_DONE = (
    rf"{SUPERLATIVE_ADVERB}(?:(?!{_ADJECTIVE_STEM})[^\s、。?]){{1,10}}?"
    r"(?<!かっ)(?<!なかっ)た(?=の|[一-龥]|とこ|もの|やつ|[はがを、?])"
)
# After 最大: 最大風速 names a column and 最大で何円 asks for a limit, so neither asks for a row.
_END_OF_SUPERLATIVE = r"(?=の|は|と|[、。?]|$|で(?:す|あ|し))"
_LOWEST = re.compile("下位|ワースト")
_TOP = re.compile(r"(?:上位|下位|トップ|ワースト|順に)\s?\d{1,2}(?:つ|[件位人]|か所)?")

_HOW_MUCH_OR_MANY = rf"(?:何[^、。?\sはがを]{{0,5}}?|{HOW_MUCH}|{HOW_MANY}|{TO_WHAT_DEGREE})"
_NOT = r"(?:な[いかくけ]|ていな|ません|ず)"
_DIFFERS = rf"{_ADJECTIVE_STEM}|増|減|伸び|伸ば|上が|下が|縮|違|差|足り|不足|上回|下回|超え|開き"
_REMAINING = rf"(?:あと|残り)は?{_HOW_MUCH_OR_MANY}"
_ALL = re.compile(r"一覧|すべて|全て|全部(?!で)|挙げ")
_WHICH = re.compile(
    rf"{WHICH}(?!{DEGREE})|{WHERE}|{WHICH_OF_TWO}|もの|た[^\s、。?はが]{{1,8}}[はが]あ[りる]|教えて"
    rf"|何(?:[がはか]|です|$|\?)|は\??$|{_ALL.pattern}"
)
_ASKS_COUNT = re.compile(rf"{HOW_MANY}|何(?:個|つ|項目|件|[か箇]所|施設|指標|地区|[館校園室課人])(?!以)")
_CHANGES = (
    rf"(?:変わ[らり]|増え|増や[さし]|減[らり]){_NOT}|同じ|据え?置|増え[るたて]|増や[すし]|増加|上が[るっ]|伸びた"
    r"|減[るっ]|減ら[すし]|減少|下が[るっ]"
)

_GREATEST = re.compile(
    rf"{_SUPERLATIVE}(?:{GREATER}|{NEWER})|{_MOST_DONE}|最[多大高長新]{_END_OF_SUPERLATIVE}|上位|トップ\d"
    rf"|(?:{GREATER}|{NEWER})い?順|ランキング|順位を|の(?:\d{{1,2}}|[{KANJI_ONE_TO_TEN}])位"
)
_ASKS_LEAST = re.compile(
    rf"{_SUPERLATIVE}(?:{SMALLER}|{OLDER})|最[少小低短古]{_END_OF_SUPERLATIVE}|{_LOWEST.pattern}"
    rf"|(?:{SMALLER}|{OLDER})い?順"
)
_DIFFERENCE = re.compile(
    rf"{_HOW_MUCH_OR_MANY}[^、。?\s]{{0,6}}?(?:{_DIFFERS})|の差|差[はを]|前[月年]度?比|{_REMAINING}"
    r"|(?:増え|減っ|上がっ|下がっ|伸び)(?:まし)?た(?:の|ん)?(?:です)?か?[?。]*$"
    r"|(?:増|減|上がり|下がり)(?:えて|って)(?:い?ま(?:す|した)|る)か?[?。]*$"
)
_SUM = re.compile(
    rf"合計|合算|総計|累計は|合わせ(?:て|ると?|た)|全部で(?={_HOW_MUCH_OR_MANY})|足[しす]|トータル"
    r"|の計(?=は|[、。?]|$|って|を|で)"
)
# The first pattern that matches decides.
_PATTERNS_BY_OPERATOR = (
    (Operator.MOST, _GREATEST),
    (Operator.LEAST, _ASKS_LEAST),
    (Operator.DIFFERENCE, _DIFFERENCE),
    (Operator.SUM, _SUM),
)
# Words that express an operation and that no passage need have.
_OPERATION_WORDING = (
    *ROLE_WORDING.values(),
    re.compile(_CHANGES),
    re.compile(_HOW_MUCH_OR_MANY),
    _WHICH,
    _ASKS_COUNT,
    _TOP,
    re.compile(r"全体|合計|の計|総[量数額計]|両方|双方|比べ|くらべ|並べ|増減|差|未?達成|到達"),
)
_FOR_EACH = re.compile(rf"{WHICH_OF_TWO}[のがは]|(?:比べ|くらべ)て(?:くださ|[?。]*$)|比較|それぞれ")
_INTERROGATIVES = re.compile(
    rf"何(?!ら|とぞ|度も|か(?!所|国|月|年))|{HOW_MUCH}|{HOW_MANY}|{WHEN}|{WHERE}(?!か)|{WHO}|{WHICH}|{WHICH_OF_TWO}"
)
_PREDICATE_POS = frozenset({"動詞", "副詞可能", "形容詞", "形状詞", "副詞", "感動詞", "接続詞", "連体詞", "代名詞"})
# Reasons, procedures and meanings are not looked up by row and column; averages, positions and parts of a year are not
# computed.
_NOT_FROM_TABLE = re.compile(
    rf"{WHY}|理由|わけ(?=[はがを]|で[すし])|{HOW}"
    rf"|とは(?:何|[?。]|$)|意味|{WHAT_KIND}|何を|何[でに](?!す|し[ょた])|何[^、。?]{{1,3}}(?:以上|以下|未満|以内)"
    rf"|平均(?=[はがをでし?。、]|って|する|値[はを]|だと|$|何|いく|どの)|[月年日]平均|何倍|何位|何番手"
    rf"|(?:何|{POSITION})(?:番目|番手)|[2-9二三四五六七八九十]位|四半期|[上下]半?期|[前後]半期"
)


def parse_operation(text: str) -> Operation | None:
    """Return the table operation of normalised `text`; None if no table can answer it."""
    if not text.strip() or _NOT_FROM_TABLE.search(text):
        return None
    operator, wording = _detect_operator(text)
    return Operation(
        operator,
        roles_of(text),
        adjective=_detect_adjective(wording, text),
        interrogative_count=len(_INTERROGATIVES.findall(text)),
        asks_which=bool(_WHICH.search(text)),
        asks_for_each=bool(_FOR_EACH.search(text)),
        denied_terms=_denied_terms(text),
        terms=_operation_terms(text, wording),
    )


def _detect_operator(text: str) -> tuple[Operator, str]:
    for operator, pattern in _PATTERNS_BY_OPERATOR:
        if match := pattern.search(text):
            return operator, match[0]
    if (which := _WHICH.search(text)) and _ALL.search(text):
        return Operator.LIST, which[0]
    return Operator.SELECT, ""


def _detect_adjective(wording: str, text: str) -> str:
    if shortened := _AFTER_MOST.search(wording):
        return _FORMS_AFTER_MOST.get(shortened[1], f"{shortened[1]}い")
    if match := _ADJECTIVE.search(wording) or _ADJECTIVE.search(text):
        return DICTIONARY_FORMS[match[0]]
    if wording.endswith("た"):
        return "多い"
    return "小さい" if _LOWEST.search(wording) else "大きい"


def _denied_terms(text: str) -> frozenset[str]:
    denied = set[str]()
    noun = list[str]()
    follows_noun = False
    for morpheme in morphemes(text):
        is_noun = morpheme.pos[0] in {"名詞", "接尾辞"}
        if is_noun:
            noun = [*(noun if follows_noun else ()), morpheme.normal.lower()]
        elif morpheme.normal in DENIALS and morpheme.pos[0] in {"助動詞", "形容詞"}:
            denied.update(noun)
        follows_noun = is_noun
    return frozenset(denied)


def _operation_terms(text: str, wording: str) -> frozenset[str]:
    matches = (match[0] for pattern in _OPERATION_WORDING for match in pattern.finditer(text))
    operation_words = words(" ".join((wording, *matches)))
    predicates = (m.normal.lower() for m in morphemes(text) if _PREDICATE_POS & {m.pos[0], m.pos[2]})
    adjectives = (
        m.normal.lower()
        for m, following in pairwise(morphemes(text))
        if m.pos[2] == "形状詞可能" and following.surface == "な"
    )
    return frozenset((*operation_words, *predicates, *adjectives))
