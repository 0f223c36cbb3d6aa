"""Whether a noun of reckoning asks for it (利用者数の合計は) or is part of a name (合計特殊出生率)."""

import re
from collections.abc import Sequence

from ingest.tokenise import Morpheme, morphemes

# What a figure is called by behind an operation's word: 合計額, 合計人数, 最大の値.
_FIGURE = re.compile(r"[数額値量率]|金額|[人件冊点回個枚台]数")
_INTERROGATIVE = re.compile(r"何|いく|幾|どれ|どの|どう|如何")
# Who asks for the result says one of these behind を or が (推移を教えて, 変化がありますか), and no other verb.
_TELLING = frozenset(
    {"教える", "知る", "見る", "示す", "比べる", "説明", "答える", "聞く", "分かる", "有る", "計算", "出す", "求める"}
)
_ABOUT = frozenset({"就く", "つく", "付く", "関する"})
# 最多 tells by itself what is counted, 最古 that it is by age; 最大の課題 has nothing to measure it by.
_BY_THEMSELVES = frozenset({"最多", "最少", "最古"})


def asked_noun(text: str, nouns: frozenset[str]) -> str:
    """Return the first of `nouns` in normalised `text` that asks for an operation, or "" where none does.

    It stands by itself or heads its compound, and the question asks for it: not 変化の激しい社会, 変化を踏まえた施策.
    """
    ms = [m for m in morphemes(text) if m.pos[0] != "空白"]
    return next((m.surface for i, m in enumerate(ms) if m.surface in nouns and _is_asked(ms[i + 1 :])), "")


def asked_extreme(text: str, nouns: frozenset[str]) -> str:
    """Return the first of `nouns` (最大, 最多) with its の that ranks figures, or "" where none does.

    Something is the largest by a figure: 人口が最大の地区, 最大の値; what 最大の課題 is nobody measures.
    """
    ms = morphemes(text)
    for i, m in enumerate(ms):
        behind = ms[i + 1 :]
        if m.surface not in nouns or not behind or behind[0].surface != "の":
            continue
        measured = bool(i) and ms[i - 1].surface == "が"
        if measured or m.surface in _BY_THEMSELVES or _names_figure(_run(behind[1:])):
            return f"{m.surface}の"
    return ""


def asked_verb(text: str, verbs: frozenset[str]) -> str:
    """Return the normal form of the first verb of `text` that is one of `verbs` (足す, but no 満足する), or ""."""
    return next((m.normal for m in morphemes(text) if m.pos[0] == "動詞" and m.normal in verbs), "")


def _is_asked(behind: Sequence[Morpheme]) -> bool:
    run = _run(behind)
    if run and not _names_figure(run):
        return False
    behind = behind[len(run) :]
    if not behind or behind[0].pos[0] in {"補助記号", "助動詞"} or _INTERROGATIVE.match(behind[0].normal):
        return True
    return _is_predicate(behind[1:]) if behind[0].pos[0] == "動詞" else _is_asked_by(behind[0].surface, behind[1:])


def _is_asked_by(particle: str, behind: Sequence[Morpheme]) -> bool:
    """Whether the particle behind the noun leads to the question's end, and to nothing else that is asked."""
    following = behind[0] if behind else None
    if particle == "の":
        return _names_figure(_run(behind))
    if particle == "に":
        return following is not None and following.normal in _ABOUT
    if particle in {"を", "が", "も"} and following is not None:
        return bool(_INTERROGATIVE.match(following.normal)) or any(m.normal in _TELLING for m in behind[:2])
    return not (particle == "と" and following is not None and following.surface == "は")


def _run(ms: Sequence[Morpheme]) -> list[Morpheme]:
    """Return the nouns that follow without a break, up to a word that asks."""
    end = next((i for i, m in enumerate(ms) if not _joins(m)), len(ms))
    return list(ms[:end])


def _joins(m: Morpheme) -> bool:
    return (m.is_noun or m.pos[0] == "形状詞") and not _INTERROGATIVE.match(m.normal)


def _names_figure(run: Sequence[Morpheme]) -> bool:
    return bool(_FIGURE.fullmatch("".join(m.surface for m in run)))


def _is_predicate(behind: Sequence[Morpheme]) -> bool:
    """Whether a verb ends its clause (変化しましたか) rather than telling of a noun (変化する社会)."""
    end = next((i for i, m in enumerate(behind) if m.pos[0] not in {"動詞", "助動詞"}), len(behind))
    return not behind[end:] or not _joins(behind[end])
