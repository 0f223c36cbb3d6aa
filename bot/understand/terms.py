"""The words that a question puts weight on, and the words of a passage to hold against them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.understand.asked import Term
from bot.understand.bounds import bounded_names, counts
from bot.understand.denial import opposite
from bot.understand.elsewhere import is_elsewhere
from bot.understand.everyday import Meanings, meant
from bot.understand.formal import is_formal, is_pointed_at, is_where_said
from bot.understand.how_many import counters_asked
from bot.understand.kind_asked import HOW_MUCH
from bot.understand.kind_words import KIND_WORDS
from bot.understand.numbered import is_grade, numbered
from bot.understand.taken_up import taken_up_from
from bot.understand.vocabulary import ASKING, CITY_LEVEL, PLAN_WORDS, WEAK
from bot.understand.whole_verbs import whole_verbs
from ingest.normalise import dates, nfkc
from ingest.tokenise import LIGHT_WORDS, Morpheme, morphemes, verbs

# How much a word must be covered: things themselves fully, what only qualifies them less. Chosen on the cases of
# 2026-11-20 (eval/LOG.md).
_VERB, _ADVERB, _AFFIX, _NUMERAL, _CATEGORY = 0.3, 0.1, 0.25, 0.4, 0.35
# What only spells out an abbreviation that stands beside it.
_SPELT_OUT = 0.1
# Words of the sentences around the one that asks count by this share, nearly in full those that it takes up.
_OCCASION, _TAKEN_UP = 0.4, 0.9
_MASK = re.compile(r"〔[^〕]*〕")  # what stands where a personal number stood
_NOT_NAMING = frozenset({"感動詞", "連体詞", "接続詞", "代名詞", "形状詞"})
_SHORTEST_COMPOUND = 4
_HOW_MUCH = re.compile(HOW_MUCH)
_COUNTER, _MAY_COUNT = re.compile(r"[一-龥]|[かカヶヵケ箇ヵ]月"), ("助数詞可能",)
_LENGTHS = frozenset({"年間", "月間", "週間", "日間", "時間"})
_HOW_OFTEN = re.compile(r"[ぁ-ゖー]+|[一二三]度")


def terms_of(text: str, core: str, aside: Sequence[tuple[int, int]] = ()) -> tuple[Term, ...]:
    """Return the terms of normalised `text`; `core` is the sentence of it that asks, `aside` what names no subject."""
    return _terms(text, core, taken_up_from(text, core, _names_something), aside)


def _names_something(part: str) -> bool:
    return any(t.weight >= 1.0 and t.text not in KIND_WORDS for t in _terms(part, part, 0))


def _terms(text: str, core: str, first: int, aside: Sequence[tuple[int, int]] = ()) -> tuple[Term, ...]:
    """Return the terms of `text`; `core` takes up what stands before it from `first` on."""
    mentions = [(d.start, d.end) for d in dates(text)] + [mask.span() for mask in _MASK.finditer(text)] + [*aside]
    mentions += [(counter.start, counter.end) for counter in counters_asked(text)]
    mentions += [asking.span() for asking in _HOW_MUCH.finditer(text)]  # the どん of どんくらい is no 殿
    start = text.find(core)
    terms, ms = dict[str, Term](), whole_verbs(text)
    meanings = _meanings(ms)
    for i, m in enumerate(ms):
        if any(first <= m.start < end for first, end in mentions):
            continue
        if denied := opposite(ms, i):
            terms[denied] = Term(denied, 1.0)
            continue
        if not _names(m) or is_formal(ms, i):
            continue
        if i and ms[i - 1].normal.startswith("何"):  # 何年, 何時: what is asked for too
            continue
        if name := numbered(ms, i):
            terms.pop(name.removesuffix(m.normal), None)
            terms[name] = Term(name, _NUMERAL) if is_grade(ms, i) else Term(name, 1.0, proper=True)
            continue
        in_core = start <= m.start < start + len(core)
        around = _TAKEN_UP if first <= m.start < start else _OCCASION
        term = _term(ms, i, text, 1.0 if in_core else around)
        term = replace(term, meanings=meanings.get(i, frozenset()))
        if term.text not in terms or terms[term.text].weight < term.weight:
            terms[term.text] = term
    for name in sorted(bounded_names(core)) if counts(text) else ():
        terms[name] = Term(name, 1.0, proper=True)
    return tuple(terms.values())


def _meanings(ms: Sequence[Morpheme]) -> dict[int, Meanings]:
    """Return what documents may write for a word, by its place in `ms`."""
    found: dict[int, Meanings] = {}
    for one in meant(ms):
        for place in one.places:
            found[place] = found.get(place, frozenset()) | one.meanings
    return found


def _names(m: Morpheme) -> bool:
    """Whether the word says what the question is about rather than that it asks."""
    if not m.is_content or m.pos[0] in _NOT_NAMING or m.normal.startswith("何"):
        return False
    return m.normal not in LIGHT_WORDS and m.normal not in ASKING


def _term(ms: list[Morpheme], i: int, text: str, share: float) -> Term:
    m = ms[i]
    asked = _is_asked(ms, i)
    category = asked and _heads_clause(ms, i)
    weight = _CATEGORY if category or _in_gloss(text, m.start) else _weight(ms, i)
    weight = min(weight, _CATEGORY) if is_pointed_at(ms, i) else weight
    weight = min(weight, _SPELT_OUT) if _spells_out(text, m.start) else weight
    proper = (m.pos[1] == "固有名詞" and m.normal not in CITY_LEVEL) or is_elsewhere(ms, i)
    return Term(m.normal.lower(), weight * share, proper, asked and not category)


def _weight(ms: list[Morpheme], i: int) -> float:
    m = ms[i]
    if m.normal in PLAN_WORDS and i + 1 < len(ms) and ms[i + 1].pos[:3] == ("接尾辞", "名詞的", "一般"):
        return 1.0  # 事業者 and 事業費 are no 事業
    if m.pos[0] == "副詞" or _says_how(m):
        return _ADVERB
    if m.pos[0] in {"動詞", "形容詞"} or m.normal in PLAN_WORDS:
        return _VERB
    if m.pos[0] in {"接尾辞", "接頭辞"} or m.normal in WEAK or _counts(ms, i) or is_where_said(ms, i):
        return _AFFIX
    return _NUMERAL if m.pos[1] == "数詞" else 1.0


def _counts(ms: list[Morpheme], i: int) -> bool:
    """Whether the noun only counts the number before it (4年間, 夜7時, 3軒): it says no more than an affix."""
    counter = ms[i].normal in _LENGTHS or bool(_COUNTER.fullmatch(ms[i].surface) and ms[i].pos[2:3] == _MAY_COUNT)
    return bool(i) and counter and ms[i - 1].pos[1:2] == ("数詞",)


def _says_how(m: Morpheme) -> bool:
    """Whether the noun stands for an adverb and is written in kana or tells how often (そのまま, 一度)."""
    return m.pos[2:3] == ("副詞可能",) and bool(_HOW_OFTEN.fullmatch(m.surface))


def _is_asked(ms: list[Morpheme], i: int) -> bool:
    """Whether the noun is what is asked about: the last one before は, を, って or the end (予算額 in Xの予算額は)."""
    if not ms[i].is_noun:
        return False
    behind = [m.surface for m in ms[i + 1 :] if m.pos[0] != "空白" and not m.is_noun][:2]
    return not behind or behind[0] in {"は", "を", "って", "?", "。"} or behind == ["と", "は"]


def _heads_clause(ms: list[Morpheme], i: int) -> bool:
    """Whether the noun closes a clause about it (挙げている技術): it names a kind of answer, not the subject."""
    while i > 0 and ms[i - 1].is_noun:
        i -= 1
    return i > 0 and ms[i - 1].pos[0] in {"動詞", "助動詞"}


def _in_gloss(text: str, start: int) -> bool:
    """Whether the place is in brackets that only explain the word before them: AR(拡張現実)."""
    opened = text.rfind("(", 0, start)
    return opened > 0 and ")" not in text[opened:start]


def _spells_out(text: str, start: int) -> bool:
    """Whether the place is in brackets that spell out the Latin letters before them: AR(拡張現実)."""
    opened = text.rfind("(", 0, start)
    return _in_gloss(text, start) and text[opened - 1].isascii() and text[opened - 1].isalpha()


def compounds(text: str) -> tuple[str, ...]:
    """Return the runs of nouns in normalised `text` (行政手続き, 推進本部), lower case, without spaces."""
    found = []
    run: list[Morpheme] = []
    for m in [*morphemes(text), None]:
        if m is not None and m.is_noun and not m.normal.startswith("何") and m.normal not in ASKING:
            run.append(m)
            continue
        word = "".join(r.surface for r in run)
        if len(run) > 1 and len(word) >= _SHORTEST_COMPOUND:
            found.append(word.casefold())
        run = []
    return tuple(dict.fromkeys(found))


def content_terms(text: str) -> frozenset[str]:
    """Return the normal forms of the content words of a passage's piece, for comparing with a question's terms.

    A noun with its number (視点1, Stage 2) and a figure with its bound (65歳以上) are terms beside their parts.
    """
    normal = nfkc(text)
    ms = morphemes(normal)
    terms = {m.normal.lower() for m in ms if m.is_content and m.normal not in LIGHT_WORDS}
    terms |= verbs(normal) - LIGHT_WORDS
    return frozenset(terms | {name for i in range(len(ms)) if (name := numbered(ms, i))}) | bounded_names(normal)
