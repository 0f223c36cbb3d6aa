"""Whether a statement affirms what its premises deny, says the opposite, or tells as done what they plan.

The lists name properties of the language: auxiliaries of denial and of time, and common opposites.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from bot.claims.figures import figures
from bot.claims.premise import Clause, Premise, content_words
from ingest.tokenise import Morpheme, morphemes

_ANSWER = re.compile("^(?:はい|いいえ)[、。]?")
_DENIALS = frozenset({"ない", "ず", "無い", "まい", "ぬ"})
_LIMITS = re.compile(
    "不可|不要|不能|対象外|除[くきい]|除外|禁止|無料|無償|なし|中止|未(?![満来])|非(?!常)|のみ|だけ|しか|限[るりっ]|に限"
)
_ONLY = re.compile("のみ|だけ|しか|限[るりっ]|に限")
_DENIED = re.compile(r"不可|不要|できな|できませ|な[いくか]|ませ|ず(?:[、に]|$)")
# 行わなければならない affirms; 行わない場合 says of a case.
_NOT_DENIED = re.compile("なければ|なくては|ないと[いなだ困]|ない(?:とき|時|場合|もの|方|人|よう)")
_CUT = re.compile(r"[、。(「」\n)]")
_PARTS_OF_PREDICATE = frozenset({"事", "可能", "不可", "不要", "無し", "必要", "可", "為"})
_DOES = re.compile(
    r"[はをもが]?(?:[しすさ](?!る)|する|でき|行[わいうえっ]|実施|可|不|中止|済|な[いくし])|[。、」)\n]|$"
)
# Whether they hold tells a figure (届く), or another word than a denial (かからない: 無料).
_TOLD_OTHERWISE = frozenset(
    {"届く", "足りる", "達する", "及ぶ", "満たす", "達成", "決まる", "決定", "掛かる", "変わる", "為る", "有る", "居る"}
)
_DONE = re.compile(
    r"(?:ました|でした|ていた|ています|ている|済み|られた|された|った|した)(?:[。、」)]|$|と|もの|ため|の)"
)
_BEGUN = re.compile(r"(?:まし|でし)た|済み|(?:すで|既)に")
_PLANNED = re.compile(r"予定|検討|目指|めざ|見込|(?:て|で)いき(?:ます|たい)|まいりた|たいと|こととし|努め")
_REPORTED = re.compile("(?:とされ|とし)て(?:い|お)")
_OPPOSITES = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        ("(?<!以)前(?=に|から|まで)|事前", "(?:あと|後)(?=に|から|で|、)|事後"),
        ("増(?:加|え|や)|増$|上昇|上が|伸び|拡大", "減(?:少|っ|ら|り)|減$|低下|下が|縮小"),
        ("有料|(?:費用|料金|参加費|代金)が(?:かか(?!り?ませ|らな)|必要)", "無料|無償"),
        (
            "(?:必要|要り|要る|いり)(?!ませ|な[いくし]|は?あり?ませ)|必須|義務(?!では)",
            "不要|必要(?:は|が)?(?:な[いくし]|あり?ませ)|要ら|要りませ|いりませ|任意",
        ),
        ("午前", "午後"),
        ("含[むまみめ](?!ない|ませ|れな|れませ)", "除[くきい]|除外|対象外"),
        ("開始|始ま|始め", "終了|終わ|廃止|中止"),
        ("新設|設置", "廃止|解散"),
        ("最大|最も(?:多|高|大)", "最小|最も(?:少|低|小)"),
        ("(?<!非)公開", "非公開"),
        ("継続|引き継|続け", "廃止|中止|取りやめ"),
        ("屋内|室内", "屋外"),
        ("平日", "休日|土日|週末"),
        ("[市町村]内", "[市町村]外"),
        ("累計", "単年"),
        ("より前|以前に|までに", "より後|以後に|以降に"),
    )
)


@lru_cache(maxsize=8192)
def predicates(text: str) -> Sequence[tuple[str, bool]]:
    """Return (verb or noun of doing, whether it is denied) of each predicate of normalised `text`."""
    said = morphemes(text)
    return tuple(
        (m.normal, _is_denied(text, m, said[n + 1 : n + 10]))
        for n, m in enumerate(said)
        if (m.pos[0] == "動詞" and m.pos[1] == "一般") or _is_doing(m, text)
    )


def _is_doing(noun: Morpheme, text: str) -> bool:
    """Whether a noun stands for a verb: 受講する, 受講可, 修正を行う; not the 参加 of 参加費."""
    return noun.pos[0] == "名詞" and noun.pos[2].startswith("サ変") and bool(_DOES.match(text, noun.end))


def _is_denied(text: str, predicate: Morpheme, behind: Sequence[Morpheme]) -> bool:
    end = predicate.end
    for m in behind:
        if _CUT.search(m.surface) or (m.pos[0] == "名詞" and m.normal not in _PARTS_OF_PREDICATE):
            break
        end = m.end
    return bool(_DENIED.search(text[predicate.end : end])) and not _NOT_DENIED.search(text[predicate.end : end + 2])


Score = Callable[[Clause, Premise], float]
"""How much a clause speaks of what a statement does."""


def contradiction(text: str, premises: Sequence[Premise], score: Score) -> float:
    """Return by what share the clauses that deny a predicate of the statement fit it better than those that affirm it.

    Of each predicate that the statement only affirms or only denies, and the other way round; 0 where none do.
    """
    told: dict[str, set[bool]] = {}
    for predicate, denied in predicates(_ANSWER.sub("", text)):
        told.setdefault(predicate, set()).add(denied)
    wanted = {p: next(iter(d)) for p, d in told.items() if len(d) == 1 and p not in _TOLD_OTHERWISE}
    best = _best_clauses(wanted, premises, score)
    return max((_share(best[p, not denied], best[p, denied]) for p, denied in wanted.items()), default=0.0)


def _best_clauses(
    wanted: Mapping[str, bool], premises: Sequence[Premise], score: Score
) -> Mapping[tuple[str, bool], float]:
    """Return of each predicate, affirmed and denied, how well the best line that says so fits."""
    best = {(predicate, denied): 0.0 for predicate in wanted for denied in (True, False)}
    for clause, premise in _lines(premises):
        # What holds of one thing only is rightly denied of others.
        limited = bool(_ONLY.search(clause.line))
        for said in {(p, d) for p, d in predicates(clause.line) if p in wanted and not (limited and wanted[p])}:
            best[said] = max(best[said], score(clause, premise))
    return best


def _lines(premises: Sequence[Premise]) -> Iterator[tuple[Clause, Premise]]:
    for premise in premises:
        yield from ((clause, premise) for clause in {(c.line, c.heads): c for c in premise.clauses}.values())


def _share(other: float, own: float) -> float:
    return (other - own) / other if other > own else 0.0


def denied_words(text: str) -> frozenset[str]:
    """Return what normalised `text` denies: verbs, nouns that stand for one, and 無い where something is not there."""
    absent = {m.normal for m in morphemes(text) if m.pos[0] == "形容詞" and m.normal == "無い"}
    return frozenset({predicate for predicate, denied in predicates(text) if denied} | absent)


def opposed(text: str, other: str) -> bool:
    """Whether a word of `text` has its opposite, and not itself, in `other`."""
    return any(
        said.search(text) and not against.search(text) and against.search(other) and not said.search(other)
        for pair in _OPPOSITES
        for said, against in (pair, pair[::-1])
    )


def says_opposite(text: str, lines: Sequence[str]) -> bool:
    """Whether a clause of the lines has the opposite of a word of `text`, and is about the same."""
    words = content_words(text)
    for pair in _OPPOSITES:
        for said, against in (pair, pair[::-1]):
            if said.search(text) and not against.search(text):
                clauses = (c for line in lines if not said.search(line) for c in re.split("[、。]", line))
                if any(against.search(c) and _is_about(content_words(c), words) for c in clauses):
                    return True
    return False


def _is_about(clause: frozenset[str], words: frozenset[str]) -> bool:
    return len(clause & words) >= min(2, len(clause) - 1) > 0


def tells_plan_as_done(text: str, line: str) -> bool:
    """Whether the statement tells as done, or as going on, what the line that carries it only plans."""
    return bool(_DONE.search(text) and _PLANNED.search(line)) and tells_as_begun(text, line)


def tells_as_begun(text: str, line: str) -> bool:
    """Whether the statement tells of the past, or of what goes on already, and the line does not.

    A row of figures tells of no time.
    """
    told_otherwise = _PLANNED.search(text) or _REPORTED.search(text) or _BEGUN.search(line)
    row = figures(line) and not any(m.pos[0] == "動詞" for m in morphemes(line))
    return bool(_BEGUN.search(text)) and not told_otherwise and not row


def denies_alone(text: str, lines: str) -> bool:
    """Whether the statement denies something, and nothing in the lines denies or limits."""
    bare = _ANSWER.sub("", text)
    denied = any(m.normal in _DENIALS and m.pos[0] in ("助動詞", "形容詞") for m in morphemes(bare))
    otherwise = {p for p, d in predicates(bare) if d} & _TOLD_OTHERWISE
    limited = _LIMITS.search(lines) or any(m.normal in _DENIALS for m in morphemes(lines))
    return denied and not otherwise and not limited
