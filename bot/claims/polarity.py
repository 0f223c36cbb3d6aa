"""Whether a statement says the opposite of its premises, denies what they do not, or tells as done what they plan.

The lists name properties of the language: auxiliaries of denial and of time, and common opposites.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.claims.figures import figures
from bot.claims.premise import content_words
from ingest.tokenise import Morpheme, morphemes

_ANSWER = re.compile("^(?:はい|いいえ)[、。]?")
_DENIALS = frozenset({"ない", "ず", "無い", "まい", "ぬ"})
_LIMITS = re.compile(
    "不可|不要|不能|対象外|除[くきい]|除外|禁止|無料|無償|なし|中止|未(?![満来])|非(?!常)|のみ|だけ|しか|限[るりっ]|に限"
)
_DENIED = re.compile(r"不可|不要|できな|できませ|な[いくか]|ませ|ず(?:[、に]|$)")
# 行わなければならない affirms; 行わない場合 says of a case.
_NOT_DENIED = re.compile("なければ|なくては|ないと[いなだ困]|ない(?:とき|時|場合|もの|方|人|よう)")
_CUT = re.compile(r"[、。(「」\n)]")
_PARTS_OF_PREDICATE = frozenset({"事", "可能", "不可", "不要", "無し", "必要", "可", "為"})
_DOES = re.compile(
    r"[はをもが]?(?:[しすさ](?!る)|する|でき|行[わいうえっ]|実施|可|不|中止|済|な[いくし])|[。、」)\n]|$"
)
# Whether they hold tells a figure (届く), or another word than a denial (かからない: 無料).
_TOLD_OTHERWISE = re.compile("届[かくき]|足り|達[しす]|及[ばぶび]|満た|達成|決ま|決定|掛か|かから|変わ|為る|有る|居る")
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
def predicates(text: str) -> frozenset[tuple[str, bool]]:
    """Return (verb or noun of doing, whether it is denied) of each predicate of normalised `text`."""
    said = morphemes(text)
    return frozenset(
        (m.normal, _is_denied(text, m, said[n + 1 : n + 10]))
        for n, m in enumerate(said)
        if m.pos[:2] == ("動詞", "一般") or (m.pos[0] == "名詞" and m.pos[2][:2] == "サ変" and _DOES.match(text, m.end))
    )


def _is_denied(text: str, predicate: Morpheme, behind: Sequence[Morpheme]) -> bool:
    end = predicate.end
    for m in behind:
        if _CUT.search(m.surface) or (m.pos[0] == "名詞" and m.normal not in _PARTS_OF_PREDICATE):
            break
        end = m.end
    return bool(_DENIED.search(text[predicate.end : end])) and not _NOT_DENIED.search(text[predicate.end : end + 2])


def contradiction(text: str, lines: Mapping[str, float]) -> float:
    """Return by how much lines that say the contrary of `text` fit it better than those that say the same (0 to 1).

    `lines` are those of the premises, with how well they fit; 1 is the fit of the best.
    """
    best = max(lines.values(), default=0.0)
    return max(_otherwise(text, lines), _opposite(text, lines)) / best if best else 0.0


def _otherwise(text: str, lines: Mapping[str, float]) -> float:
    """Return how much better for what a line denies and the statement affirms, or the other way round."""
    said = predicates(_ANSWER.sub("", text))
    leads = [0.0]
    for predicate, denied in said:
        if (predicate, not denied) not in said:
            own = (fit for line, fit in lines.items() if (predicate, denied) in predicates(line))
            others = (fit for line, fit in lines.items() if (predicate, not denied) in predicates(line))
            leads.append(max(others, default=0.0) - max(own, default=0.0))
    return max(leads)


def _opposite(text: str, lines: Mapping[str, float]) -> float:
    """Return how much better for the words of which the clauses of a line that are about the same have the opposite."""
    words, leads = content_words(text), [0.0]
    for pair in _OPPOSITES:
        for said, against in (pair, pair[::-1]):
            if said.search(text) and not against.search(text):
                own = (fit for line, fit in lines.items() if said.search(line))
                others = (
                    fit for line, fit in lines.items() if _has_about(against, line, words) and not said.search(line)
                )
                leads.append(max(others, default=0.0) - max(own, default=0.0))
    return max(leads)


def _has_about(word: re.Pattern[str], line: str, words: frozenset[str]) -> bool:
    """Whether a clause of the line has the word and is about the same."""
    clauses = ((c, content_words(c)) for c in re.split("[、。]", line) if word.search(c))
    return any(len(said & words) >= min(2, len(said) - 1) > 0 for _, said in clauses)


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
    limited = _LIMITS.search(lines) or any(m.normal in _DENIALS for m in morphemes(lines))
    return denied and not _TOLD_OTHERWISE.search(bare) and not limited
