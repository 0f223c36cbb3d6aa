"""Words that deny, as Sudachi's normal forms, and prefixes that do."""

from ingest.japanese.lexicon import load_lexicon

DENIALS = frozenset(load_lexicon("polarity")["denials"])
PREFIXES = frozenset(load_lexicon("polarity")["prefixes"])
