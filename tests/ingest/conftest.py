"""Shared fixtures of the readers' tests."""

import sys

import pytest


@pytest.fixture
def no_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the extra that reads pictures be as if it were not installed."""
    monkeypatch.setitem(sys.modules, "rapidocr", None)
