import time
from pathlib import Path

import pytest
from openpyxl import Workbook

from ingest.blocks import find_blocks
from ingest.corpus import Corpus
from ingest.documents import Cell, Document, Line, Passage
from ingest.errors import UnreadableDocumentError
from ingest.metadata.manifest import examine
from ingest.passages.document_reading import read_document
from ingest.readers import read_lines, read_source
from ingest.readers.faq_file import ANSWER, QUESTION, FaqRow, read_faq, write_faq
from tests.ingest.readers.part_lines import read_part_lines

SENTENCES = (
    "令和5年1月のコピー用紙使用量は、前の年より50%減りました。\n"
    "窓口での対応時間は836時間減り、目標を超えています。\n"
    "「行かない市役所」と「書かない窓口」を、市民の目線で進めます。\n"
)
HALF_WIDTH = "ﾃﾞｼﾞﾀﾙｶﾂﾖｳ ｺｳｻﾞ ｻﾝｶｼｬ\nﾏﾄﾞｸﾞﾁ ﾊﾞﾝｺﾞｳ 12\nﾍﾟｰﾊﾟｰﾚｽ ｶｲｷﾞ､ｶｲｻｲ\n"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp", "iso2022_jp")


def write(folder: Path, data: bytes, name: str = "文書.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def texts(path: Path) -> list[str]:
    return [line.text for line in read_lines(path)]


@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-16-le", "utf-16-be"])
def test_each_japanese_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    path = write(tmp_path, mark + SENTENCES.encode(encoding))
    assert texts(path) == SENTENCES.split("\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HALF_WIDTH, id="half-width kana"),
        pytest.param("ﾊﾞｽﾃｲ\n", id="a word of half-width kana that EUC-JP could read too"),
        pytest.param("停留所ﾊﾞｽの時刻表､ﾍﾞﾝﾁ\n", id="half-width kana among others"),
        pytest.param("①窓口　②㈱金沢　③髙橋さん　№5　㎡\n", id="characters of CP932 alone"),
        pytest.param("～から―まで\n", id="wave dash and dash"),
        pytest.param("あ\n", id="one letter"),
    ],
)
def test_shift_jis_is_distinguished_from_euc_jp(text: str, tmp_path: Path) -> None:
    assert texts(write(tmp_path, text.encode("cp932"))) == text.split("\n")


@pytest.mark.parametrize(
    "text",
    [
        "The city publishes its plan. “Smart” quotes – dashes — and a café.",
        "São Paulo: informação em português não disponível. Atenção!",
        "가나자와시는 모든 사람이 편리하게 살 수 있도록",
        "髙橋さんと𠮷野さんと葛󠄀城市の職員、㈱、♪",
        "もつれた糸(縺)の話を、ここで長くしてから終わります。本当ですか???いいえ。これは五十字よりも長い普通の文章です。",
    ],
)
def test_other_languages_and_rare_characters_are_read(text: str, tmp_path: Path) -> None:
    assert texts(write(tmp_path, text.encode())) == [text]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(("utf-8", read) for read in ("cp932", "latin-1", "cp1252", "ascii")),
        *(("cp932", read) for read in ("utf-8", "latin-1", "cp1252", "euc_jp", "gb18030")),
        *(("euc_jp", read) for read in ("cp932", "latin-1")),
    ],
)
def test_mojibake_is_refused(written: str, read: str, tmp_path: Path) -> None:
    broken = SENTENCES.encode(written).decode(read, "replace")
    path = write(tmp_path, broken.encode())
    with pytest.raises(UnreadableDocumentError, match=r"文書\.txt: 文字化け.*UTF-8 で書き出し直してください"):
        read_lines(path)


