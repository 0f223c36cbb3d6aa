"""Literal properties of a sentence that the words it is taken from must share: polarity, end, plan, exclusion, order.

No meaning is inferred. A sentence is blocked where it has a word of one of these small classes and the sentences of its
sources that carry it have none.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.guardrails.secrets import secrets_named
from bot.verification.hypothesis import Hypothesis
from bot.verification.predicates import predicates
from bot.verification.source_text import Clause
from ingest.japanese.notation import BRACKETED_WEEKDAYS, ERA, KANJI_DIGITS, WEEKDAY
from ingest.japanese.polarity import PREFIXES

# A source with one of these may be told in the negative: of 休館日 one says 開いていません.
_NEGATIVE = re.compile(
    r"休|除[くいきか]|禁|断[りっわ]|欠|のみ|(?<!いた)だけ|限|以外|[対圏市町村区県校]外|遠慮|[中停]止|廃止|終了|閉[館鎖庁校場]|しか|専用|×|ほか"
    r"|のうち|ただし|困難|難し|失効|締め?切"
)
# What is affirmed in a sentence that has one of these may be denied of what it leaves out.
_LEFT_OUT = re.compile(
    r"のみ|(?<!いた)だけ|限[るりらっ定]|以外|除[くいきか]|不可|ただし|しか|休|対象外|遠慮|締め?切|[中停]止|廃止|終了"
)
# 記載はありません tells of the source, not of what stands in it.
_OF_SOURCE_TEXT = """
示 書 記載 説明 載 触 述 情報 言及 挙
"""
_OF_SOURCE = frozenset(_OF_SOURCE_TEXT.split())
# A figure below another does not reach it.
_COMPARED_TEXT = """
届 足 達 達成 及 満 上回 超
"""
_COMPARED = frozenset(_COMPARED_TEXT.split())
_LABEL = re.compile(r"(?:^|(?<=[\s。、(]))[^\s:。、()]{1,10}:", re.MULTILINE)
_BOUNDED = re.compile(rf"まで|期限|対象|資格|以[上下内前降]|未満|歳|年生|{WEEKDAY}曜?\)|曜|同伴|一部|平日|満")
_STOPPED = re.compile(
    r"(?:廃[止園校館線刊業]|撤廃|中止|[休停]止|取り?(?:やめ|止め)|閉[鎖園校店業]|解散|打ち?切り|見送り)"
    r"(?=し(?!な)|さ[れせ]|とし|[にと]な[りっる]|と?決|です|で、|中[でに。]|。|$)"
    r"|打ち?切[らっ]|取り?[や止]め(?:ま|た|て|ら)|(?<=を)やめ(?:ま|た|て|る)|[れえけせきげ]なくな[りっ]|見送[らっ]"
)
_FINISHED = re.compile(r"終了|終わ[っりる]|終え|完了|満了|締め切[らっり]")
_FINISHED_SOURCE = re.compile(rf"{_FINISHED.pattern}|完成|済|締め?切|なくな")
_STOPPED_SOURCE = re.compile(rf"{_STOPPED.pattern}|中止|終了|終わ|終え|なくな|やめ|休館|休業|閉")
_DONE = re.compile(r"[^、。]{0,6}?(?:た(?=[。、が]|$)|てい(?:ます|る)|ており)")
_WILL = re.compile(r"[^、。]{0,6}?(?:ます|る)(?=[。、]|$)")
_WEATHER, _WEATHER_STOPS = re.compile("雨|荒天|天候"), re.compile("(?:雨天|荒天|悪天候)(?:時|の場合|のとき)?は?、?中止")
_CONTRASTED = re.compile(
    r"[^、。]{0,12}?(?:で(?:は|も)?|と(?:は|まで)[^、。]{0,3})な[くいけ]"
    r"|[^、。]{0,8}?(?:では|とは)ありません|[^、。]{0,10}?な(?:くても|ければ|い(?:と|場合|とき))|[^、。]{0,8}?ず(?:に|、)"
)
_SAID_TO_BE = re.compile(r"[^、。]{0,6}と(?:さ|な)")
_COUNTED = re.compile(rf"[\d{KANJI_DIGITS}十百千万][年月]?$")
_EVEN_IF = re.compile(r"[^、。]{0,8}?でなくても")
_UNTIL = re.compile(r"まで|期限|必着|消印|~|間|次第|分|時")
_PLANNED = re.compile(
    r"予定|検討|目指|めざ|見込|方針|考えて(?:い|お)|(?:て|で)(?:いき|まいり)(?:たい|ます)|たいと|こととし|努め|意向|想定|場合が?あ|可能性"
    r"|計画(?:して|中|では)|準備"
)
_PLANS = re.compile(rf"(?:{_PLANNED.pattern})[^。、\n]{{0,12}}(?:$|[。\n])")
_ALREADY = re.compile(r"(?:すで|既)に|もう(?=[^一少])")
# A plan may be told of in the past: 述べました, 求めました.
_REPORTED_TEXT = """
述 答 答弁 説明 発表 求 尋 聞 質 質問 紹介 示 言 話 主張 提案 要望 指摘 訴 問 考 思 受止 挙 書 報告 伝 語 提出
公表 評価 触 確認 お願 願 伺 決 想定 予定 計画 検討 見込 進 目指
"""
_REPORTED = frozenset(_REPORTED_TEXT.split())
_EXCLUSIVE = re.compile(
    r"(?<!\d[回人組点個枚件度])(?:のみ(?!な)|(?<!いた)(?<!る)だけ(?!で|を見)|しか(?=[^。]{0,20}(?:な[いくか]|ません)))"
    r"|に限(?:り(?!が|ませ)|る|っ|定|ら(?!ず))|限定|(?<![それの])以外|を除[いくき]|から除"
)
_ANYONE_TEXT = """
人 者 方 場合 時
"""
_ANYONE = frozenset(_ANYONE_TEXT.split())
_EXCLUSIVE_SOURCE = re.compile(
    r"のみ|だけ|限|しか|以外|除|専用|不可|外|ません|ない|ほか|ただし|唯一|一部|\([^()]+は[^()]+\)"
)
_NUMBER = r"\d+(?:[.,]\d+)*"
_UNIT = r"(?:年度?|か月|カ月|月|日|円|歳|人|年生|週|回|階|号|級|番|ページ|%|km|m)?"
_BEFORE = rf"(?:{ERA}|午前|午後|小学|中学|高校|大学|[一-龥]{{0,4}}(?:前日|当日|翌日|翌年)の?|同年?|約|第)?"
_WEEKDAY = rf"(?:\s?{BRACKETED_WEEKDAYS})?"
_CLOCK = rf"{_BEFORE}\d{{1,2}}時(?:半|\d{{1,2}}分)?"
_DATE_OR_COUNT = rf"(?:{_BEFORE}(?!\d+時)(?<!\d){_NUMBER}(?:[万億千](?:{_NUMBER})?)?{_UNIT}(?:生(?!ま))?{_WEEKDAY})+"
_POINT = (
    rf"(?:{_CLOCK}|{_DATE_OR_COUNT}|{WEEKDAY}曜日?|\({WEEKDAY}\)|(?:小学|中学|高校|大学)校?生?|幼児)"
    "(?:頃|ごろ)?"
)
_RANGE = re.compile(rf"(?P<a>{_POINT})\s?(?:~|から|-)\s?(?P<b>{_POINT})")
_OF_WEEK = re.compile(r"(?<=\d[年月日])\s?\([^()]*\)")
_PART = re.compile(rf"{_NUMBER}|{WEEKDAY}(?=曜|\))|[小中高大](?=学|校)|幼児|半|[前当翌]日")


def literal_faults(h: Hypothesis) -> Iterator[tuple[str, str]]:
    """Yield (words, message) for each literal property of a normalised statement that its sources lack."""
    source = "\n".join(carrying(h))
    # What is not anchored by a quote may lean on any sentence of its passages.
    whole = source if h.quotes else "\n".join(premise.body for premise in h.cited)
    named = secrets_named(h.text) - secrets_named("\n".join(p.whole for p in h.cited))
    yield from ((words, f"「{words}」は出典にありません") for words in sorted(named))
    for words in _negations_added(h.text, source, whole):
        yield words, f"「{words}」と打ち消す言葉が、出典のその文にありません"
    for words in _negations_dropped(h.text, source, whole):
        yield words, f"「{words}」は、出典では打ち消されています"
    for words in _ended(h.text, source):
        yield words, f"「{words}」とは、出典のその文にありません"
    for words in _told_as_done(h.text, source):
        yield words, f"「{words}」は、出典では行われたこととされていません"
    for words in _exclusions(h.text, source):
        yield words, f"「{words}」と限る言葉が、出典のその文にありません"
    for words in _reversed_ranges(h.text, source):
        yield words, f"「{words}」は、出典と順序が逆です"


def sentence_of(clause: Clause) -> str:
    """Return the sentence that a clause is part of, with the headings over it."""
    return "\n".join((clause.line, *clause.heads))


def carrying(h: Hypothesis) -> list[str]:
    """Return what carries the statement: its quotes, else the sentences of its premises that share most words."""
    if h.quotes:
        return list(h.quotes)
    said = {p.key for p in predicates(h.text)}
    ranked = {
        sentence_of(c): len(said & {p.key for p in predicates(sentence_of(c))}) for p in h.cited for c in p.clauses
    }
    most = max(ranked.values(), default=0)
    return [text for text, score in ranked.items() if score and score * 2 >= most]


def _polarities(text: str, *, labels_affirm: bool = False) -> dict[str, set[bool]]:
    """Return whether each word is affirmed or negated, or both; whether a label (対象:) alone affirms is told."""
    labels = [] if labels_affirm else [match.span() for match in _LABEL.finditer(text)]
    stated: dict[str, set[bool]] = {}
    for p in predicates(text):
        if p.negated or not any(start <= p.start < end for start, end in labels):
            stated.setdefault(p.key, set()).add(p.negated)
    return stated


def _negations_added(text: str, source: str, whole: str) -> Iterator[str]:
    """Yield the words that the text negates where the source affirms them, or the whole passage negates nothing."""
    stated = _polarities(source)
    negates = _NEGATIVE.search(whole) or any(p.negated for p in predicates(whole))
    for p in predicates(text):
        words, is_figure = text[p.start : p.start + 14], _COUNTED.search(text[: p.start])
        if not p.negated or is_figure or True in stated.get(p.key, ()):
            continue
        if p.key in stated and p.key not in _COMPARED and not _EVEN_IF.match(words):
            is_open = whole is not source and (negates or _LEFT_OUT.search(whole))
            is_wrong = not is_open and not any(_leaves_open(line, p.key) for line in source.splitlines())
        else:
            open_to_it = p.key in _OF_SOURCE | _COMPARED or _CONTRASTED.match(words) or words[0] in PREFIXES
            is_wrong = not (negates or open_to_it or _BOUNDED.search(whole))
        if is_wrong:
            yield words


@lru_cache(maxsize=4096)
def _leaves_open(line: str, key: str) -> bool:
    """Whether a line of a source that affirms the word denies or leaves out something too."""
    told = predicates(line)
    return any(p.key == key for p in told) and bool(
        any(p.negated for p in told) or _LEFT_OUT.search(line.replace(key, ""))
    )


def _negations_dropped(text: str, source: str, whole: str) -> Iterator[str]:
    """Yield the words that the text affirms where the source only negates them."""
    told, stated = predicates(text), _polarities(whole, labels_affirm=True)
    is_anchored = whole is source
    is_turned = set(_NEGATIVE.findall(text)) - set(_NEGATIVE.findall(whole))
    if is_turned or any(p.negated for p in told):
        return
    if not is_anchored and any(p.key == "要" for p in told):  # which of several things needs it, a quote would tell
        return
    for before, p in zip((None, *told), told, strict=False):
        is_needed = p.key == "要" and before and False in stated.get(before.key, ())
        if stated.get(p.key) == {True} and not is_needed:
            yield text[p.start : p.start + 14]


def _ended(text: str, source: str) -> Iterator[str]:
    """Yield what the text says has been stopped, or has ended, where the source does not."""
    told = predicates(text)
    sure = source if _WEATHER.search(text) else _WEATHER_STOPS.sub("", source)
    for match in _STOPPED.finditer(text):
        is_negated = any(p.negated and match.start() <= p.start < match.end() for p in told)
        if not is_negated and not _STOPPED_SOURCE.search(sure):
            yield match[0]
    for match in _FINISHED.finditer(text):
        rest = text[match.end() - 1 :]
        if _DONE.match(rest):
            is_stated = any(p.past for p in predicates(source))
        elif _WILL.match(rest):
            is_stated = bool(_UNTIL.search(source))
        else:
            continue
        if not is_stated and not _FINISHED_SOURCE.search(source):
            yield match[0]


def _told_as_done(text: str, source: str) -> Iterator[str]:
    """Yield what the text tells in the past where the source plans it, or tells nothing in the past."""
    stated = predicates(source)
    keys, past = {p.key for p in stated}, {p.key for p in stated if p.past or p.was}
    # 結果:了承。 tells what was done without a verb.
    ends = {p.key for p in stated if re.match(rf"{re.escape(p.key)}(?:[。、)\n]|$)", source[p.start :])}
    for p in predicates(text):
        rest = text[p.start :]
        if not p.past or p.key in past or p.key in _REPORTED or _PLANNED.search(rest) or _SAID_TO_BE.match(rest):
            continue
        if (_PLANNED.search(source) and p.key in keys - ends) or (not past and _PLANS.search(source)):
            yield text[p.start : p.start + 14]
    if _ALREADY.search(text) and not _PLANNED.search(text) and not past and not _ALREADY.search(source):
        yield text


def _exclusions(text: str, source: str) -> Iterator[str]:
    """Yield the words that exclude others where the source excludes none, or not these."""
    match = _EXCLUSIVE.search(text)
    if match is None:
        return
    before = [p.key for p in predicates(text[: match.start()]) if p.key not in _ANYONE]
    is_named = not before or any(letter in source for key in before[-2:] for letter in key)
    if not is_named or not _EXCLUSIVE_SOURCE.search(source):
        yield text[max(0, match.start() - 8) : match.end()]


def _reversed_ranges(text: str, source: str) -> Iterator[str]:
    stated = [(_parts(m["a"]), _parts(m["b"])) for m in _RANGE.finditer(source)]
    for m in _RANGE.finditer(text):
        a, b = _parts(m["a"]), _parts(m["b"])
        as_told = any(_agree(a, x) and _agree(b, y) for x, y in stated)
        if not as_told and any(_agree(a, y) and _agree(b, x) for x, y in stated):
            yield m[0]


def _parts(point: str) -> tuple[str, ...]:
    return tuple(_PART.findall(_OF_WEEK.sub("", point) or point))


def _agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two points are the same as far as both are written: 1月31日 and 31日."""
    n = min(len(one), len(other))
    return bool(n) and one[-n:] == other[-n:]
