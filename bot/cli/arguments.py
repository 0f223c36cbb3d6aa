"""Parsers of command-line values, with error messages in Japanese."""

import argparse
import re
from datetime import date
from typing import Any


def parse_date(written: str) -> date:
    """Return a date as YYYY-MM-DD has it."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.ASCII):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"「{written}」は日付ではありません。2026-04-01 の形で指定してください。")


def parse_month(written: str) -> date:
    """Return the first day of a month as YYYY-MM has it."""
    try:
        return parse_date(f"{written}-01")
    except argparse.ArgumentTypeError:
        message = f"「{written}」は月ではありません。2026-10 の形で指定してください。"
        raise argparse.ArgumentTypeError(message) from None


def integer_between(least: int, most: int) -> Any:
    """Return what reads a whole number from `least` to `most`."""

    def read(written: str) -> int:
        if not re.fullmatch(r"\d{1,9}", written, re.ASCII) or not least <= int(written) <= most:
            raise argparse.ArgumentTypeError(f"「{written}」は使えません。{least}〜{most} の整数を指定してください。")
        return int(written)

    return read
