"""What each composed draft goes through last: exceptions left out, documents and dates told in full."""

from collections.abc import Sequence
from dataclasses import replace

from bot.compose.calendars import both_calendars
from bot.compose.excepting import without
from bot.compose.in_time import in_time
from bot.find.sought import Sought
from bot.turn import Draft
from ingest.documents import Document


def finish(draft: Draft, sought: Sought, documents: Sequence[Document]) -> Draft:
    """Return the draft without what the question excepts, with its documents and dates told in full."""
    draft = in_time(without(draft, sought.asked.excepted), documents, sought.scope.as_of)
    return replace(draft, text=both_calendars(draft.text))
