"""What a hard word means in general, where no document tells it: from the glossary of easy Japanese, told as such."""

import re
from functools import cache

from bot.plain.glossary import glossary
from ingest.normalise import nfkc

_ASKS_MEANING = re.compile(
    r"^(?P<word>[^はがをにでの、。?「」]{2,24})(?:とは(?:何(?![一-龥])|なに|なん|どう|\?|。|$)|って(?:何(?![一-龥])|なに|なん(?![一-龥])|どういう(?:意味|こと)))"
    r"|(?P<meant>[^はがをにでの、。?「」]{2,24})(?:の意味|という(?:言葉|用語)の意味)"
)
_LOAN = re.compile(r"[A-Za-zァ-ヶー・]{2,}化?")


def word_asked(question: str) -> str:
    """Return the word whose meaning normalised `question` asks for, or an empty string."""
    match = _ASKS_MEANING.search(question)
    return (match["word"] or match["meant"]).strip() if match else ""


def is_loan(word: str) -> bool:
    """Whether the word is one that a reader may not know: of other languages, or an abbreviation."""
    return bool(_LOAN.fullmatch(word))


def general_meaning(word: str) -> str:
    """Return a sentence with the word's general meaning, marked as not the documents', or "" where none is known."""
    known = _by_word()
    meaning = known.get(nfkc(word).casefold()) or known.get(nfkc(word).casefold().removesuffix("化"), "")
    return f"一般には、{meaning}を指す言葉です（文書によらない一般的な説明です）。" if meaning else ""


@cache
def _by_word() -> dict[str, str]:
    return {nfkc(word).casefold(): meaning for word, meaning in glossary().items()}
