"""Converts old Office formats, OpenDocument and RTF with LibreOffice and reads the result."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.blocks.model import SourceDocument
from ingest.errors import UnreadableDocumentError
from ingest.readers.html.html_reader import read_html
from ingest.readers.office.docx import read_docx
from ingest.readers.office.ooxml_package import ENCRYPTED_MESSAGE, is_encrypted
from ingest.readers.office.pptx import read_pptx
from ingest.readers.office.xlsx import read_xlsx

# Format that each suffix is converted to, its reader, and the program in which a person can do the same.
_TARGETS: dict[str, tuple[str, Callable[[Path], SourceDocument], str]] = {
    ".doc": (".docx", read_docx, "Word"),
    ".rtf": (".docx", read_docx, "Word"),
    ".xls": (".xlsx", read_xlsx, "Excel"),
    ".ppt": (".pptx", read_pptx, "PowerPoint"),
    ".odp": (".pptx", read_pptx, "PowerPoint か LibreOffice"),
    ".ods": (".xlsx", read_xlsx, "Excel か LibreOffice"),
    ".odt": (".docx", read_docx, "Word か LibreOffice"),
}
CONVERTED_SUFFIXES = tuple(_TARGETS)
_MAC_PROGRAM = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
# Wall-clock timeout; a document of 300 pages takes 20 s.
_TIMEOUT_SECONDS = 90
# OLE, ZIP, RTF.
_SIGNATURES = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"{\\rtf")
_HTML_STARTS = (b"<html", b"<!doctype html", b"<table", b"<head", b"<meta")
# Limit on the source; the converted file is checked by its own reader.
_MAX_BYTES = 256 << 20
# A profile without macros, links and network access.
_PROFILE_SETTINGS = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Misc", "UseLocking", "false"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Office.Calc/Content/Update", "Link", "2"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetNoProxy", ""),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)


def read_converted(path: Path) -> SourceDocument:
    """Return the blocks and the title of a file that LibreOffice converts, within a limit of time."""
    with path.open("rb") as file:
        start = file.read(256).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.lower().startswith(_HTML_STARTS):  # a web page may be saved as .xls
        return read_html(path)
    suffix = path.suffix.lower()
    target_suffix, read, editor = _TARGETS[suffix]
    advice = f"{editor} で開き、{target_suffix} の形式で保存し直してください。"
    if path.stat().st_size > _MAX_BYTES:
        raise UnreadableDocumentError(f"{path.name}: 大きすぎるので読みません（上限は{_MAX_BYTES >> 20} MB）。{advice}")
    if not start.startswith(_SIGNATURES):
        raise UnreadableDocumentError(
            f"{path.name}: {path.suffix} の文書として読めません。壊れているか、別の種類のファイルです。{advice}"
        )
    if is_encrypted(path):
        raise UnreadableDocumentError(f"{path.name}: {ENCRYPTED_MESSAGE}")
    office = find_libreoffice()
    if office is None:
        raise UnreadableDocumentError(
            f"{path.name}: この形式（{suffix}）を読むには LibreOffice が要ります。入れるか、{advice}"
        )
    with TemporaryDirectory(prefix="shirube-") as folder:
        source = Path(folder) / f"document{suffix}"
        shutil.copyfile(path, source)
        _run_libreoffice(office, source, target_suffix[1:], path.name)
        converted = Path(folder) / "new" / f"document{target_suffix}"
        if not converted.is_file():
            raise UnreadableDocumentError(
                f"{path.name}: LibreOffice で変換できません。壊れているか、パスワードで保護されています。{advice}"
            )
        try:
            return read(converted)
        except UnreadableDocumentError as error:
            raise UnreadableDocumentError(str(error).replace(converted.name, path.name)) from error


def find_libreoffice() -> str | None:
    """Return the path of LibreOffice, None if it is not installed."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    return program or (str(_MAC_PROGRAM) if _MAC_PROGRAM.is_file() else None)


def _run_libreoffice(office: str, source: Path, target_format: str, name: str) -> None:
    profile = source.parent / "profile"
    (profile / "user").mkdir(parents=True)
    settings = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{key}" oor:op="fuse"><value>{value}</value></prop>'
        "</item>"
        for path, key, value in _PROFILE_SETTINGS
    )
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{settings}</oor:items>\n',
        "utf-8",
    )
    command = [office, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"]
    command += ["--convert-to", target_format, "--outdir", str(source.parent / "new"), str(source)]
    closed_proxy = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    with subprocess.Popen(  # noqa: S603 -- the path of LibreOffice, and names that are made here
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | closed_proxy | {"HOME": str(profile), "no_proxy": ""},
        start_new_session=True,
    ) as process:
        try:
            process.wait(_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise UnreadableDocumentError(
                f"{name}: LibreOffice での変換に{_TIMEOUT_SECONDS}秒を超えてかかるので、やめました。"
                "文書を分けてください。"
            ) from error
        finally:
            with suppress(ProcessLookupError):  # with its child processes
                os.killpg(process.pid, signal.SIGKILL)
