"""Negating words, as Sudachi's normal forms, and negating prefixes."""

from ingest.japanese.lexicon import load_lexicon

DENIALS = frozenset(load_lexicon("polarity")["denials"])
PREFIXES = frozenset(load_lexicon("polarity")["prefixes"])
