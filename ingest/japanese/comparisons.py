"""Words that compare and rank: parts of patterns for normalised text."""

from ingest.japanese.notation import KANJI_ONE_TO_TEN

# Stems of adjectives by what they rank first.
GREATER = "多|大き|高|長|広|重"
SMALLER = "少な|小さ|低|短|狭|軽|安"
NEWER = "新し|遅(?!れ)"
OLDER = "古|早"
DICTIONARY_FORMS = {stem: f"{stem}い" for stem in "多高長広重短狭軽安低古早遅"} | {
    "大き": "大きい",
    "小さ": "小さい",
    "少な": "少ない",
    "新し": "新しい",
}
"""The adjectives of rankings by their stems."""
# 一番目 is a position.
SUPERLATIVE_ADVERB = "(?:最も|もっとも|一番(?!目)|いちばん)"
# The number of a position: 2番目, 三位.
POSITION = rf"(?:\d{{1,3}}|[{KANJI_ONE_TO_TEN}])"
