import shutil
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ingest.errors import UnreadableDocumentError
from ingest.readers.office.libreoffice import find_libreoffice
from tests.conftest import ROOT
from tests.ingest.readers.part_lines import read_part_lines

OFFICE = ROOT / "tests" / "documents" / "office"
needs_office = pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice がないので、変換を確かめられません。")


def texts(path: Path) -> list[str]:
    return [line.text for line in read_part_lines(path)]


def linked(path: Path, url: str) -> Path:
    ns = "urn:oasis:names:tc:opendocument:xmlns"
    kind = "application/vnd.oasis.opendocument.presentation"
    frame = f'<draw:frame><draw:image xlink:href="{url}" xlink:type="simple"/></draw:frame>'
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", kind)
        file.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{ns}:manifest:1.0"><m:file-entry m:full-path="/" m:media-type="{kind}"/>'
            '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>',
        )
        file.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{ns}:office:1.0" xmlns:text="{ns}:text:1.0"'
            f' xmlns:draw="{ns}:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:presentation>'
            "<draw:page><draw:frame><draw:text-box><text:p>本文です。</text:p></draw:text-box></draw:frame>"
            f"{frame}</draw:page></office:presentation></office:body></office:document-content>",
        )
    return path


@needs_office
@pytest.mark.parametrize(("old", "new"), [("plan.doc", "plan.docx"), ("budget.xls", "budget.xlsx")])
def test_an_old_office_file_is_read_like_a_new_one(old: str, new: str) -> None:
    assert texts(OFFICE / old) == texts(OFFICE / new)


@needs_office
def test_external_resources_are_not_fetched(tmp_path: Path) -> None:
    asked: list[str] = []

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    path = linked(tmp_path / "link.odp", f"http://127.0.0.1:{server.server_port}/a.png")
    assert "本文です。" in texts(path)
    server.shutdown()
    assert asked == []


@needs_office
def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "案内.doc"
    path.write_bytes((OFFICE / "plan.doc").read_bytes()[:2000])
    with pytest.raises(UnreadableDocumentError, match=r"案内\.doc: .*\.docx の形式で保存し直して"):
        read_part_lines(path)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b"\x00\x01\x02\x03", "ただの文".encode()])
def test_only_office_files_are_converted(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "案内.doc"
    path.write_bytes(content)
    with pytest.raises(UnreadableDocumentError, match=r"案内\.doc: .*別の種類のファイル.*保存し直して"):
        read_part_lines(path)


def test_without_libreoffice_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    if shutil.which("soffice") or find_libreoffice():
        pytest.skip("LibreOffice が PATH の外にあります。")
    with pytest.raises(UnreadableDocumentError, match=r"plan\.doc: .*LibreOffice が要ります.*\.docx の形式で保存"):
        read_part_lines(Path(shutil.copy(OFFICE / "plan.doc", tmp_path)))
