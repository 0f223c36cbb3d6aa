"""What of a passage goes into which index: the text that is embedded, and the words of heading and body."""

from functools import lru_cache

from ingest.documents import Document, Passage
from ingest.normalise import nfkc
from ingest.tokenise import words, words_by_sentence


def passage_input(passage: Passage) -> str:
    """Return the text whose meaning is searched: the two inner headings, and below them the passage."""
    return "\n".join(filter(None, (" > ".join(passage.path[-2:]), passage.text)))


def heading_words(document: Document, passage: Passage) -> list[str]:
    """Return the index terms of the document's title and the passage's headings, each heading once."""
    return list(_words("\n".join(dict.fromkeys((document.title, *passage.path)))))


@lru_cache(maxsize=1000)
def _words(text: str) -> tuple[str, ...]:
    """Return `words`, remembered: the passages of a section share their headings."""
    return tuple(words(text))


def passage_letters(passage: Passage) -> str:
    """Return the letters of headings and text, as `letters` gives them."""
    return letters("\n".join((*passage.path, passage.text)))


def letters(text: str) -> str:
    """Return the letters of `text` in normal form, lower case, without spaces."""
    return "".join(nfkc(text).casefold().split())


def body_words(passage: Passage) -> list[list[str]]:
    """Return the index terms of the passage itself, by sentence."""
    return words_by_sentence(passage.text)
