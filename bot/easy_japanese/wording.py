"""Replaces bookish words by easy ones, with the right conjugation.

The words are in `phrases.toml`. Parts of compounds, names and quotations are not replaced.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ingest.japanese.sentences import mark_bracketed
from ingest.japanese.tokenise import Morpheme, morphemes

# Godan stems before ない, ます, て, ば; "-" where て becomes で.
_ROWS = {
    "サ": "さししせ", "ラ": "らりっれ", "ワア": "わいっえ", "カ": "かきいけ", "タ": "たちって",
    "ガ": "がぎ-げ", "ナ": "なに-ね", "バ": "ばび-べ", "マ": "まみ-め",
}  # fmt: skip
_SURU = "サ行変格"
# Light verbs (機能動詞, 村木 1991): 推進を図る means 推進する.
_LIGHT = frozenset({"行う", "図る", "為る"})
# Sudachi's conjugation forms, as positions in `_ROWS`.
_FORMS = {"未然形": 0, "連用形": 1, "仮定形": 3}
_TE = re.compile("[てた]")


class _Edit(NamedTuple):
    """A replacement of `sentence[start:end]`."""

    start: int
    end: int
    text: str


def replace_hard_words(sentence: str) -> str:
    """Return the sentence with hard words replaced by easy ones."""
    words, quoted = morphemes(sentence), mark_bracketed(sentence)
    rules = (_replace_sino_japanese_verb, _replace_native_verb, _replace_word)
    edits = [edit for i in range(len(words)) if (edit := next(filter(None, (rule(words, i) for rule in rules)), None))]
    end = len(sentence) + 1
    for edit in reversed(edits):
        if edit.end <= end and not any(quoted[edit.start : edit.end]):
            sentence, end = sentence[: edit.start] + edit.text + sentence[edit.end :], edit.start
    return sentence


def _replace_sino_japanese_verb(words: Sequence[Morpheme], i: int) -> _Edit | None:
    noun, easy = words[i], _listed("verbs").get(words[i].surface)
    if easy is None or "サ変可能" not in noun.pos or _is_compound(words, i - 1, i) or i + 1 >= len(words):
        return None
    case = words[i - 1].surface if i else ""
    follows = words[i + 1]
    if follows.normal == "為る" and follows.pos[0] == "動詞":
        passive = follows.pos[5].startswith("未然形") and follows.surface == "さ"
        form = _conjugate(easy, follows, words[i + 2] if i + 2 < len(words) else None)
        return _Edit(noun.start, follows.end, form) if form and (case == "を" or passive) else None
    if follows.surface != "を" or case != "の" or i + 2 >= len(words) or words[i + 2].normal not in _LIGHT:
        return None
    light = words[i + 2]
    form = _conjugate(easy, light, words[i + 3] if i + 3 < len(words) else None)
    return _Edit(words[i - 1].start, light.end, f"を{form}") if form else None


def _replace_native_verb(words: Sequence[Morpheme], i: int) -> _Edit | None:
    """Return the easy verb for a verb in hard kanji, unless it is part of a noun."""
    verb, following = words[i], words[i + 1] if i + 1 < len(words) else None
    easy = _listed("native").get(verb.normal) if verb.pos[0] == "動詞" else None
    if easy is None or (following is not None and following.is_noun and verb.pos[5].startswith("連用形")):
        return None
    form = _conjugate(easy, verb, following)
    return _Edit(verb.start, verb.end, form) if form else None


def _replace_word(words: Sequence[Morpheme], i: int) -> _Edit | None:
    word = words[i]
    easy = _listed("alone").get(word.surface)
    if easy is None or _is_compound(words, i - 1, i) or _is_compound(words, i, i + 1):
        return None
    return _Edit(word.start, word.end, easy)


def _is_compound(words: Sequence[Morpheme], first: int, second: int) -> bool:
    if first < 0 or second >= len(words) or words[first].end != words[second].start:
        return False
    return all(word.is_noun or word.pos[0] == "形状詞" for word in (words[first], words[second]))


def _conjugate(verb: str, like: Morpheme, following: Morpheme | None) -> str | None:
    kind, form = _kind(verb), like.pos[5]
    stem = verb[:-1]
    if kind == _SURU:
        passive = following is not None and following.surface.startswith("れ")
        suru = {"未然形": "さ" if passive else "し", "連用形": "し", "仮定形": "すれ"}.get(form[:3])
        return verb.removesuffix("する") + suru if suru else None
    if form.startswith(("終止形", "連体形")):
        return verb
    if kind == "一段":
        passive = form.startswith("未然形") and following is not None and following.surface.startswith("れ")
        return stem + ("ら" if passive else "れ" if form.startswith("仮定形") else "") if form[:3] in _FORMS else None
    if following is not None and following.surface.startswith("られ"):  # 掲げられる: a godan verb has no ら before れる
        return None
    row = _ROWS[kind]
    is_te_form = form.startswith("連用形") and following is not None and _TE.match(following.surface)
    position = 2 if is_te_form else _FORMS.get(form[:3])
    return stem + row[position] if position is not None and row[position] != "-" else None


@cache
def _kind(verb: str) -> str:
    kind = morphemes(verb)[-1].pos[4]
    if kind.startswith("五段"):
        return kind.removeprefix("五段-").removesuffix("行")
    return kind if kind == _SURU else "一段"


@cache
def _listed(table: str) -> Mapping[str, str]:
    lists = tomllib.loads(files("bot.easy_japanese").joinpath("phrases.toml").read_text("utf-8"))
    listed: dict[str, str] = lists[table]
    return listed
