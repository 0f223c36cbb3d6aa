"""Splits long sentences at clause boundaries where each part can stand alone.

A sentence is split only where nothing after the comma can depend on the clause before it: a later verb that modifies a
noun, a quotation, a wish, a possibility or a negation may cover both clauses.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from bot.easy_japanese.polite import to_polite_form
from ingest.japanese import dates, nfkc
from ingest.japanese.sentences import mark_bracketed
from ingest.japanese.tokenise import Morpheme, morphemes

# A sentence of this length is not split; guides to やさしい日本語 ask for one idea per sentence.
SHORT_SENTENCE_LENGTH = 25
# Verbs that serve as particles after a case: に応じ、 を踏まえ、 として、.
_PARTICLES = {
    "に": "応じる 基づく もとづく 因る よる 当たる あたる 鑑みる 伴う 際する 対する 関する 限る 加える 渡る 亘る 取る "
    "とる 就く つく 於く 置く おく 向ける 沿う 代わる 比べる 合わせる あわせる 従う 準じる",
    "を": "踏まえる 通じる 通す 経る 始める 初める 含める 除く 問う 巡る 以て",
    "も": "踏まえる 含める",
    "と": "為る 言う 比べる",
}
# Verbs that only link two nouns: DXによる改善, 会議に関する資料.
_LINKS = frozenset({"よる", "因る", "関する", "対する", "係る", "有る", "ある"})
_CONDITION = re.compile(r"(?:場合|とき|際|[たな]ら|[けれせてね]ば|うえ|上|前|後)(?:に|は|には|も)?、")
_CLAUSE_END = re.compile(r"(?:(?<![てで]い)(?<!でき)ます|(?<![てで]い)ました|です|でした)$")
_REASON_END = re.compile(r"(?:ます|ました|です|でした|ません)$")
_EVERY = re.compile("毎(?:年度?|月|週|日)、")
_NOT = re.compile(r"ません|ない|ず[、に]")
_TOPIC = re.compile(r"^(?P<topic>[^、]{1,40}は、)(?P<rest>.+)$")

SplittingRule = Callable[[str, str, Sequence[Morpheme]], list[str]]


def split_clauses(sentence: str) -> list[str]:
    """Return `sentence` (without full stop and marks) as polite sentences, unsplit where no cut is safe."""
    if len(sentence) <= SHORT_SENTENCE_LENGTH:
        return [sentence]
    words = morphemes(sentence)
    quoted = mark_bracketed(sentence)
    for i, word in enumerate(words):
        if i and word.surface == "、" and not quoted[word.start]:
            parts = _cut_at(sentence, words, i, quoted)
            if parts:
                return [*parts[:-1], *split_clauses(parts[-1])]
    return [sentence]


def _cut_at(sentence: str, words: Sequence[Morpheme], i: int, quoted: Sequence[bool]) -> list[str]:
    comma = words[i]
    left, right = sentence[: comma.start], sentence[comma.end :]
    rest = [m for m in words[i + 1 :] if not quoted[m.start]]
    if _CONDITION.search(left + "、") or _is_reported_speech(rest):
        return []
    # が and ことから join main clauses, hardly ever relative clauses.
    rules: tuple[SplittingRule, ...] = (
        (_split_contrast, _split_since)
        if _modifies(rest)
        else (_split_contrast, _split_since, _split_reason, _split_addition, _split_coordination)
    )
    return next((parts for rule in rules if (parts := rule(left, right, words[:i]))), [])


def _modifies(rest: Sequence[Morpheme]) -> bool:
    following = [*rest[1:], None, None]
    for m, noun, particle in zip(rest, following, following[1:], strict=False):
        if not _is_verb(m) or noun is None or m.normal in _LINKS:
            continue
        means = noun.surface == "こと" and particle is not None and particle.surface == "で"
        if not means and (m.pos[5].startswith("連体形") or noun.pos[0] in {"名詞", "接尾辞", "代名詞"}):
            return True
    return False


def _is_reported_speech(rest: Sequence[Morpheme]) -> bool:
    return any(
        _is_verb(m) and m.pos[5].startswith("終止形") and following.surface == "と" for m, following in pairwise(rest)
    )


def _is_verb(word: Morpheme) -> bool:
    return word.pos[0] in {"動詞", "助動詞"} and word.pos[4] != "助動詞-ダ"


def _split_since(left: str, right: str, words: Sequence[Morpheme]) -> list[str]:
    first = to_polite_form(left.removesuffix("ことから"), words) if left.endswith("ことから") else None
    return [first, f"そのため、{right}"] if first and _REASON_END.search(right) else []


def _split_reason(left: str, right: str, words: Sequence[Morpheme]) -> list[str]:
    ending = re.search(r"(?P<clause>.+?)(?P<because>ため|ので)$", left)
    if not ending or not _REASON_END.search(right):
        return []
    if ending["because"] == "ため" and not re.search(r"(?:た|ている|ない|である|な)$", ending["clause"]):
        return _purpose(left, right)
    first = to_polite_form(ending["clause"], words)
    return [first, f"そのため、{right}"] if first else []


def _purpose(left: str, right: str) -> list[str]:
    split = _TOPIC.match(left)
    topic, purpose = (split["topic"], split["rest"]) if split else ("", left)
    if "、" in purpose or not re.search(r"[るうくぐすつぬぶむ]ため$", purpose):
        return []
    return [f"{topic}{right}", f"{purpose}です"]


def _split_contrast(left: str, right: str, words: Sequence[Morpheme]) -> list[str]:
    if words[-1].surface != "が" or words[-1].pos[1] != "接続助詞":
        return []
    first = to_polite_form(left[:-1], words)
    conjunction = "しかし、" if bool(_NOT.search(left)) != bool(_NOT.search(right)) else ""
    return [first, conjunction + right] if first else []


def _split_addition(left: str, right: str, words: Sequence[Morpheme]) -> list[str]:
    ending = re.search(r"(?P<clause>.+[るうくぐすつぬぶむ])(?:とともに|と共に|ほか|一方で?)$", left)
    first = (
        to_polite_form(ending["clause"], words)
        if ending and _CLAUSE_END.search(right) and not dates(nfkc(left))
        else None
    )
    return [first, f"また、{right}"] if first else []


def _split_coordination(left: str, right: str, words: Sequence[Morpheme]) -> list[str]:
    last = words[-1]
    if last.surface == "で" and last.pos[4] == "助動詞-ダ":
        has_own_topic = "は" in left and re.match(r"[^、「]{1,30}は", right) and _REASON_END.search(right)
        first = to_polite_form(left, words) if has_own_topic else None
        return [first, right] if first else []
    goes_on = last.surface in {"て", "で"} and last.pos[1] == "接続助詞"
    verb = words[-2] if goes_on and len(words) > 1 else last
    if verb.pos[0] not in {"動詞", "助動詞"} or verb.pos[5][:3] != "連用形" or _is_particle(words, verb):
        return []
    # The second clause must be affirmative, and the first undated, to be stated separately.
    if not _CLAUSE_END.search(right) or dates(nfkc(left)) or _EVERY.search(left):
        return []
    first = to_polite_form(left, words)
    if first and right.endswith(("ました", "でした")):
        first = re.sub("ます$", "ました", first)
    return [first, f"そして、{right}" if goes_on else right] if first else []


def _is_particle(words: Sequence[Morpheme], verb: Morpheme) -> bool:
    case = next((m.surface for m in reversed(words) if m.end == verb.start), "")
    return verb.normal in _PARTICLES.get(case, "").split()
