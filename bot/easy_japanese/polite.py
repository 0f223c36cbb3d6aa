"""Puts the predicate at the end of a clause into the です・ます form."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.japanese.tokenise import Morpheme, morphemes

# The rows of the godan verbs, as Sudachi names them, with the kana before ます.
_ROWS = {
    "カ": "き", "ガ": "ぎ", "サ": "し", "タ": "ち", "ナ": "に", "バ": "び", "マ": "み", "ラ": "り", "ワア": "い",
}  # fmt: skip
_POLITE = {"助動詞-マス", "助動詞-デス"}


def to_polite_form(clause: str, within: Sequence[Morpheme] | None = None) -> str | None:
    """Return `clause` with the predicate at its end in です・ます form (判断し -> 判断します, 増えた -> 増えました).

    `within` are the morphemes of a sentence that begins with the clause, because the clause alone may be ambiguous
    (行って is 行う or 行く). None where the clause does not end in a known predicate form.
    """
    known = morphemes(clause) if within is None else within
    words = _disambiguate_verbs([m for m in known if m.end <= len(clause) and m.pos[0] not in {"補助記号", "空白"}])
    if not words or words[-1].end != len(clause):
        return None
    if len(words) > 1 and words[-1].surface in {"て", "で"} and words[-1].pos[1] == "接続助詞":
        words.pop()
    text, last = clause[: words[-1].start], words[-1]
    if last.pos[0] == "名詞":
        return f"{clause}です"
    if last.pos[0] not in {"動詞", "助動詞", "形容詞"}:
        return None
    if last.pos[4] in _POLITE:
        return f"{text}{last.surface}" if last.pos[5].startswith(("終止形", "連体形")) else None
    ending = _ending(words)
    return None if ending is None else f"{clause[: ending[0]]}{ending[1]}"


def _disambiguate_verbs(words: list[Morpheme]) -> list[Morpheme]:
    """Return the words with 行っ as 行う where there is an object (…を); otherwise it may be 行く."""
    does = any(m.surface == "を" for m in words)
    return [replace(m, pos=(*m.pos[:4], "五段-ワア行", m.pos[5])) if does and m.surface == "行っ" else m for m in words]


def _ending(words: Sequence[Morpheme]) -> tuple[int, str] | None:
    last, previous = words[-1], words[-2] if len(words) > 1 else None
    if last.pos[0] == "形容詞":
        return (last.end, "です") if last.pos[5].startswith(("終止形", "連体形")) else None
    if last.pos[4] == "助動詞-ダ":
        return (last.start, "です") if last.surface in {"だ", "で", "な"} else None
    if previous and last.pos[4] == "助動詞-タ":
        return _past(words[:-1])
    if previous and last.pos[4] == "助動詞-ナイ":
        return _with_ending(previous, "ません")
    if previous and last.normal == "有る" and previous.surface == "で" and previous.pos[4] == "助動詞-ダ":
        return previous.start, "です"
    return _with_ending(last, "ます")


def _past(words: Sequence[Morpheme]) -> tuple[int, str] | None:
    last, previous = words[-1], words[-2] if len(words) > 1 else None
    if last.pos[4] in _POLITE:
        return last.end, "た"
    if last.pos[4] == "助動詞-ダ":
        return last.start, "でした"
    if last.pos[4] == "形容詞":
        return last.end, "たです"
    if last.pos[4] == "助動詞-ナイ":
        return _with_ending(previous, "ませんでした") if previous else None
    return _with_ending(last, "ました")


def _with_ending(verb: Morpheme, ending: str) -> tuple[int, str] | None:
    stem = _stem(verb)
    return None if stem is None else (verb.start, stem + ending)


def _stem(verb: Morpheme) -> str | None:
    kind, form, surface = verb.pos[4], verb.pos[5], verb.surface
    if verb.pos[0] not in {"動詞", "助動詞"} or form.startswith(("命令形", "意志推量形", "仮定形", "語幹")):
        return None
    if kind == "サ行変格":
        return _suru(surface)
    if form == "連用形-一般":
        return surface
    if kind == "カ行変格":
        return {"くる": "き", "来る": "来"}.get(surface)
    if kind.startswith("五段-"):
        row = _ROWS.get(kind.removeprefix("五段-").removesuffix("行"))
        return surface[:-1] + row if row else None
    return surface.removesuffix("る") if kind.startswith(("上一段", "下一段")) else None


def _suru(surface: str) -> str | None:
    for ending, stem in (("する", "し"), ("ずる", "じ"), ("じる", "じ"), ("し", "し"), ("じ", "じ"), ("さ", "し")):
        if surface.endswith(ending):
            return surface.removesuffix(ending) + stem
    return None
