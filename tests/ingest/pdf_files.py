"""Builds small PDFs: positioned Japanese text, pictures, symbol fonts, passwords."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from ingest.readers.pdf.pdfium import PdfDocument

if TYPE_CHECKING:
    from PIL.Image import Image

# The widths and the characters of this font are known to every reader of PDFs, so that nothing needs embedding.
_CJK = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5 /Encoding /UniJIS-UCS2-H /DescendantFonts [ "
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /DW 1000 "
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> "
    b"/FontDescriptor << /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 /FontBBox [ 0 -120 1000 880 ] "
    b"/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 >> >> ] >>"
)
_UPRIGHT = _CJK.replace(b"UniJIS-UCS2-H", b"UniJIS-UCS2-V")
# Drawn shapes called 0 to 9, of which nothing says what characters they are.
_SHAPES = (
    b"<< /Type /Font /Subtype /Type3 /FontBBox [ 0 0 10 10 ] /FontMatrix [ 0.1 0 0 0.1 0 0 ] /FirstChar 1 /LastChar 9 "
    b"/Widths [ 10 10 10 10 10 10 10 10 10 ] "
    b"/Encoding << /Type /Encoding /Differences [ 1 /g1 /g2 /g3 /g4 /g5 /g6 /g7 /g8 /g9 ] >> /CharProcs << "
    + b" ".join(b"/g%d 4 0 R" % n for n in range(1, 10))
    + b" >> >>"
)
_BOX = b"10 0 0 0 10 10 d1 0 0 10 10 re f"
# A font of symbols: A is a bullet of Wingdings, which Unicode has in its private use area alone.
_SYMBOLS = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >>"
_MAP = (
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /M def /CMapType 2 def "
    b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <41> <F06C> endbfchar endcmap end end"
)
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


@dataclass(frozen=True)
class Text:
    """A line of text with its left end, its baseline (points from the lower left corner) and its size."""

    text: str
    left: float = 72
    base: float = 700
    size: float = 10


def lines(*texts: str, left: float = 72, top: float = 760, size: float = 10, leading: float = 16) -> list[Text]:
    """Return lines below each other; an empty one leaves a gap."""
    return [Text(text, left, top - n * leading, size) for n, text in enumerate(texts) if text]


def page(*texts: Text) -> bytes:
    """Return the content of a page of text."""
    return b"\n".join(
        b"BT /F1 %g Tf 1 0 0 1 %g %g Tm <%s> Tj ET"
        % (t.size, t.left, t.base, t.text.encode("utf-16-be").hex().encode())
        for t in texts
    )


PICTURE = b"q 300 0 0 400 100 200 cm 0 0 1 1 re f Q"
SHAPES = b"BT /F2 12 Tf 1 0 0 1 72 700 Tm (\001\002\003\004\005\006\007\010\011) Tj ET"
BULLET = b"BT /F3 10 Tf 1 0 0 1 62 700 Tm (A) Tj ET"
BLANK = b""
_FIRST_PAGE = 9


FIRST_ADDED = 11
"""The number of the first added object of a PDF of one page."""


def pdf(
    *pages: bytes,
    password: str | None = None,
    size: tuple[int, int] = (595, 842),
    page_entries: bytes = b"",
    catalog: bytes = b"",
    added: Sequence[bytes] = (),
) -> bytes:
    """Return a PDF of pages (A4) with these contents, with a password (it may be "") encrypted (RC4, 40 bit)."""
    kids = b" ".join(b"%d 0 R" % (_FIRST_PAGE + 2 * n) for n in range(len(pages)))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Count %d /Kids [ %s ] >>" % (len(pages), kids),
        3: _CJK,
        5: _SHAPES,
        6: _SYMBOLS,
        8: _UPRIGHT,
    }
    streams = {4: _BOX, 7: _MAP}
    for at, content in zip(range(_FIRST_PAGE, _FIRST_PAGE + 2 * len(pages), 2), pages, strict=True):
        objects[at] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 %d %d ] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R /F2 5 0 R /F3 6 0 R /F4 8 0 R >> /Properties << /L 11 0 R >> >> %s >>"
            % (*size, at + 1, page_entries)
        )
        streams[at + 1] = content
    objects |= dict(enumerate(added, start=_FIRST_PAGE + 2 * len(pages)))
    trailer = b""
    if password is not None:
        key, entry = _encryption(password)
        streams = {
            n: _rc4(hashlib.md5(key + n.to_bytes(3, "little") + b"\0\0").digest()[:10], s) for n, s in streams.items()
        }
        trailer = b"/Encrypt << %s >> /ID [ <00> <00> ]" % entry
    for n, content in streams.items():
        objects[n] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
    return _file(objects, trailer)


def picture(content: bytes, dpi: int = 110) -> "Image":
    """Return the upper half of a page with this content as a scanner gives it."""
    with PdfDocument(pdf(content)) as opened:
        shown: Image = opened[0].render(scale=dpi / 72, grayscale=True).to_pil()
    return shown.crop((0, 0, shown.width, shown.height // 2))


def scan(*pictures: "Image", dpi: int = 110) -> bytes:
    """Return a PDF of pages that are pictures."""
    written = BytesIO()
    pictures[0].save(written, "PDF", resolution=dpi, save_all=True, append_images=pictures[1:])
    return written.getvalue()


def _file(objects: dict[int, bytes], trailer: bytes) -> bytes:
    data, places = b"%PDF-1.4\n", {}
    for n, content in sorted(objects.items()):
        places[n] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (n, content)
    table = b"".join(b"%010d 00000 n \n" % places[n] for n in sorted(places))
    size = len(objects) + 1
    return (
        data
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, trailer, len(data))
    )


def _encryption(password: str) -> tuple[bytes, bytes]:
    """Return the key and the entries of the standard handler, revision 2 (ISO 32000-1, 7.6.3)."""
    padded = (password.encode() + _PADDING)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    permissions = (-4).to_bytes(4, "little", signed=True)
    key = hashlib.md5(padded + owner + permissions + b"\0").digest()[:5]
    user = _rc4(key, _PADDING)
    entry = b"/Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s>" % (owner.hex().encode(), user.hex().encode())
    return key, entry


def _rc4(key: bytes, data: Sequence[int]) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def nested(depth: int = 9, fan: int = 10) -> bytes:
    """Return a PDF of 3 kB whose page draws `fan` nested forms, to `depth` levels: fan ** depth in all."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595 842 ] /Contents 6 0 R "
        b"/Resources << /XObject << /X 7 0 R >> >> >>",
        4: _CJK,
        5: b"<< >>",
        6: b"<< /Length 5 >>\nstream\n/X Do\nendstream",
    }
    for n in range(7, 8 + depth):
        last = n == 7 + depth
        content = page(*lines("題")) if last else b"/X Do " * fan
        objects[n] = (
            b"<< /Type /XObject /Subtype /Form /BBox [ 0 0 595 842 ] /Resources << /Font << /F1 4 0 R >> "
            b"/XObject << /X %d 0 R >> >> /Length %d >>\nstream\n%s\nendstream"
            % (5 if last else n + 1, len(content), content)
        )
    return _file(objects, b"")