BINARY = r"文書\.txt: 文字だけのファイルではありません.*保存し直してください"
UNKNOWN = r"文字コードが分かりません.*UTF-8 で保存し直してください"
REFUSED = {
    "question marks": (SENTENCES.encode("ascii", "replace"), "文字化け"),
    "escape bytes lost": (SENTENCES.encode("iso2022_jp").replace(b"\x1b", b""), "文字化け"),
    "replacement characters": (SENTENCES.replace("の", "\ufffd").encode(), "文字化け"),
    "UTF-8 shown by an old editor": (
        "遯灘哨縺ｧ縺ｮ蟇ｾ蠢懈凾髢薙・836譎る俣貂帙ｊ縲∫岼讓吶ｒ雜・∴縺ｦ縺・∪縺吶".encode(),
        "文字化け",
    ),
    "image": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", BINARY),
    "office": (b"PK\x03\x04\x14\x08\x08", BINARY),
    "pdf": (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", BINARY),
    "rtf": (rb"{\rtf1\ansi\deff0 {\fonttbl}}", BINARY),
    "UTF-16 without its mark": (SENTENCES.encode("utf-16-le"), BINARY),
    **{
        data.hex(): (data, UNKNOWN)
        for data in (b"\xff\xfea", b"\x81", b"\xa4\xa2\x81\xff\xfd", b"\xef\xbb\xbf\x82\xa0")
    },
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_text_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match=message):
        read_lines(write(tmp_path, data))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_kinds_of_line_ends_are_counted(end: str, tmp_path: Path) -> None:
    path = write(tmp_path, end.join(["一", "", "三"]).encode())
    assert read_lines(path) == [Line(1, "一"), Line(2, ""), Line(3, "三")]


def test_a_form_feed_starts_a_page_and_a_vertical_tab_a_line(tmp_path: Path) -> None:
    path = write(tmp_path, "表紙\n\f電子申請\v拡充\n終わり\f奥付".encode())
    assert [(line.number, line.text, line.page) for line in read_lines(path)] == [
        *((1, "表紙", 1), (2, "", 1), (2, "電子申請", 2), (2, "拡充", 2), (3, "終わり", 2), (3, "奥付", 3))
    ]


def test_the_error_for_an_unknown_format_lists_the_readable_ones(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"文書\.exe: この形式は読めません。.*\.md .*\.txt"):
        read_lines(write(tmp_path, b"MZ", "文書.exe"))


def test_the_error_for_a_missing_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"無い\.txt: ファイルがありません"):
        read_lines(tmp_path / "無い.txt")


