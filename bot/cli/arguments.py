"""Parsers of command-line values, with error messages in Japanese."""

import argparse
import re
from datetime import date
from typing import Any


def parse_date(text: str) -> date:
    """Return the date of YYYY-MM-DD."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"「{text}」は日付ではありません。2026-04-01 の形で指定してください。")


def parse_month(text: str) -> date:
    """Return the first day of the month YYYY-MM."""
    try:
        return parse_date(f"{text}-01")
    except argparse.ArgumentTypeError:
        message = f"「{text}」は月ではありません。2026-10 の形で指定してください。"
        raise argparse.ArgumentTypeError(message) from None


def integer_between(minimum: int, maximum: int) -> Any:
    """Return a parser of integers from `minimum` to `maximum`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not minimum <= int(text) <= maximum:
            raise argparse.ArgumentTypeError(f"「{text}」は使えません。{minimum}〜{maximum} の整数を指定してください。")
        return int(text)

    return parse
