from pathlib import Path

import pytest

from ingest.blocks.model import part_lines
from ingest.blocks.unread_parts import UNSEEN_REASON
from ingest.documents import Document
from ingest.errors import UnreadableDocumentError
from ingest.passages.document_reading import read_document
from ingest.readers import read_source
from ingest.readers.pdf import pdf_reader
from tests.ingest.pdf_files import FIRST_ADDED, Text, box, lines, page, pdf

SHOWN = "受付は六月一日からです。"
UNSEEN = "受付は五月一日からです。"
LABEL = page(Text(SHOWN, base=700))
LAYER = (b"/OCProperties << /OCGs [ 11 0 R ] /D << /OFF [ 11 0 R ] >> >>", (b"<< /Type /OCG /Name (old) >>",))


def hexadecimal(text: str) -> bytes:
    return b"<feff%s>" % text.encode("utf-16-be").hex().encode()


def annotation(kind: bytes, place: tuple[int, int, int, int], *entries: bytes) -> bytes:
    return b"<< /Type /Annot /Subtype /%s /Rect [ %d %d %d %d ] %s >>" % (kind, *place, b" ".join(entries))


def annotated(content: bytes, *annotations: bytes, others: tuple[bytes, ...] = ()) -> bytes:
    references = b" ".join(b"%d 0 R" % (FIRST_ADDED + n) for n in range(len(annotations)))
    return pdf(
        content,
        page_entries=b"/Annots [ %s ]" % references,
        catalog=b"/AcroForm << /Fields [ %s ] >>" % references,
        added=(*annotations, *others),
    )


def field(kind: bytes, place: tuple[int, int, int, int], *entries: bytes) -> bytes:
    return annotation(b"Widget", place, b"/FT /%s /T (f%d-%d)" % (kind, *place[:2]), *entries)


def texts(data: bytes, folder: Path) -> list[str]:
    (folder / "a.pdf").write_bytes(data)
    return [line.text for line in part_lines(read_source(folder / "a.pdf").parts) if line.text]


def below(content: bytes) -> bytes:
    return LABEL + b"\n" + content


@pytest.mark.parametrize(
    "data",
    [
        pdf(below(b"/OC /L BDC %s EMC" % page(Text(UNSEEN, base=650))), catalog=LAYER[0], added=LAYER[1]),
        pdf(below(page(Text(UNSEEN, base=100))), page_entries=b"/CropBox [ 0 400 595 842 ]"),
        pdf(below(b"3 Tr " + page(Text(UNSEEN, base=650)))),
        pdf(below(b"1 g " + page(Text(UNSEEN, base=650)))),
        pdf(below(page(Text(UNSEEN, base=650)) + box(60, 640, 400, 670, "0 0 0"))),
        annotated(
            below(page(Text(UNSEEN, base=650))),
            annotation(
                b"StrikeOut", (72, 645, 300, 665), b"/QuadPoints [ 72 665 300 665 72 645 300 645 ]", b"/C [ 1 0 0 ]"
            ),
        ),
        annotated(LABEL, annotation(b"FreeText", (72, 640, 300, 660), b"/F 2 /Contents " + hexadecimal(UNSEEN))),
        annotated(LABEL, annotation(b"FreeText", (72, 640, 300, 660), b"/F 32 /Contents " + hexadecimal(UNSEEN))),
        annotated(LABEL, annotation(b"Text", (72, 640, 92, 660), b"/Contents " + hexadecimal(UNSEEN))),
    ],
    ids=["layer", "crop", "invisible", "white", "covered", "struck", "hidden", "noview", "comment"],
)
def test_text_that_a_page_does_not_show_is_listed_and_in_no_passage(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(data)
    reading = read_document(tmp_path / "a.pdf", Document("d", "題", "a.pdf"))
    assert [passage.text for passage in reading.passages] == [SHOWN]
    assert [(one.text, one.reason) for one in reading.dropped] == [(UNSEEN, UNSEEN_REASON)]


def test_fields_and_annotations_are_read_at_their_place(tmp_path: Path) -> None:
    content = page(Text("氏名"), Text("会場", 92, 660), Text("配信", 192, 660), Text("区分", 72, 620))
    appearance = page(Text("中止", 0, 5))
    stamp = (
        b"<< /Type /XObject /Subtype /Form /BBox [ 0 0 60 20 ] /Resources << /Font << /F1 3 0 R >> >> /Length %d >>\n"
        b"stream\n%s\nendstream" % (len(appearance), appearance)
    )
    data = annotated(
        page(*lines("講座の申込み", top=750)) + b"\n" + content,
        field(b"Tx", (130, 695, 300, 712), b"/V " + hexadecimal("早瀬 千夏")),
        field(b"Btn", (76, 658, 88, 670), b"/V /Yes /AS /Yes"),
        field(b"Btn", (176, 658, 188, 670), b"/AS /Off"),
        field(b"Ch", (130, 615, 300, 632), b"/Ff 131072 /Opt [ (a) (b) ] /V (b)"),
        annotation(b"FreeText", (72, 560, 300, 580), b"/Contents " + hexadecimal("受付済み")),
        annotation(b"Stamp", (400, 746, 460, 766), b"/AP << /N 17 0 R >>"),
        others=(stamp,),
    )
    assert texts(data, tmp_path) == [
        "講座の申込み\u3000中止",
        "氏名\u3000早瀬 千夏",
        "☑会場\u3000☐配信",
        "区分\u3000b",
        "受付済み",
    ]


def test_a_file_of_too_many_pages_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reader, "_MAX_PAGES", 3)
    (tmp_path / "a.pdf").write_bytes(pdf(*[LABEL] * 4))
    with pytest.raises(UnreadableDocumentError, match="4ページあり"):
        read_source(tmp_path / "a.pdf")
