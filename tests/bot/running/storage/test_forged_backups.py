import gzip
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main

REPORT = {"format": 3, "created": "2026-01-01T00:00:00Z", "release": "0.39.1", "generation": None}
METADATA = json.dumps(REPORT).encode()


def member(name: str, content: bytes = b"a", size: int | None = None, **values: object) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = len(content) if size is None else size
    for key, value in values.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % 512)


def extended(key: str, value: str, kind: bytes = tarfile.XHDTYPE) -> bytes:
    record = f" {key}={value}\n".encode()
    length = len(record) + 2 if len(record) < 90 else len(record) + len(str(len(record) + 5))
    return member("pax", str(length).encode() + record, type=kind)


def long_name(name: str) -> bytes:
    return member("././@LongLink", name.encode() + b"\0", type=tarfile.GNUTYPE_LONGNAME) + member(name[:90])


def of_type(kind: bytes, name: str = "link", target: str = "/etc/passwd") -> bytes:
    return member(name, b"", type=kind, linkname=target)


OUTSIDE = "../outside.md"
KINDS: dict[str, bytes | Callable[[], bytes]] = {
    "parent folder": member(OUTSIDE),
    "parent folder within": member("added/../../outside.md"),
    "absolute": member("/tmp/outside.md"),
    "absolute by header": extended("path", "/tmp/outside.md") + member("a"),
    "parent folder by header": extended("path", OUTSIDE) + member("a"),
    "this folder": member("./a"),
    "empty part": member("added//a"),
    "no name": member(""),
    "backslash": member("..\\outside.md"),
    "drive": member("C:outside.md"),
    "control character": member("a\x1b[2J.md"),
    "line break by header": extended("path", "a\nb") + member("a"),
    "NUL by header": extended("path", "a\0b") + member("a"),
    "hidden": member(".replaced-1"),
    "hidden folder": member("added/.x/a"),
    "staging folder": member(".restoring/a"),
    "lock": member("build.lock"),
    "lock in capitals": member("BUILD.LOCK"),
    "journal": member("shirube.sqlite-wal"),
    "symbolic link": of_type(tarfile.SYMTYPE),
    "symbolic link and a file behind it": of_type(tarfile.SYMTYPE, "added", "..") + member("added/outside.md"),
    "link to the folder itself": of_type(tarfile.SYMTYPE, "added", ".") + member("added/outside.md"),
    "long chain of links": b"".join(of_type(tarfile.SYMTYPE, f"l{n}", "d" * 90 + f"/l{n + 1}") for n in range(60)),
    "hard link": of_type(tarfile.LNKTYPE),
    "hard link and the same name": of_type(tarfile.LNKTYPE, "a", OUTSIDE) + member("a"),
    "link by header": extended("linkpath", OUTSIDE) + of_type(tarfile.SYMTYPE),
    "pipe": of_type(tarfile.FIFOTYPE),
    "character device": member("null", b"", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    "block device": member("sda", b"", type=tarfile.BLKTYPE, devmajor=8, devminor=0),
    "contiguous file": member("a", type=tarfile.CONTTYPE),
    "sparse file of GNU": member("a", type=tarfile.GNUTYPE_SPARSE),
    "sparse file by header": extended("GNU.sparse.realsize", "9" * 12) + member("a"),
    "sparse map without end": extended("GNU.sparse.major", "1") + member("a", b"9"),
    "long name of GNU": long_name("a" * 200),
    "long name of GNU outside": long_name("../" * 50 + "a"),
    "long link of GNU": member("x", OUTSIDE.encode(), type=tarfile.GNUTYPE_LONGLINK) + of_type(tarfile.SYMTYPE),
    "header for all": extended("path", OUTSIDE, tarfile.XGLTYPE) + member("a"),
    "headers in a row": extended("path", "a") * 2_000 + member("a"),
    "header of a gigabyte": member("pax", b"", size=1 << 30, type=tarfile.XHDTYPE),
    "unknown header": extended("SCHILY.xattr.user.x", "1") + member("a"),
    "unknown type": member("a", type=b"Z"),
    "folder with content": member("added", b"a", type=tarfile.DIRTYPE),
    "negative size": extended("size", "-512") + member("a"),
    "size in letters": extended("size", "many") + member("a"),
    "more than there is": member("a", b"a", size=1 << 20),
    "wrong checksum": member("a").replace(b"a", b"b", 1),
    "letters that are no text": member("a").replace(b"a", b"\xff", 1),
    "same name": member("added/a") * 2,
    "same name in capitals": member("added/a") + member("Added/A"),
    "same name, otherwise composed": member("added/\u304c") + member("added/\u304b\u3099"),
    "file and folder": member("added/a") + member("added/a/b"),
    "folder and file": member("added/a/b") + member("added/a"),
    "metadata twice": member("backup.json", METADATA) * 2,
    "1,500 folders": extended("path", "/".join("d" * 1_500)) + member("a"),
    "name of 5,000 letters": extended("path", "a" * 5_000) + member("a"),
    "data after the end": bytes(1024) + member(OUTSIDE),
    "zeros": lambda: member("a", bytes(150 << 20)),
    "thousands of empty files": lambda: b"".join(member(f"{n}", b"") for n in range(26_000)),
}
WHOLE = {
    "not first": member("a") + member("backup.json", METADATA),
    "metadata of a gigabyte": member("backup.json", b"", size=1 << 30),
    "nested metadata": member("backup.json", b"[" * 60_000),
    "release in control characters": member("backup.json", METADATA.replace(b"0.39.1", rb"\u001b[2J")),
    "nothing": b"",
}


@pytest.mark.parametrize("kind", [*KINDS, *WHOLE])
def test_nothing_of_a_forged_backup_is_written(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, data = tmp_path / "saved.tar.gz", tmp_path / "inner" / "data"
    data.mkdir(parents=True)
    (data / "kept").write_text("kept")
    content = {**KINDS, **WHOLE}[kind]
    good = b"" if kind in WHOLE else member("backup.json", METADATA) + member("added/good.md")
    file.write_bytes(gzip.compress(good + (content() if callable(content) else content) + bytes(1024), 1))
    assert main(["restore", str(file), "--data", str(data)]) == 2
    printed = capsys.readouterr().err.replace("\n", "")
    assert "ほかのバックアップを使ってください" in printed
    assert "Traceback" not in printed
    assert "\x1b[2J" not in printed
    assert {path.name for path in tmp_path.rglob("*")} <= {"saved.tar.gz", "inner", "data", "kept", "build.lock"}
    assert not Path("/tmp/outside.md").exists()