def ruled(xs: Sequence[float], ys: Sequence[float]) -> bytes:
    """Return the lines of a table: upright ones at `xs`, those across at `ys` (from top to bottom), 0.5 points wide."""
    upright = [b"%g %g m %g %g l S" % (x, ys[0], x, ys[-1]) for x in xs]
    across = [b"%g %g m %g %g l S" % (xs[0], y, xs[-1], y) for y in ys]
    return b"\n".join([b"0.5 w", *upright, *across])


def stroke(left: float, bottom: float, right: float, top: float) -> bytes:
    """Return a straight line."""
    return b"0.5 w %g %g m %g %g l S" % (left, bottom, right, top)


def box(left: float, bottom: float, right: float, top: float, colour: str = "") -> bytes:
    """Return a frame, or with a colour (three shares of 1: "0.8 0.9 1") an area that it fills."""
    place = b"%g %g %g %g re" % (left, bottom, right - left, top - bottom)
    return b"q %s rg %s f Q" % (colour.encode(), place) if colour else b"0.5 w %s S" % place


def picture_in(left: float, bottom: float, right: float, top: float) -> bytes:
    """Return a picture of one black pixel that fills a box."""
    place = b"%g 0 0 %g %g %g cm" % (right - left, top - bottom, left, bottom)
    return b"q %s BI /W 1 /H 1 /CS /G /BPC 8 ID \0 EI Q" % place


def cells(xs: Sequence[float], ys: Sequence[float], *rows: Sequence[str]) -> list[Text]:
    """Return the texts of a table between lines at `xs` and `ys`, each a little inside its cell."""
    return [
        Text(text, left + 4, top - 14)
        for top, row in zip(ys, rows, strict=False)
        for left, text in zip(xs, row, strict=False)
        if text
    ]


def upright(*texts: str, right: float = 500, top: float = 760, size: float = 10, leading: float = 20) -> bytes:
    """Return columns of vertical text, the first at the right."""
    return b"\n".join(
        b"BT /F4 %g Tf 1 0 0 1 %g %g Tm <%s> Tj ET"
        % (size, right - n * leading, top, text.encode("utf-16-be").hex().encode())
        for n, text in enumerate(texts)
    )
