from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.passages.document_reading import read_document, unread_parts_warning
from ingest.readers.pdf.pdf_text import is_readable
from tests.ingest.pdf_files import lines, page, pdf

JAPANESE = (
    "町の図書室は、毎週木曜日と年末年始に休みます。",
    "本は一人十冊まで、二週間借りられます。雑誌の最新号は貸し出しません。",
    "予約した本が届いたら、はがきか電話でお知らせします。",
)
ENGLISH = (
    "The library is closed every Thursday and over the New Year holidays.",
    "You may borrow up to ten books for two weeks; new magazines stay in the reading room.",
)
KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"


def shift(texts: tuple[str, ...], by: int) -> str:
    return "\n".join("".join(chr(ord(char) + by) if not char.isspace() else char for char in text) for text in texts)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(JAPANESE),
        "\n".join(ENGLISH),
        "图书馆每星期四和年末年初休息。每人最多可以借十本书，借期为两个星期。最新一期的杂志不外借。预约的书到了以后，我们会打电话通知您。",
        "A biblioteca fecha às quintas-feiras e no fim do ano. Cada pessoa pode levar dez livros por duas semanas.",
        "Thư viện nghỉ vào thứ năm hằng tuần và dịp cuối năm. Mỗi người được mượn mười cuốn sách trong hai tuần.",
        "佐藤健一 鈴木花子 高橋三郎 田中美咲 伊藤大輔 渡辺由美 山本直樹 中村さくら 小林正夫 加藤あゆみ 吉田修 山田和子",
        "\n".join(f"{n}  1,{n}34  {n * 7}.5%  ▲{n * 3}" for n in range(10, 60)),
        "\n".join(f"KX-{n}4 QZW-{n}7 JVX{n}" for n in range(10, 60)),
        "",
    ],
    ids=["Japanese", "English", "Chinese", "Portuguese", "Vietnamese", "names", "figures", "codes", "nothing"],
)
def test_text_of_our_languages_is_readable(text: str) -> None:
    assert is_readable(text)


@pytest.mark.parametrize(
    "text",
    [
        *(shift(JAPANESE, by) for by in (-29, -3, -1, 1, 2, 31)),
        "\n".join(JAPANESE).translate(dict(zip(map(ord, KANA), KANA[17:] + KANA[:17], strict=True))),
        shift(JAPANESE, -0x2C00),
    ],
)
def test_text_with_shifted_or_exchanged_letters_is_not_readable(text: str) -> None:
    assert not is_readable(text)


@pytest.mark.usefixtures("no_ocr")
def test_a_page_with_a_wrong_character_map_is_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf(page(*lines(*JAPANESE)), page(*lines(*shift(JAPANESE, 1).split("\n")))))
    reading = read_document(path, Document("plan", "計画", "plan.pdf"))
    assert {passage.page for passage in reading.passages} == {1}
    assert "2ページは文字を読み取れないので、索引に入りません" in (unread_parts_warning(reading) or "")
