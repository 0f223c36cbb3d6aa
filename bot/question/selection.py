"""What a question asks of the rows of a table: which columns, which rows, and whether it asks to compute.

Column roles are detected with the same patterns as in column heads (`ingest/japanese/column_roles.py`).
"""

import re
from itertools import pairwise

from bot.state.query import Selection
from ingest.japanese.column_roles import ROLE_WORDING, roles_of
from ingest.japanese.lexicon import (
    DEGREE,
    HOW,
    HOW_MANY,
    HOW_MUCH,
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

_RANKS = "(?:多|大き|高|長|広|重|少な|小さ|低|短|狭|軽|安|新し|遅(?!れ)|古|早)"
_MOST = r"(?:最も|もっとも|いちばん|[一1]番(?!目))[^\s、。?]{0,10}?"
_HOW_MUCH_OR_MANY = rf"(?:何[^、。?\sはがを]{{0,5}}?|{HOW_MUCH}|{HOW_MANY}|{TO_WHAT_DEGREE})"
_DIFFERS = rf"{_RANKS}|増|減|伸び|伸ば|上が|下が|縮|違|差|足り|不足|上回|下回|超え|開き"
# What follows from several cells, which no cell states.
_COMPUTED = re.compile(
    # An extreme, an order or a position. 最大風速 names a column, and 最大で何円 asks for a limit.
    rf"{_MOST}(?:{_RANKS}|た(?=の|[一-龥]|とこ|もの|やつ|[はがを、?]))"
    r"|最[多大高長広少小低短新古安](?=の|は|と|[、。?]|$|で(?:す|あ|し))"
    rf"|[上下]位|ワースト|トップ\d|{_RANKS}い?順|ランキング|順位を|(?:何|\d{{1,3}}|[{KANJI_ONE_TO_TEN}])(?:番目|番手|位)"
    # A difference.
    rf"|{_HOW_MUCH_OR_MANY}[^、。?\s]{{0,6}}?(?:{_DIFFERS})|の差|差[はを]|前[月年]度?比|(?:あと|残り)は?{_HOW_MUCH_OR_MANY}"
    r"|(?:増え|減っ|上がっ|下がっ|伸び)(?:まし)?た(?:の|ん)?(?:です)?か?[?。]*$"
    r"|(?:増|減|上がり|下がり)(?:えて|って)(?:い?ま(?:す|した)|る)か?[?。]*$"
    # A sum, a mean, a multiple, a part of a year.
    rf"|合計|合算|総計|累計は|合わせ(?:て|ると?|た)|全部で(?={_HOW_MUCH_OR_MANY})|(?<![一-龥])足[しす]|トータル|の計(?=は|[、。?]|$|って|を|で)"
    r"|平均(?=[はがをでし?。、]|って|する|値[はを]|だと|$|何|いく|どの)|[月年日]平均|何倍|四半期|[上下]半?期|[前後]半期"
)
_WHICH = re.compile(
    rf"{WHICH}(?!{DEGREE})|{WHERE}|{WHICH_OF_TWO}|もの|た[^\s、。?はが]{{1,8}}[はが]あ[りる]|教えて"
    r"|何(?:[がはか]|です|$|\?)|は\??$|一覧|すべて|全て|全部(?!で)|挙げ"
)
_ASKS_COUNT = re.compile(rf"{HOW_MANY}|何(?:個|つ|項目|件|[か箇]所|施設|指標|地区|[館校園室課人])(?!以)")
# Words that express a selection and that no passage need have.
_WORDING = (
    *ROLE_WORDING.values(),
    _COMPUTED,
    re.compile(_HOW_MUCH_OR_MANY),
    _WHICH,
    _ASKS_COUNT,
    re.compile(r"全体|総[量数額計]|両方|双方|比べ|くらべ|並べ|増減|増加|減少|差|未?達成|到達"),
)
_INTERROGATIVE = re.compile(
    rf"何(?!ら|とぞ|度も|か(?!所|国|月|年))|{HOW_MUCH}|{HOW_MANY}|{WHEN}|{WHERE}(?!か)|{WHO}|{WHICH}|{WHICH_OF_TWO}"
)
_PREDICATE_POS = frozenset({"動詞", "副詞可能", "形容詞", "形状詞", "副詞", "感動詞", "接続詞", "連体詞", "代名詞"})
# Reasons, procedures and meanings are not looked up by row and column.
_NOT_FROM_TABLE = re.compile(
    rf"{WHY}|理由|わけ(?=[はがを]|で[すし])|{HOW}"
    rf"|とは(?:何|[?。]|$)|意味|{WHAT_KIND}|何を|何[でに](?!す|し[ょた])|何[^、。?]{{1,3}}(?:以上|以下|未満|以内)"
)


def parse_selection(text: str) -> Selection | None:
    """Return what normalised `text` asks of the rows of a table; None if no table can answer it."""
    if not text.strip() or _NOT_FROM_TABLE.search(text):
        return None
    asks_which = bool(_WHICH.search(text))
    return Selection(
        roles_of(text),
        asks_which=asks_which,
        asks_whether=not asks_which and not _INTERROGATIVE.search(text),
        computes=bool(_COMPUTED.search(text)),
        denied_terms=_denied_terms(text),
        terms=_selection_terms(text),
    )


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


def _selection_terms(text: str) -> frozenset[str]:
    wording = words(" ".join(match[0] for pattern in _WORDING for match in pattern.finditer(text)))
    predicates = (m.normal.lower() for m in morphemes(text) if _PREDICATE_POS & {m.pos[0], m.pos[2]})
    adjectives = (
        m.normal.lower()
        for m, following in pairwise(morphemes(text))
        if m.pos[2] == "形状詞可能" and following.surface == "な"
    )
    return frozenset((*wording, *predicates, *adjectives))
