"""Talk of a plan that has been replaced: what is asked next is asked of that plan, until another is named."""

from collections.abc import Sequence
from dataclasses import replace

from bot.turn import Exchange, Turn
from bot.understand.kinds import ages_of
from bot.understand.scope import without_names
from ingest.documents import Document


def of_same(whole: Turn, turn: Turn, before: Exchange, documents: Sequence[Document]) -> Turn:
    """Return a turn that was read with the talk as one of the replaced plan that the talk is of, if it is of one."""
    cited = [d for d in documents if d.id in before.documents]
    asked_of = "previous" in ages_of(before.understood) or without_names(before.understood, cited) != before.understood
    replaced = [d for d in cited if any(d.id in other.supersedes for other in documents)]
    taken_up = whole.asked is not None and (whole.text, whole.asked) != (turn.text, turn.asked)
    if not (whole.asked and taken_up and asked_of and replaced) or len(cited) > 1:
        return whole
    (plan,) = replaced
    named = without_names(whole.text, replaced) != whole.text
    text = whole.text if named else f"{plan.title}では、{whole.text}"
    return replace(whole, text=text, asked=replace(whole.asked, within=before.documents))