@pytest.mark.parametrize("repeated", ["…", "日程第1　議案第1号\n", " 1"])
def test_a_small_malicious_text_is_read_within_seconds(repeated: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.md"
    path.write_text(repeated * (49_000 // len(repeated.encode())), "utf-8")
    began = time.process_time()
    find_blocks(read_lines(path))
    assert time.process_time() - began < 10


READ = {
    "窓口は<b>2階</b>です。": "窓口は2階です。",
    "窓口<script>steal()</script>は2階です。": "窓口は2階です。",
    '<img src="x" onerror="steal()">窓口': "窓口",
    "前<!-- 下書き -->後": "前後",
    "[申請書](https://city.example.jp/a.pdf)を出す。": "申請書（https://city.example.jp/a.pdf）を出す。",
    "[申請書](javascript:steal(1))を出す。": "申請書を出す。",
    "[申請書](<../forms/a b.pdf> '様式')を出す。": "申請書を出す。",
    "[電話](tel:0190550101)か[メール](mailto:a@b.jp)": "電話（電話番号 0190550101）かメール（メールアドレス a@b.jp）",
    "![案内図](map.png)": "案内図",
    "<https://city.example.jp/>": "https://city.example.jp/",
    "`<b>` は太字です。": "`<b>` は太字です。",
    "[別紙1]のとおり（注）、5 < 6。<申込書>": "[別紙1]のとおり（注）、5 < 6。<申込書>",
    "一行目<br>二行目": "一行目<br>二行目",
}


def lines(folder: Path, text: str, name: str = "a.md") -> list[tuple[int, str]]:
    path = folder / name
    path.write_text(text, "utf-8")
    return [(line.number, line.text) for line in read_lines(path)]


@pytest.mark.parametrize(("written", "read"), READ.items())
def test_inline_markup_is_removed(tmp_path: Path, written: str, read: str) -> None:
    assert lines(tmp_path, written) == [(1, read)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("袋は~~30円~~ 40円", ["袋は 40円", "(取り消し線) 30円"]),
        ("袋は<del>30円</del>40円", ["袋は40円", "(取り消し線) 30円"]),
        ("- ~~大~~\n- 小", ["(取り消し線) 大", "- 小"]),
        ("~~昨年の文。\n続き。~~\n今年の文。", ["(取り消し線) 昨年の文。 続き。", "", "今年の文。"]),
        ("9:00~17:00、`~~x~~`、~~開いたまま", ["9:00~17:00、`~~x~~`、~~開いたまま"]),
    ],
)
def test_struck_text_is_kept_apart(tmp_path: Path, written: str, read: list[str]) -> None:
    path = tmp_path / "a.md"
    path.write_text(written, "utf-8")
    assert [line.text for line in read_part_lines(path)] == read


def test_removed_lines_do_not_change_line_numbers(tmp_path: Path) -> None:
    assert lines(tmp_path, "一\n<script>\nx\n</script>二\n三") == [(1, "一"), (2, ""), (3, ""), (4, "二"), (5, "三")]


def test_a_title_has_no_markup(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# 駐輪場の<img src=x>ご案内\n", "utf-8")
    assert read_source(tmp_path / "a.md").title == "駐輪場のご案内"


def test_plain_text_is_not_interpreted(tmp_path: Path) -> None:
    assert lines(tmp_path, "<b>太字</b>", "a.txt") == [(1, "<b>太字</b>")]


@pytest.mark.parametrize("opening", ["[a](", "<a ", "<script>", "`", "![", "<!--", "[a](x(", "~~a", "<s>"])
def test_unclosed_markup_is_read_in_linear_time(tmp_path: Path, opening: str) -> None:
    start = time.process_time()
    lines(tmp_path, opening * 20_000)
    assert time.process_time() - start < 10


DOCUMENT = Document("facilities", "施設一覧", "facilities.csv")


def rows(folder: Path, text: str, encoding: str = "utf-8") -> tuple[Passage, ...]:
    path = folder / "facilities.csv"
    path.write_bytes(text.encode(encoding))
    return read_document(path, DOCUMENT).passages


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_record_becomes_a_row_with_its_column_names(encoding: str, tmp_path: Path) -> None:
    (passage,) = rows(tmp_path, "名称,定員\r\n中央公民館,120人\r\n", encoding)
    assert passage.kind == "row"
    assert passage.cells == (Cell("名称", "中央公民館"), Cell("定員", "120人"))
    assert passage.text == "名称: 中央公民館\n定員: 120人"
    assert passage.lines == (1, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("名称,電話,定員\n公民館,,120人\n図書館,,\n", ["名称: 公民館\n定員: 120人", "名称: 図書館"]),
        ('名称,区分\n"A|B, C",甲|乙\n', ["名称: A|B, C\n区分: 甲|乙"]),
        ("施設\n公民館\n図書館\n", ["施設: 公民館", "施設: 図書館"]),
    ],
)
def test_values_stay_in_their_columns(text: str, expected: list[str], tmp_path: Path) -> None:
    assert [p.text for p in rows(tmp_path, text)] == expected


@pytest.mark.parametrize("separator", ["\t", ",", ";", "|"])
@pytest.mark.parametrize(
    "records",
    [
        [["室", "平日", "休日"], ["大会議室", "12,300円", "15,800円"], ["茶室", "900円", "1,200円"]],
        [["費目", "金額"], ["設計", "3,200,000"], ["工事", "48,500,000"], ["備品", "980,000"]],
        [["室", "備考"], ["茶室", "靴を脱ぎ,静かに; 火気は禁止"], ["工作室", "道具は有料"]],
        [["令和8年度の貸室"], ["室", "定員", "階"], ["茶室", "12", "2"], ["工作室", "20", "1"], ["講堂", "300", "1"]],
    ],
)
def test_the_separator_is_found(separator: str, records: list[list[str]], tmp_path: Path) -> None:
    quoted = [[f'"{cell}"' if separator in cell else cell for cell in record] for record in records]
    passages = rows(tmp_path, "".join(f"{separator.join(record)}\n" for record in quoted))
    *_, header = [record for record in records if len(record) == max(map(len, records))][:1]
    expected = [list(zip(header, record, strict=True)) for record in records[records.index(header) + 1 :]]
    assert [[(cell.column, cell.value) for cell in passage.cells] for passage in passages] == expected


@pytest.mark.parametrize("text", ["", ",,\n,,\n", "\n\n"])
def test_a_file_without_values_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"facilities\.csv: 読み取れる本文がありません"):
        rows(tmp_path, text)


def test_an_unclosed_quote_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match="引用符の対応を確かめ"):
        rows(tmp_path, '名称,備考\n公民館,"' + "長い説明\n" * 50_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "窓口,担当課,電話\n住民票,市民課,11-1111\n,,\n税証明,,22-2222\n納税,収納課,33-3333\n",
            ["窓口 担当課 電話", "窓口 電話", "窓口 担当課 電話"],
        ),
        ("室,定員\n茶室,12人\n,\n講堂,300人\n\n計,312人\n", ["室 定員", "室 定員", "室 定員"]),
        ("室,定員\n茶室,12人\n,\n教室,曜日\n書道,月\n", ["室 定員", "教室 曜日"]),
        ("室,令和7年,令和8年\n茶室,12,9\n,,\n人,2027年,2028年\n町,8,4\n", ["室 令和7年 令和8年", "人 2027年 2028年"]),
    ],
)
def test_an_empty_record_ends_a_table_unless_rows_like_those_above_follow(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    heads = [" ".join(cell.column for cell in row.cells) for row in rows(tmp_path, text) if row.kind == "row"]
    assert heads == expected


ROWS = "課,回答,質問,メモ\nくらし課,窓口は2階です。,窓口はどこですか,残す\n,,,\nくらし課,,何時までですか,\n"


def corpus_of(folder: Path, content: bytes, name: str = "faq.csv") -> Corpus:
    (folder / name).write_bytes(content)
    return examine(folder)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_of_excel_is_read_whatever_the_order_of_its_columns(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "faq.csv").write_bytes(ROWS.replace("\n", "\r\n").encode(encoding))
    first, second = read_faq(tmp_path / "faq.csv")
    assert (first.cell(QUESTION), first.cell(ANSWER), first.line) == ("窓口はどこですか", "窓口は2階です。", 2)
    assert second.line == 4


def test_a_workbook_is_read(tmp_path: Path) -> None:
    book = Workbook()
    for cells in (("質問", "回答"), ("窓口はどこですか", "2階です。\n3階もあります。")):
        book.active.append(cells)
    book.save(tmp_path / "faq.xlsx")
    (row,) = read_faq(tmp_path / "faq.xlsx")
    assert row.cell(ANSWER) == "2階です。\n3階もあります。"


def test_what_is_written_is_read_with_its_other_columns(tmp_path: Path) -> None:
    row = FaqRow(2, {QUESTION: "窓口は?", ANSWER: "2階です。\n「西棟」, 奥", "メモ": "残す"})
    (tmp_path / "faq.csv").write_bytes(write_faq([row]))
    (read,) = read_faq(tmp_path / "faq.csv")
    assert {column: cell for column, cell in read.cells.items() if cell} == row.cells


def test_each_row_is_a_document_and_a_row_with_a_problem_is_named(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, ROWS.encode() + "くらし課,1階です。,窓口は どこですか?,\n".encode())
    assert [entry.blocks[0].text for entry in corpus.entries] == ["窓口はどこですか", "窓口は どこですか?"]
    assert [str(one).partition("faq.csv: ")[2][:13] for one in corpus.unreadable] == ["faq.csv 4行目: "]


def test_two_rows_for_a_question_are_named_over_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("質問,回答\n窓口はどこですか,1階です。\n".encode())
    corpus = corpus_of(tmp_path, ROWS.encode())
    assert len(corpus.entries) == 1
    assert any("2つあります" in str(one) for one in corpus.unreadable)


def test_a_wrong_header_is_told_with_the_columns_that_it_needs(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("Q,A\nx,y\n", "utf-8")
    with pytest.raises(UnreadableDocumentError, match="「質問」「回答」という列"):
        read_faq(tmp_path / "faq.csv")
