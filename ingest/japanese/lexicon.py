"""Words of kinds, as parts of patterns for normalised text, and the word lists of `lexicons/` that they are made of."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("lexicons")


@cache
def load_lexicon(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the lists of `lexicons/NAME.toml` in order; a list is a string of words separated by white space."""
    lists: dict[str, str] = tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
    return {key: tuple(words.split()) for key, words in lists.items()}


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression that matches any of `words`, which may be expressions; the first match is used."""
    return f"(?:{'|'.join(words)})"


_WORDS = load_lexicon("interrogatives")
WHAT = any_of(_WORDS["what"])
# Not いつも or どこでも: with も they are not interrogatives.
WHEN = any_of(_WORDS["when"]) + r"(?!も|でも)"
WHERE = any_of(_WORDS["where"])
WHICH = any_of(_WORDS["which"])
WHICH_OF_TWO = any_of(_WORDS["which_of_two"])
WHO = any_of(_WORDS["who"])
HOW_MUCH = any_of(_WORDS["how_much"])
HOW_MANY = any_of(_WORDS["how_many"])
WHY = any_of(_WORDS["why"])
HOW = any_of(_WORDS["how"])
DEGREE = any_of(_WORDS["degree"])
TO_WHAT_DEGREE = WHICH + DEGREE
INTERROGATIVE = any_of((any_of(_WORDS["when"]), WHERE, WHICH_OF_TWO, WHICH, WHO, HOW_MUCH, HOW_MANY, "何"))

LIGHT_NORMAL_FORMS = frozenset(_WORDS["normal_forms"])
NORMAL_FORMS = LIGHT_NORMAL_FORMS | frozenset(_WORDS["indexed_normal_forms"])


_ENDINGS = load_lexicon("name_endings")

MUNICIPALITY = any_of(_ENDINGS["municipalities"])
PREFECTURE = any_of(_ENDINGS["prefectures"])
DEPARTMENT = any_of(_ENDINGS["departments"])
MINISTRY = any_of(_ENDINGS["ministries"])
COMMITTEE = any_of(_ENDINGS["committees"])
ASSOCIATION = any_of(_ENDINGS["associations"])
CORPORATION = any_of(_ENDINGS["corporations"])
FACILITY = any_of(_ENDINGS["facilities"])
PERSON = any_of(_ENDINGS["persons"])


# Stems of verbs before て: 教えて, 示してください.
TELL = "(?:教え|示し|挙げ|説明し|知らせ)"
# Stems of verbs before たい: 知りたい, 伺いたいのですが.
WISH_TO_KNOW = "(?:知り|聞き|伺い|うかがい|尋ね)"
# Nouns of formal requests: ご教示ください.
FORMAL_REPLY = "(?:教示|回答|返答)"
# What follows the subject of a question: 検診について.
TOPIC_POSTPOSITION = "(?:について|に関して)"
# Words that ask for all of several things.
ALL = "(?:全部|すべて|全て)"
