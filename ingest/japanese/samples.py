"""Recognises filled-in samples of forms (記入例), whose names, days and numbers are invented."""

import re

from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.normal_forms import nfkc

_SAMPLE = re.compile(any_of(load_lexicon("samples")["samples"]))
# Not 見本市, nor one of several things below a heading: 様式・記入例.
_HEADING = re.compile(rf"(?<![・、,/とや及び並]){_SAMPLE.pattern}集?(?![ぁ-ヿ一-龥々A-Za-z、,/])")


def is_sample_heading(text: str) -> bool:
    """Whether a title or heading says that what is below it is a sample."""
    return _HEADING.search(nfkc(text).strip()) is not None


def names_sample(question: str) -> bool:
    """Whether a question names a sample."""
    return _SAMPLE.search(nfkc(question)) is not None
