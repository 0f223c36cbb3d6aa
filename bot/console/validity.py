"""How it is said whether a cited document is in force."""

from bot.answer import Citation


def validity(citation: Citation) -> str:
    """Return 現行, 旧 (superseded) or 期間外 (before or after its period); "" for a document without a period."""
    if citation.in_force:
        return "現行"
    if citation.superseded_by:
        return "旧"
    return "" if citation.in_force is None else "期間外"
