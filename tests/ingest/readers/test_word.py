import shutil
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.errors import UnreadableDocumentError
from ingest.passages.document_reading import read_document
from ingest.readers import read_source
from ingest.readers.office.libreoffice import find_libreoffice
from tests.conftest import ROOT
from tests.ingest.docx_files import cell, chart, paragraph, run, table, text_box, write_docx
from tests.ingest.readers.part_lines import read_part_lines

OFFICE = ROOT / "tests" / "documents" / "office"


def texts(folder: Path, *blocks: str, footnotes: tuple[str, ...] = ()) -> list[str]:
    path = write_docx(folder / "plan.docx", *blocks, footnotes=footnotes)
    return [line.text for line in read_part_lines(path) if line.text]


def test_a_real_word_document_is_read_as_displayed() -> None:
    reading = read_document(OFFICE / "plan.docx", Document("plan", "計画", "plan.docx"))
    passages = [(p.kind, p.path, p.text) for p in reading.passages]
    assert passages[1] == (
        "list",
        ("第1章 計画の概要", "2 取組"),
        "・街路樹を植え替える\n  ・駅前通りは令和9年度\n・児童公園を直す\n・1. 住民と話し合う\n・2. 工事の日を決める",
    )
    note = "※緑地の広さは年度末の値です。"
    assert [one for one in passages if one[0] == "row"] == [
        ("row", ("第2章 目標と窓口", "1 目標", "表1 緑の目標"), text)
        for text in (
            f"指標: 公園の数\n目標 令和8年度: 12か所\n目標 令和12年度: 15か所\n{note}",
            f"指標: 緑地の広さ\n目標 令和8年度: 8.5ha\n目標 令和12年度: 9.2ha\n{note}",
            f"指標: 緑地の広さ\n目標 令和8年度: 山林は除く\n目標 令和12年度: 山林は除く\n{note}",
        )
    ] + [("row", ("第2章 目標と窓口", "2 窓口"), text) for text in ("担当: 環境課みどり係\n電話: 0199-00-1234",)]


def test_tracked_insertions_are_read_and_deletions_are_not(tmp_path: Path) -> None:
    deleted = '<w:del w:id="1"><w:r><w:delText>半額</w:delText></w:r></w:del>'
    moved = f'<w:moveFrom w:id="2">{run("前")}</w:moveFrom><w:moveTo w:id="3">{run("後")}</w:moveTo>'
    inserted = f'<w:ins w:id="4">{run("無料")}</w:ins>'
    block = paragraph(run("保育料は"), deleted, inserted, run("です"), moved, run("隠し", "<w:vanish/>"), run("。"))
    assert texts(tmp_path, block) == ["保育料は無料です後。", "(隠し文字) 隠し"]


def test_struck_text_is_kept_apart(tmp_path: Path) -> None:
    strike, twice = "<w:strike/>", "<w:dstrike/>"
    changed = f"<w:tc>{paragraph(run('300円', strike), run('400円'))}</w:tc>"
    found = texts(
        tmp_path,
        paragraph(run("定員は"), run("20", strike), run("名", strike), run("30名です。")),
        paragraph(run("申込みは不要です。", twice)),
        paragraph(run("毎週開きます。"), style="old"),
        paragraph(run("会場は"), run("体育館", '<w:rStyle w:val="old"/>'), run("公民館"), style="1"),
        paragraph(run("毎月開きます。", '<w:strike w:val="0"/>'), style="old"),
        table((cell("区分"), cell("額")), (cell("大人"), changed)),
    )
    assert found == [
        *("定員は30名です。", "(取り消し線) 20名", "(取り消し線) 申込みは不要です。", "(取り消し線) 毎週開きます。"),
        *("# 第1章 会場は公民館", "(取り消し線) 体育館", "毎月開きます。"),
        *("| 区分 | 額 |", "| --- | --- |", "| 大人 | 400円 |", "(取り消し線) 300円"),
    ]


