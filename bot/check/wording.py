"""Whether a statement speaks of what its sources speak of, word by word."""

import re
from collections.abc import Iterator, Sequence

from bot.check.claims import figures
from bot.check.grounds import Grounds
from bot.check.pieces import subject_words
from bot.check.statements import Statement
from bot.understand.thesaurus import same_meaning
from ingest.tokenise import morphemes, words

# A statement is foreign to its sources when they hold less than this share of its content words. Each sentence of
# both corpora holds all of its own; held against another passage of its document, 73 % (corpus/) and 84 % (the two
# sources) of the sentences fall below (eval/LOG.md, 2026-11-20). With fewer words the share says nothing.
_SHARED_WORDS = 0.5
_FEWEST_WORDS = 3
# So many nouns of their own have the right replies of eval/verification at most (eval/LOG.md, 2026-11-21).
_MOST_FOREIGN = 2
_TIMES = frozenset({"午前", "午後", "夕方", "翌日", "当日"})
# Words in which an answer speaks of its source rather than with it, or sets two things side by side.
_FRAME_TEXT = """
はい いいえ まだ もう 既に 決まる
多い 少ない 高い 低い 大きい 小さい 方 差 違い 同じ 異なる なる 成る 次
挙げる 記載 資料 注記 項目 出典 示す 以前 文書 会議 計画 名称 内容 目標 実績 現状 増減
上回る 下回る 超える 届く 達する 留まる 足りる 残り 強 弱 化
"""
_FRAME = frozenset(_FRAME_TEXT.split())
# おる, うち: too short to be more than grammar.
_SHORT_KANA = re.compile("[ぁ-んァ-ヶー]{1,2}")
_KANJI = re.compile("[一-龥々]")
_INFLECTED = re.compile("[一-龥々][ぁ-ん]+$")


def foreign_wording(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield a reason where most of the words stand in none of the sources."""
    told = {word for word in words(_without_figures(statement.text)) if not any(map(str.isdigit, word))}
    said = {word for word in told - _FRAME if not _SHORT_KANA.fullmatch(word)}
    # 見直す is one word to the thesaurus, two to the index.
    for whole in {m.normal for m in morphemes(statement.text, "C") if m.pos[0] == "動詞"} - said:
        if any(_says(source, whole) for source in sources):
            said -= set(words(whole))
    shared = {word for word in said if any(_says(source, word) for source in sources)}
    nouns = {word for word in subject_words(_without_figures(statement.text)) if len(word) > 1} - _FRAME - _TIMES
    foreign = [noun for noun in nouns if not any(_says(source, noun) for source in sources)]
    if (len(said) >= _FEWEST_WORDS and len(shared) < _SHARED_WORDS * len(said)) or len(foreign) > _MOST_FOREIGN:
        yield f"「{statement.text}」の言葉の多くが出典にありません"


def _without_figures(text: str) -> str:
    """Return `text` with blanks for its figures, units and all: whether they stand in a source is another check's."""
    for figure in figures(text):
        text = text[: figure.start] + " " * (figure.end - figure.start) + text[figure.end :]
    return text


def _says(source: Grounds, word: str) -> bool:
    """Whether `source` holds the word, one of its meaning (見直す for 修正), or its kanji (増える for 2,300件増)."""
    if not same_meaning(word).isdisjoint(source.words):
        return True
    stem = "".join(_KANJI.findall(word)) if _INFLECTED.search(word) else ""
    return word in source.words or word in source.squashed or (bool(stem) and stem in source.squashed)
