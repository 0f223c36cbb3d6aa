"""What a text does and what it denies: its verbs, and the nouns that stand for one."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from ingest.tokenise import Morpheme, morphemes

# Whether a target was reached the figures tell (`outcome`).
_NO_VERB = frozenset({"達成", "届く", "為る", "居る", "有る", "成る", "出来る", "言う", "無い"})
_HELPERS = frozenset({"為る", "居る", "出来る", "有る", "成る", "訳", "事", "れる", "必要"})
_DENIALS = frozenset({"ない", "ず", "無い", "まい", "ぬ"})


def denied_words(text: str) -> frozenset[str]:
    """Return what normalised `text` denies: verbs, nouns that stand for one, and 無い where something is not there."""
    said = morphemes(text)
    return frozenset(
        m.normal
        for n, m in enumerate(said)
        if (m.pos[0] == "形容詞" and m.normal == "無い")
        or ((m.pos[0] == "動詞" or _is_doing(m, said[n + 1 : n + 2])) and _denied(said[n + 1 : n + 9]))
    )


@lru_cache(maxsize=4096)
def predicates(text: str) -> Mapping[str, AbstractSet[bool]]:
    """Return each verb (or noun of doing) of the text, and whether it is denied: {True}, {False} or both."""
    found: dict[str, set[bool]] = {}
    said = morphemes(text)
    for n, m in enumerate(said):
        behind = said[n + 1 : n + 3]
        if (m.pos[0] == "動詞" and m.normal not in _NO_VERB) or _is_doing(m, behind[:1]) or _is_told(m, behind):
            found.setdefault(m.normal, set()).add(_denied(said[n + 1 : n + 9]))
    return found


def _is_doing(noun: Morpheme, behind: Sequence[Morpheme]) -> bool:
    """Whether a noun stands for a verb: 受講する, 受講できる, and 受講 at the end of a sentence or of a cell."""
    return noun.pos[2].startswith("サ変") and (
        not behind or behind[0].normal in ("為る", "出来る") or behind[0].surface in ("\n", "。")
    )


def _is_told(noun: Morpheme, behind: Sequence[Morpheme]) -> bool:
    """Whether a noun is what its sentence says of something: 諮問です, 諮問ではない, 対象となる."""
    if not noun.is_noun or not behind:
        return False
    if behind[0].pos[0] == "助動詞" and behind[0].normal in ("だ", "です"):
        return True
    return behind[0].surface in ("と", "に") and behind[-1].normal == "成る"


def _denied(behind: Sequence[Morpheme]) -> bool:
    """Whether a verb is followed by a denial: ない, ず, ません, わけではない, before another noun or verb comes."""
    denied = False
    for m in behind:
        if m.pos[0] in ("助動詞", "形容詞") and m.normal in _DENIALS:
            denied = not denied
        elif m.pos[0] not in ("助動詞", "助詞") and m.normal not in _HELPERS:
            break
    return denied