def test_form_values_are_read_as_shown(tmp_path: Path) -> None:
    def control(content: str, properties: str = "") -> str:
        return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"

    def field(data: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'

    entries = '<w:result w:val="1"/><w:listEntry w:val="郵送"/><w:listEntry w:val="窓口"/>'
    found = texts(
        tmp_path,
        paragraph(control(run("☒")), run("持参"), field('<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>')),
        paragraph(field('<w:checkBox><w:default w:val="0"/></w:checkBox>'), field(f"<w:ddList>{entries}</w:ddList>")),
        control(paragraph("ここに入力してください"), "<w:showingPlcHdr/>"),
        paragraph(run("氏名"), control(run("選択"), "<w:showingPlcHdr/>")),
    )
    assert found == ["☒持参☑", "☐窓口", "氏名"]


def test_automatic_numbers_precede_their_paragraphs(tmp_path: Path) -> None:
    assert texts(
        tmp_path,
        paragraph("総則", style="1"),
        paragraph("目的", style="2"),
        paragraph("期間", style="2"),
        paragraph("体制", style="1"),
        paragraph("本部", style="2"),
        paragraph("庁内の会議", style="S"),
        paragraph("市の務め", number=(3, 0)),
        paragraph("市民の務め", number=(3, 0)),
        paragraph("集める", number=(2, 0)),
        paragraph("紙", number=(2, 1)),
        paragraph("運ぶ", number=(2, 0)),
    ) == [
        *("# 第1章 総則", "## 1.1 目的", "## 1.2 期間", "# 第2章 体制", "## 2.1 本部", "### 庁内の会議"),
        *("第一条 市の務め", "第二条 市民の務め", "① 集める", "  - 紙", "② 運ぶ"),
    ]


def test_the_title_ranks_above_headings_and_contents_are_left_out(tmp_path: Path) -> None:
    blocks = (paragraph("緑の計画", style="T"), paragraph("総則 3", style="C"), paragraph("総則", style="1"))
    assert texts(tmp_path, *blocks) == ["# 緑の計画", "## 第1章 総則"]
    assert read_source(tmp_path / "plan.docx").title == "緑の計画"


def test_a_footnote_follows_the_paragraph_that_refers_to_it(tmp_path: Path) -> None:
    reference = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    found = texts(
        tmp_path,
        paragraph(run("料金は無料です"), reference.format(2), run("。")),
        table((cell("名称", shaded=True), f"<w:tc>{paragraph(run('公園'), reference.format(1))}</w:tc>")),
        footnotes=("面積は除く。", "4月から。"),
    )
    assert found[:2] == ["料金は無料です（注1）。", "注1 4月から。"]
    assert found[-2:] == ["| 名称 | 公園（注2） |", "注2 面積は除く。"]


WIDE, ACROSS = '<w:gridSpan w:val="3"/>', '<w:gridSpan w:val="2"/>'
RUBY = f"<w:r><w:ruby><w:rt>{run('しるべ')}</w:rt><w:rubyBase>{run('標')}</w:rubyBase></w:ruby></w:r>"
FIELD = f'<w:fldSimple w:instr="REF a">{run("表1")}</w:fldSimple>'
BLOCKS = {
    "a text box is read once": (paragraph("本文です。", text_box("囲みです。")), ["本文です。", "囲みです。"]),
    "fields and ruby are text": (paragraph(RUBY, run("は"), FIELD, run("のとおり")), ["標は表1のとおり"]),
    "a chart is named as unread": (
        paragraph("図のとおりです。", chart(1)) + paragraph("以上"),
        ["図のとおりです。", "(読んでいない画像・図) グラフ", "以上"],
    ),
    "a table of name-value pairs is one row": (
        table(
            (cell("団体名", shaded=True), cell("緑の会"), cell("代表者", shaded=True), cell("会長")),
            (cell("所在地", shaded=True), cell("本町一丁目", properties=WIDE)),
        ),
        ["| 団体名 | 代表者 | 所在地 |", "| --- | --- | --- |", "| 緑の会 | 会長 | 本町一丁目 |"],
    ),
    "a row across a table is a title, a heading or a note": (
        table(
            (cell("表2 職員数", properties=ACROSS),),
            (cell("課"), cell("人数")),
            (cell("本庁", properties=ACROSS),),
            (cell("総務課"), cell("10人")),
            (cell("※臨時職員を除く。", properties=ACROSS),),
        ),
        ["表2 職員数", "| 課 | 人数 |", "| --- | --- |", "| 本庁 |", "| 総務課 | 10人 |", "※臨時職員を除く。"],
    ),
}


@pytest.mark.parametrize(("block", "expected"), BLOCKS.values(), ids=BLOCKS)
def test_a_block_is_read_as_lines(tmp_path: Path, block: str, expected: list[str]) -> None:
    assert texts(tmp_path, block) == expected


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("絵.docx", b"\x89PNG\r\n\x1a\n" + b"0" * 99, "中身が違います.*拡張子を直すか.*保存し直して"),
        ("鍵.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "パスワードを外して"),
        ("旧.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "古い形式.*新しい形式.*保存し直して"),
        ("欠.docx", (OFFICE / "plan.docx").read_bytes()[:3000], "壊れているか、途中で切れています.*取り直して"),
        ("表.docx", (OFFICE / "budget.xlsx").read_bytes(), "Word 文書（.docx）ではありません.*保存し直して"),
    ],
)
def test_the_error_for_another_format_named_docx_says_what_to_do(
    name: str, content: bytes, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableDocumentError, match=f"{name}: .*{expected}"):
        read_part_lines(path)


def test_nested_xml_entities_are_not_expanded(tmp_path: Path) -> None:
    laugh = '<!DOCTYPE w [<!ENTITY a "笑い"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    path = write_docx(tmp_path / "laugh.docx", paragraph("&b;"), prolog=laugh)
    with pytest.raises(UnreadableDocumentError, match=r"laugh\.docx: .*DTD.*保存し直して"):
        read_part_lines(path)


def test_a_decompression_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "bomb.docx", paragraph("文"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/more.xml", b" " * (40 << 20))
    with pytest.raises(UnreadableDocumentError, match=r"bomb\.docx: 展開すると大きすぎる"):
        read_part_lines(path)


def test_targets_follow_the_texts_of_links(tmp_path: Path) -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    def field(instruction: str, text: str) -> str:
        written = f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
        return f"{mark('begin')}{written}{mark('separate')}{run(text)}{mark('end')}"

    link = f'<w:hyperlink r:id="link0">{run("申請")}</w:hyperlink>'
    path = write_docx(
        tmp_path / "a.docx",
        paragraph(link, style="1"),
        paragraph(run("用紙は"), link, run("から。"), f'<w:hyperlink r:id="link1">{run("印刷")}</w:hyperlink>'),
        paragraph(field(' HYPERLINK "https://b.jp/f" \\o "x" ', "画面"), field(' HYPERLINK \\l "m" ', "目次")),
        paragraph(f"""<w:fldSimple w:instr=' HYPERLINK "mailto:a@b.jp" '>{run("メール")}</w:fldSimple>"""),
        links=("https://b.jp/a.docx", "javascript:steal(1)"),
    )
    assert [line.text for line in read_part_lines(path) if line.text] == [
        "# 第1章 申請",
        "用紙は申請（https://b.jp/a.docx）から。印刷",
        "画面（https://b.jp/f）目次",
        "メール（メールアドレス a@b.jp）",
    ]


needs_office = pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice がないので、変換を確かめられません。")


def slides(path: Path) -> list[str]:
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
    assert slides(OFFICE / old) == slides(OFFICE / new)


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
    assert "本文です。" in slides(path)
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
