"""What a term counts for by the words that documents have for it where people say it otherwise (お店 for 事業者)."""

from collections.abc import Callable
from functools import lru_cache

from bot.find.evidence import Evidence, content_terms_cached
from bot.understand.asked import Term
from bot.understand.everyday import Meanings

# Share of what the word itself would count for: more than likeness gives, less than the word (.9 gives as many right
# answers and more wrong ones; eval/LOG.md, 2026-11-20).
_SHARE = 0.75


def stand_in(term: Term, evidence: Evidence, covers: Callable[[str], float]) -> float:
    """Return what `term` counts for by the best of its meanings all of whose words the passage holds, 0 without any."""
    if not term.meanings:
        return 0.0
    held = _held(term.meanings, evidence.passage.text, evidence.passage.path)
    return _SHARE * max((min(map(covers, meaning)) for meaning in held), default=0.0)


@lru_cache(maxsize=20_000)
def _held(meanings: Meanings, text: str, path: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Return the meanings whose words all stand in the passage's text or headings: few, and the same for its pieces."""
    words = content_terms_cached(text) | content_terms_cached(" ".join(path))
    return tuple(meaning for meaning in meanings if meaning <= words)
