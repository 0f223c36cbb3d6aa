"""The views of the console, by the names in their addresses."""

from collections.abc import Mapping

from bot.pages.staff.calls import CALLS
from bot.pages.staff.context import Context
from bot.pages.staff.departments import DEPARTMENTS
from bot.pages.staff.documents import DOCUMENT, DOCUMENTS
from bot.pages.staff.usage_report import NUMBERS
from bot.pages.views import View

VIEWS: Mapping[str, View[Context]] = {
    "calls": CALLS,
    "documents": DOCUMENTS,
    "document": DOCUMENT,
    "departments": DEPARTMENTS,
    "numbers": NUMBERS,
}
