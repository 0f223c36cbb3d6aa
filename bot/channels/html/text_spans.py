"""Text spans for highlighting: quotes in passages, words of a search."""

import re
from difflib import SequenceMatcher

from ingest.japanese import nfkc, nfkc_with_spans
from ingest.japanese.tokenise import LIGHT_WORDS, morphemes
from ingest.japanese.word_differences import TextSpan


def highlight_quote(passage: str, quote: str) -> tuple[TextSpan, ...]:
    """Split a passage into spans with the quote highlighted.

    Where the passage no longer contains the quote, because its document was replaced, only the quote is returned.
    """
    if not quote:
        return (TextSpan(passage, is_marked=False),)
    before, marked, after = passage.partition(quote)
    if not marked:
        return (TextSpan(quote, is_marked=True),)
    spans = (TextSpan(before, is_marked=False), TextSpan(marked, is_marked=True), TextSpan(after, is_marked=False))
    return tuple(span for span in spans if span.text)


def find_common_words(text: str, searched: str) -> tuple[int, int]:
    """Return the span of `text` with `searched`, else with the longest run of whole words of it; empty for none.

    Both are compared in normal form (half-width kana, decomposed letters) and in any spelling of a word.
    """
    normal, spans = nfkc_with_spans(text)
    wanted = nfkc(searched).strip()
    words = morphemes(normal)
    starts, ends = {word.start for word in words}, {word.end for word in words}
    for match in re.finditer(re.escape(wanted), normal, re.IGNORECASE) if wanted else ():
        if match.start() in starts and match.end() in ends:
            return spans[match.start()][0], spans[match.end() - 1][1]
    normals, wanted_normals = ([word.normal.lower() for word in side] for side in (words, morphemes(wanted)))
    matcher = SequenceMatcher(None, normals, wanted_normals, autojunk=False)
    best = (0, 0)
    for block in matcher.get_matching_blocks():
        run = words[block.a : block.a + block.size]
        content = [word for word in run if word.is_content and word.normal not in LIGHT_WORDS]
        if content and content[-1].end - content[0].start > best[1] - best[0]:
            best = (content[0].start, content[-1].end)
    return (spans[best[0]][0], spans[best[1] - 1][1]) if best[1] else (0, 0)
