"""What was asked, counted: the report of a month and open data, without personal data and without small counts."""

from bot.usage.asked import Asked, CallMade, Usage
from bot.usage.counts import LEAST, Count, counted
from bot.usage.exported import COLUMNS, exported
from bot.usage.month import Month, month_of_usage

__all__ = ["COLUMNS", "LEAST", "Asked", "CallMade", "Count", "Month", "Usage", "counted", "exported", "month_of_usage"]
