"""The sources under an answer, where only text is shown."""

from bot.answer import Answer, Citation
from bot.console.validity import validity


def sources(answer: Answer) -> str:
    """Return what stands under the answer: notices, then each source with its quote; "" where there is neither."""
    lines = [*answer.notices]
    if answer.citations:
        lines += ["出典:", *map(_source, answer.citations)]
    return "".join("\n\n" + line for line in lines)


def _source(citation: Citation) -> str:
    page = f" {citation.page}ページ" if citation.page else ""
    state = f"（{validity(citation)}）" if validity(citation) else ""
    return f"[{citation.n}] {citation.title}「{citation.section}」{page}{state}: {citation.quote}"
