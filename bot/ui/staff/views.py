"""The views of the console, by the names in their addresses."""

from collections.abc import Mapping

from bot.ui.staff.calls import CALLS
from bot.ui.staff.context import Context
from bot.ui.staff.departments import DEPARTMENTS
from bot.ui.staff.documents import DOCUMENT, DOCUMENTS
from bot.ui.staff.usage_report import NUMBERS
from bot.ui.views import View

VIEWS: Mapping[str, View[Context]] = {
    "calls": CALLS,
    "documents": DOCUMENTS,
    "document": DOCUMENT,
    "departments": DEPARTMENTS,
    "numbers": NUMBERS,
}
