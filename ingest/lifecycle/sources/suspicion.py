"""Judges whether a fetched body is another version of the kept document, or something served in its place.

The thresholds and what they cost: docs/decisions/072-suspicious-sources.md.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ingest.build.sandboxed_reading import read_with_limits
from ingest.corpus import printable_name
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.sandbox import Limits

# Characters of each text that are compared, and the length of the pieces.
_COMPARED_CHARS = 200_000
_PIECE_CHARS = 12
# A version with less than this share of the kept text's characters is not taken without a person.
_MIN_LENGTH_SHARE = 0.5
# The least share of the kept text's pieces in the new version: under the same title, without titles, after a redirect
# to another path, and under another title.
_MIN_OVERLAP_WITH_TITLE = 0.3
_MIN_OVERLAP_WITHOUT_TITLE = 0.4
_MIN_OVERLAP_AFTER_REDIRECT = 0.5
_MIN_OVERLAP_WITH_OTHER_TITLE = 0.6
# A sign-in page has little text beside its form.
_SIGN_IN_CHARS = 600
_YEARS = re.compile(
    r"(?:令和|平成|昭和)?(?:\d{1,4}|元)年度?|[RHS]\d{1,2}(?:年度?)?|(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}月(?:\d{1,2}日)?|\d+(?:\.\d+)?版"
    r"|改[訂定]版?|更新|時点|現在",
    re.IGNORECASE,
)
_ERROR_TITLE = re.compile(
    r"見つかりません|見当たりません|ありませんでした|エラー|アクセス(?:が集中|できません)|メンテナンス中|一時的に|ただいま"
    r"|not found|forbidden|unavailable|\berror\b|^[45]\d\d\b",
    re.IGNORECASE,
)
_SIGN_IN = re.compile(r"ログイン|サインイン|sign.?in|log.?[io]n|\bauth|\bsso\b", re.IGNORECASE)
_PASSWORD_FIELD = re.compile(rb"<input\b[^>]*\btype\s*=\s*[\"']?password", re.IGNORECASE)
_HTML_END = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)
_HTML_START = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|\?xml[^>]*>\s*<!doctype html)", re.IGNORECASE
)
_WEB_SUFFIXES = (".html", ".htm")
_INDEX_PAGE = re.compile(r"/(?:index|default|top|home)\.\w+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SourceContent:
    """What of a version is compared: title and text as the readers return them, and its bytes.

    The title is "" if the file has none.
    """

    title: str
    text: str
    body: bytes = field(repr=False)


def read_content(file: Path, limits: Limits) -> SourceContent:
    """Return the content of a file. Raises UnreadableDocumentError."""
    parsed = read_with_limits(file, {"file": file.name, "id": "source"}, limits)
    text = "\n".join(passage.text for passage in parsed.passages)
    title = parsed.document.title
    return SourceContent("" if title == printable_name(file.stem) else title, text, file.read_bytes())


def is_moved(url: str, final_url: str) -> bool:
    """Whether a redirect led to another path; the scheme, the host and an index page do not count."""
    return _path(url) != _path(final_url)


def is_page_instead(body: bytes, suffix: str, stored: bytes) -> bool:
    """Whether a web page was served for a file of another format; `stored` are the kept bytes, b"" without any."""
    is_page_expected = suffix.lower() in _WEB_SUFFIXES or bool(_HTML_START.match(stored))
    return bool(_HTML_START.match(body)) and not is_page_expected


def find_suspicion(stored: SourceContent | None, new: SourceContent, url: str, final_url: str) -> str:
    """Return why `new` may not be another version of the document at `url`, "" if it seems to be one.

    `stored` is the version in the folder, None for a source that has none yet. `final_url` is the address after
    redirects.
    """
    path, final = _path(url), _path(final_url)
    if path != final and path.startswith(final):
        return f"入口のページ（{final_url}）へ転送されました。"
    if path != final and _SIGN_IN.search(final) and not _SIGN_IN.search(path):
        return f"サインインのページ（{final_url}）へ転送されました。"
    if _ERROR_TITLE.search(new.title) and not (stored and _ERROR_TITLE.search(stored.title)):
        return f"誤りを知らせるページのようです（題名「{new.title}」）。"
    has_field = bool(_PASSWORD_FIELD.search(new.body)) and not (stored and _PASSWORD_FIELD.search(stored.body))
    has_title = _SIGN_IN.search(new.title) and not (stored and _SIGN_IN.search(stored.title))
    if (has_field or has_title) and len(new.text) < _SIGN_IN_CHARS:
        return "サインインのページのようです。"
    if stored and _is_cut(stored.body, new.body):
        return "途中で切れているようです。"
    return _difference(stored, new, is_redirected=path != final) if stored else ""


def _path(url: str) -> str:
    path = unquote(urlsplit(url).path).casefold() or "/"
    return _INDEX_PAGE.sub("/", path).rstrip("/") + "/"


def _is_cut(stored: bytes, new: bytes) -> bool:
    if _HTML_START.match(new):
        return bool(_HTML_END.search(stored)) and not _HTML_END.search(new)
    if new.startswith(b"%PDF-"):
        return b"%%EOF" in stored[-1024:] and b"%%EOF" not in new[-1024:]
    return stored.rstrip() != new.rstrip() and stored.startswith(new.rstrip())


def _difference(stored: SourceContent, new: SourceContent, *, is_redirected: bool) -> str:
    kept_text = _comparable(stored.text)
    new_text = _comparable(new.text)
    if len(new_text) < _MIN_LENGTH_SHARE * len(kept_text):
        return f"文章がずっと少なくなっています（{len(kept_text):,}字から{len(new_text):,}字）。"
    pieces = _pieces(kept_text)
    overlap = len(pieces & _pieces(new_text)) / len(pieces) if pieces else 1.0
    has_titles = bool(stored.title and new.title)
    has_other_title = has_titles and _title_core(stored.title) != _title_core(new.title)
    if has_other_title and overlap < _MIN_OVERLAP_WITH_OTHER_TITLE:
        return f"題名が違い、内容も違います（「{stored.title}」から「{new.title}」、同じ部分{overlap:.0%}）。"
    min_overlap = _MIN_OVERLAP_WITH_TITLE if has_titles else _MIN_OVERLAP_WITHOUT_TITLE
    if is_redirected:
        min_overlap = _MIN_OVERLAP_AFTER_REDIRECT
    return f"内容がほとんど違います（同じ部分{overlap:.0%}）。" if overlap < min_overlap else ""


def _comparable(text: str) -> str:
    # Updated figures do not count as other text.
    return re.sub(r"\d", "0", normalise_without_spaces(text))


def _pieces(text: str) -> set[str]:
    text = text[:_COMPARED_CHARS]
    return {text[start : start + _PIECE_CHARS] for start in range(len(text) - _PIECE_CHARS + 1)}


def _title_core(title: str) -> str:
    return re.sub(r"[\W_]", "", _YEARS.sub("", nfkc(title))).casefold()
