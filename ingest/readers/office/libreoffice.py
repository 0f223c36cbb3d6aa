"""Converts old Office formats, OpenDocument and RTF with LibreOffice and reads the result."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.html import html_title, read_html
from ingest.readers.office.docx import docx_title, read_docx
from ingest.readers.office.ooxml_package import LOCKED, is_empty, is_locked
from ingest.readers.office.pptx import pptx_title, read_pptx
from ingest.readers.office.xlsx import read_xlsx, xlsx_title

# What a format becomes, and in which program a person saves it anew.
_BECOMES = {
    ".doc": (".docx", "Word"),
    ".rtf": (".docx", "Word"),
    ".odt": (".docx", "Word か LibreOffice"),
    ".xls": (".xlsx", "Excel"),
    ".ods": (".xlsx", "Excel か LibreOffice"),
    ".ppt": (".pptx", "PowerPoint"),
    ".odp": (".pptx", "PowerPoint か LibreOffice"),
}
CONVERTED = tuple(_BECOMES)
_READ: dict[str, tuple[Callable[[Path], list[Line]], Callable[[Path], str]]] = {
    ".docx": (read_docx, docx_title),
    ".xlsx": (read_xlsx, xlsx_title),
    ".pptx": (read_pptx, pptx_title),
}
_PROGRAMS = ("soffice", "libreoffice")
_ON_A_MAC = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
# By the clock; a document of 300 pages takes 20 s.
_LIMIT_S = 90
# How files begin that are what their names say: OLE, ZIP, RTF.
_START = 256
_KNOWN = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"{\\rtf")
_PAGE = (b"<html", b"<!doctype html", b"<table", b"<head", b"<meta")
# No old document is as large; what is made of one is held to the limits of its new format.
_LARGEST = 256 << 20
# The profile of its own says: run no macro, follow no link, ask no other computer.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
{items}
</oor:items>
"""
_SAFE = (
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("org.openoffice.Office.Common/Misc", "UseLocking", "false"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    ("org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("org.openoffice.Inet/Settings", "ooInetNoProxy", ""),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)


def read_converted(path: Path) -> list[Line]:
    """Return the lines of a file that LibreOffice converts.

    Raises UnreadableDocumentError where LibreOffice is not installed or cannot convert it, and as the reader of the
    new format does.
    """
    if is_empty(path):
        return []
    return read_html(path) if _is_page(path) else list(_read(_digest(path), path)[0])


def converted_title(path: Path) -> str:
    """Return the title of such a file, as the reader of the new format finds it; raises as `read_converted` does."""
    if is_empty(path):
        return ""
    return html_title(path) if _is_page(path) else _read(_digest(path), path)[1]


def office_program() -> str | None:
    """Return the path of LibreOffice on this computer, None where it is not installed."""
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    return found or (str(_ON_A_MAC) if _ON_A_MAC.is_file() else None)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=4)
def _read(_digest: str, path: Path) -> tuple[tuple[Line, ...], str]:
    """Return lines and title of a file: who asks for one asks for the other next, and each conversion takes seconds."""
    with _convert(path) as new:
        lines, title = _READ[new.suffix]
        return tuple(lines(new)), title(new)


@contextmanager
def _convert(path: Path) -> Iterator[Path]:
    """Give a file in its new format, in a folder that is gone after the `with`; errors name the file as it was."""
    suffix = path.suffix.lower()
    ending, program = _BECOMES[suffix]
    anew = f"{program} で開き、{ending} の形式で保存し直してください。"
    _check(path, anew)
    office = office_program()
    if office is None:
        raise UnreadableDocumentError(
            f"{path.name}: この形式（{suffix}）を読むには LibreOffice が要ります。入れるか、{anew}"
        )
    with TemporaryDirectory(prefix="shirube-") as folder:
        given = Path(folder) / f"document{suffix}"
        shutil.copyfile(path, given)
        _run(office, given, ending[1:], path.name)
        new = Path(folder) / "new" / f"document{ending}"
        if not new.is_file():
            raise UnreadableDocumentError(
                f"{path.name}: LibreOffice で変換できません。壊れているか、パスワードで保護されています。{anew}"
            )
        try:
            yield new
        except UnreadableDocumentError as error:
            raise UnreadableDocumentError(str(error).replace(new.name, path.name)) from error


def _is_page(path: Path) -> bool:
    """Whether a file is a web page, which some systems write under the name of Word or Excel."""
    return _start(path).lower().startswith(_PAGE)


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_START).lstrip(b"\xef\xbb\xbf \t\r\n")


def _check(path: Path, anew: str) -> None:
    """Raise for what LibreOffice would take for plain text, or ask a password for."""
    if path.stat().st_size > _LARGEST:
        raise UnreadableDocumentError(f"{path.name}: 大きすぎるので読みません（上限は{_LARGEST >> 20} MB）。{anew}")
    if not _start(path).startswith(_KNOWN):
        raise UnreadableDocumentError(
            f"{path.name}: {path.suffix} の文書として読めません。壊れているか、別の種類のファイルです。{anew}"
        )
    if is_locked(path):
        raise UnreadableDocumentError(f"{path.name}: {LOCKED}")


def _run(office: str, given: Path, ending: str, name: str) -> None:
    """Convert a file into the folder `new` beside it; a failure leaves none there. Raises where it takes too long."""
    profile = given.parent / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE.format(items="\n".join(_items())), "utf-8")
    command = [office, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"]
    command += ["--convert-to", ending, "--outdir", str(given.parent / "new"), str(given)]
    nowhere = "http://127.0.0.1:9"
    environment = {**os.environ, "HOME": str(profile), "http_proxy": nowhere, "https_proxy": nowhere, "no_proxy": ""}
    with subprocess.Popen(  # noqa: S603 -- the path of LibreOffice, and names that are made here
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    ) as running:
        try:
            running.wait(_LIMIT_S)
        except subprocess.TimeoutExpired as error:
            raise UnreadableDocumentError(
                f"{name}: LibreOffice での変換に{_LIMIT_S}秒を超えてかかるので、やめました。文書を分けてください。"
            ) from error
        finally:
            _terminate(running)


def _items() -> Iterator[str]:
    for path, name, said in _SAFE:
        yield (f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{said}</value></prop></item>')


def _terminate(running: "subprocess.Popen[bytes]") -> None:
    """End LibreOffice and what it has started."""
    if sys.platform == "win32":
        running.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
