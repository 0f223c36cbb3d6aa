"""Words that ask: patterns for normalised text, and Sudachi's normal forms."""

from ingest.japanese.lexicon import any_of, load_lexicon

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
WHAT_KIND = any_of(_WORDS["what_kind"])
DEGREE = any_of(_WORDS["degree"])
TO_WHAT_DEGREE = WHICH + DEGREE
INTERROGATIVE = any_of((any_of(_WORDS["when"]), WHERE, WHICH_OF_TWO, WHICH, WHO, HOW_MUCH, HOW_MANY, "何"))

LIGHT_NORMAL_FORMS = frozenset(_WORDS["normal_forms"])
NORMAL_FORMS = LIGHT_NORMAL_FORMS | frozenset(_WORDS["indexed_normal_forms"])
