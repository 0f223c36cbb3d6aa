import time
from pathlib import Path

import pytest

from ingest.blocks import find_blocks
from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers import read_lines

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
