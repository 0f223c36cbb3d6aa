"""Adds to a recorded answer that a document has changed since."""

from collections.abc import Callable
from dataclasses import replace

from bot.state import Answer, message, paragraph
from bot.verification import render_text


def with_newer_version_notices(answer: Answer, has_newer_version: Callable[[str, str], bool]) -> Answer:
    """Return an answer with a notice for each cited document of which there is a newer version.

    `has_newer_version` tells for a document id and a version whether the document's file is another one now.
    """
    cited = {(one.doc_id, one.version): one.title for one in (*answer.citations, *answer.nearest) if one.version}
    titles = dict.fromkeys(title for key, title in cited.items() if has_newer_version(*key))
    notices = tuple(paragraph(message("newer_version", title=title)) for title in titles)
    if not notices:
        return answer
    content = answer.content
    texts = tuple(render_text([notice], content.language) for notice in notices)
    content = replace(content, notices=(*content.notices, *notices))
    return answer.model_copy(update={"notices": (*answer.notices, *texts), "content": content})
