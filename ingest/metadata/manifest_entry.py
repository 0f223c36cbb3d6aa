"""Reads and validates one manifest entry; messages are in Japanese."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any, get_args
from urllib.parse import urlsplit

from ingest.documents import DocumentKind, Period

REQUIRED = ("file", "id", "title")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")
_PUBLISHED = re.compile(r"\d{4}(-\d{2}){0,2}")
_KINDS: tuple[str, ...] = get_args(DocumentKind)


def read_entry(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """Return the values of a `[[document]]` for `Document`, and its problems and warnings by key."""
    values: dict[str, Any] = {}
    problems = {key: f"{key} がありません。書き加えてください。" for key in REQUIRED if key not in table}
    warnings = {}
    for key, raw in table.items():
        if key not in _PARSERS:
            similar = get_close_matches(key, _PARSERS, 1)
            hint = (
                f"{similar[0]} の書き誤りではありませんか。" if similar else f"書ける項目は {' '.join(_PARSERS)} です。"
            )
            warnings[key] = f"{key} という項目はありません。{hint}"
            continue
        try:
            values[key] = _PARSERS[key](raw)
        except ValueError as error:
            problems[key] = f"{key} は{error}"
    return values, problems, warnings


def _parse_text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError('空でない文字を「"」で囲んで書いてください。')
    return raw.strip()


def _parse_issuer(raw: Any) -> str:
    return "" if raw == "" else _parse_text(raw)


def _parse_file(raw: Any) -> str:
    path = PurePosixPath(_parse_text(raw))
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("文書フォルダーの中のファイル名で書いてください（「/」で始まる名前や「..」は使えません）。")
    return str(path)


def _parse_id(raw: Any) -> str:
    if not _ID.fullmatch(_parse_text(raw)):
        raise ValueError(f"半角の英小文字・数字・「.」「-」で書いてください（いまは「{raw}」）。")
    return str(raw)


def _parse_kind(raw: Any) -> str:
    if raw not in _KINDS:
        raise ValueError(f"{' '.join(_KINDS)} のどれかで書いてください（いまは「{raw}」）。")
    return str(raw)


def _parse_day(raw: Any) -> date:
    try:
        return date.fromisoformat(raw if isinstance(raw, str) else raw.isoformat())
    except (ValueError, AttributeError) as error:
        raise ValueError(f"YYYY-MM-DD の形の、暦にある日付で書いてください（いまは「{raw}」）。") from error


def _parse_published(raw: Any) -> str:
    if raw == "":
        return ""
    text = raw.isoformat() if isinstance(raw, date) else str(raw)
    if not _PUBLISHED.fullmatch(text):
        raise ValueError(f"YYYY か YYYY-MM か YYYY-MM-DD の形で書いてください（いまは「{raw}」）。")
    _parse_day(text + "-01-01"[len(text) - len("YYYY") :])
    return text


def _parse_period(raw: Any) -> Period:
    if not isinstance(raw, list) or len(raw) != len(("start", "end")):
        raise ValueError('["開始日", "終了日"] の形で書いてください（例: ["2026-04-01", "2030-03-31"]）。')
    start, end = map(_parse_day, raw)
    if start > end:
        raise ValueError(f"開始日（{start}）が終了日（{end}）より後です。順序を確かめてください。")
    return Period(start, end)


def _parse_texts(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise ValueError('["…", "…"] の形で書いてください。')  # noqa: TRY004 -- every parser raises ValueError
    return tuple(map(_parse_text, raw))


def _parse_url(raw: Any) -> str:
    url = urlsplit(_parse_text(raw))
    if url.scheme not in {"http", "https"} or not url.netloc:
        raise ValueError(f"http:// か https:// で始まるURLで書いてください（いまは「{raw}」）。")
    return _parse_text(raw)


_PARSERS: dict[str, Callable[[Any], Any]] = {
    "file": _parse_file,
    "id": _parse_id,
    "title": _parse_text,
    "kind": _parse_kind,
    "issuer": _parse_issuer,
    "published": _parse_published,
    "period": _parse_period,
    "supersedes": _parse_texts,
    "amends": _parse_texts,
    "aliases": _parse_texts,
    "url": _parse_url,
}
