"""Usage statistics: monthly report and open data, without personal data and small counts."""

from bot.storage.usage_records import RecordedCall, RecordedQuestion
from bot.usage.month import MIN_COUNT, Count, MonthlyUsage, count_month, count_names
from bot.usage.open_data import COLUMNS, export_table

__all__ = [
    "COLUMNS",
    "MIN_COUNT",
    "Count",
    "MonthlyUsage",
    "RecordedCall",
    "RecordedQuestion",
    "count_month",
    "count_names",
    "export_table",
]
