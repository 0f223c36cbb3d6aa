"""Hard words of a Japanese text: content words with a kanji taught after the third school year.

Source: 学年別漢字配当表 (小学校学習指導要領, 2017), the 440 kanji of the years one to three. Names
of places and people, figures and their counters are not counted: nobody can put them otherwise.
"""

from bot.easy_japanese.kanji import is_hard
from bot.verification import MARK
from ingest.japanese import nfkc
from ingest.japanese.tokenise import Morpheme, morphemes


def hard_words(text: str) -> tuple[list[str], int]:
    """Return the hard words of `text` in order, marks `[n]` left out, and how many content words there are in all."""
    said = morphemes(MARK.sub("", nfkc(text)))
    content = [word for at, word in enumerate(said) if _is_counted(word, said[at - 1] if at else None)]
    return [word.surface for word in content if is_hard(word.surface)], len(content)


def _is_counted(word: Morpheme, before: Morpheme | None) -> bool:
    """Whether it carries meaning and might be put otherwise."""
    counter = before is not None and before.pos[1] == "数詞"
    return word.is_content and not counter and word.pos[1] not in {"数詞", "固有名詞"}
