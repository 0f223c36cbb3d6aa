"""Replaces bookish words by easy ones, with the right conjugation.

`phrases.toml` has the words. One that is a part of a compound, a name or a quotation stays: it is the document's own.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ingest.japanese.brackets import mark_bracketed
from ingest.japanese.tokenise import Morpheme, morphemes

# The rows of the godan verbs: what stands before ない, ます, て, ば; "-" where て becomes で.
_ROWS = {
    "サ": "さししせ", "ラ": "らりっれ", "ワア": "わいっえ", "カ": "かきいけ", "タ": "たちって",
    "ガ": "がぎ-げ", "ナ": "なに-ね", "バ": "ばび-べ", "マ": "まみ-め",
}  # fmt: skip
_SURU = "サ行変格"
# Verbs that do nothing but make a verb of the noun before them (機能動詞, 村木 1991): 推進を図る is 推進する.
_LIGHT = frozenset({"行う", "図る", "為る"})
# What stands before ない, ます and ば by how Sudachi calls the form.
_FORMS = {"未然形": 0, "連用形": 1, "仮定形": 3}
_TE = re.compile("[てた]")


class _Edit(NamedTuple):
    """What stands at `start` to `end` of a sentence from now on."""

    start: int
    end: int
    text: str


def replace_hard_words(sentence: str) -> str:
    """Return a sentence with its bookish words in easy ones."""
    words, quoted = morphemes(sentence), mark_bracketed(sentence)
    ways = (_replace_sino_japanese_verb, _replace_native_verb, _replace_word)
    edits = [edit for at in range(len(words)) if (edit := next(filter(None, (way(words, at) for way in ways)), None))]
    end = len(sentence) + 1
    for edit in reversed(edits):
        if edit.end <= end and not any(quoted[edit.start : edit.end]):
            sentence, end = sentence[: edit.start] + edit.text + sentence[edit.end :], edit.start
    return sentence


def _replace_sino_japanese_verb(words: Sequence[Morpheme], at: int) -> _Edit | None:
    """Return the easy verb for the noun at `at` with する behind it, or with を and a verb that does nothing else."""
    noun, easy = words[at], _listed("verbs").get(words[at].surface)
    if easy is None or "サ変可能" not in noun.pos or _joins(words, at - 1, at) or at + 1 >= len(words):
        return None
    case = words[at - 1].surface if at else ""
    follows = words[at + 1]
    if follows.normal == "為る" and follows.pos[0] == "動詞":
        passive = follows.pos[5].startswith("未然形") and follows.surface == "さ"
        form = _conjugated(easy, follows, words[at + 2] if at + 2 < len(words) else None)
        return _Edit(noun.start, follows.end, form) if form and (case == "を" or passive) else None
    if follows.surface != "を" or case != "の" or at + 2 >= len(words) or words[at + 2].normal not in _LIGHT:
        return None
    light = words[at + 2]
    form = _conjugated(easy, light, words[at + 3] if at + 3 < len(words) else None)
    return _Edit(words[at - 1].start, light.end, f"を{form}") if form else None


def _replace_native_verb(words: Sequence[Morpheme], at: int) -> _Edit | None:
    """Return the easy verb for one that is written with hard kanji, unless it is a part of a noun."""
    verb, behind = words[at], words[at + 1] if at + 1 < len(words) else None
    easy = _listed("native").get(verb.normal) if verb.pos[0] == "動詞" else None
    if easy is None or (behind is not None and behind.is_noun and verb.pos[5].startswith("連用形")):
        return None
    form = _conjugated(easy, verb, behind)
    return _Edit(verb.start, verb.end, form) if form else None


def _replace_word(words: Sequence[Morpheme], at: int) -> _Edit | None:
    """Return the easy word for one that stands by itself."""
    word = words[at]
    easy = _listed("alone").get(word.surface)
    if easy is None or _joins(words, at - 1, at) or _joins(words, at, at + 1):
        return None
    return _Edit(word.start, word.end, easy)


def _joins(words: Sequence[Morpheme], one: int, other: int) -> bool:
    """Whether two neighbours are parts of one compound."""
    if one < 0 or other >= len(words) or words[one].end != words[other].start:
        return False
    return all(word.is_noun or word.pos[0] == "形状詞" for word in (words[one], words[other]))


def _conjugated(verb: str, like: Morpheme, behind: Morpheme | None) -> str | None:
    """Return an easy verb in the form of `like`, which stands before `behind`; None where that form is not known."""
    kind, form = _kind(verb), like.pos[5]
    stem = verb[:-1]
    if kind == _SURU:
        passive = behind is not None and behind.surface.startswith("れ")
        suru = {"未然形": "さ" if passive else "し", "連用形": "し", "仮定形": "すれ"}.get(form[:3])
        return verb.removesuffix("する") + suru if suru else None
    if form.startswith(("終止形", "連体形")):
        return verb
    if kind == "一段":
        passive = form.startswith("未然形") and behind is not None and behind.surface.startswith("れ")
        return stem + ("ら" if passive else "れ" if form.startswith("仮定形") else "") if form[:3] in _FORMS else None
    if behind is not None and behind.surface.startswith("られ"):  # 掲げられる: a godan verb has no ら before れる
        return None
    row = _ROWS[kind]
    place = (
        2 if form.startswith("連用形") and behind is not None and _TE.match(behind.surface) else _FORMS.get(form[:3])
    )
    return stem + row[place] if place is not None and row[place] != "-" else None


@cache
def _kind(verb: str) -> str:
    """Return the row of a godan verb, サ行変格 for one with する, 一段 for the others."""
    kind = morphemes(verb)[-1].pos[4]
    if kind.startswith("五段"):
        return kind.removeprefix("五段-").removesuffix("行")
    return kind if kind == _SURU else "一段"


@cache
def _listed(table: str) -> Mapping[str, str]:
    lists = tomllib.loads(files("bot.easy_japanese").joinpath("phrases.toml").read_text("utf-8"))
    listed: dict[str, str] = lists[table]
    return listed
