from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.privacy.personal import documented_places, mask_personal_data, searchable, without_placeholders
from bot.answering.state import QuestionTexts
from eval.storage.numbered_lines import read_json_lines
from ingest.build.build import index_documents
from ingest.documents import Document, ParsedDocument, Passage
from ingest.index.index import Index, open_index
from tests.ingest.small_corpus import LetterEncoder, make_settings

PERSONAL = [
    ("TEL:090-1234-5678", "TEL:〔電話番号〕"),
    ("０９０－１２３４－５６７８に電話", "〔電話番号〕に電話"),
    ("090ー1234ー5678", "〔電話番号〕"),
    ("03 1234 5678", "〔電話番号〕"),
    ("076-220-2111,090-1234-5678", "〔電話番号〕,〔電話番号〕"),
    ("+81 90-1234-5678", "〔電話番号〕"),
    ("+81(0)76-220-2111", "〔電話番号〕"),
    ("taro.yamada@example.jp まで", "〔メールアドレス〕 まで"),
    ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "〔メールアドレス〕"),
    ("4111 1111 1111 1111", "〔カード番号〕"),
    ("４１１１１１１１１１１１１１１１", "〔カード番号〕"),
    ("3782-822463-10005です", "〔カード番号〕です"),
    ("番号は123456789018です", "番号は〔マイナンバー〕です"),
    ("1234-5678-9018", "〔マイナンバー〕"),
    ("１２３４　５６７８　９０１８", "〔マイナンバー〕"),
    ("1 2 3 4 5 6 7 8 9 0 1 8", "〔マイナンバー〕"),
    ("1234\u200b5678\u200b9018", "〔マイナンバー〕"),
    ("マイナンバーは123456789012です", "マイナンバーは〔番号〕です"),
    ("090.1234.5678まで", "〔電話番号〕まで"),
    ("090 - 1234 - 5678", "〔電話番号〕"),
    ("090の1234の5678", "〔電話番号〕"),
    ("0 9 0 1 2 3 4 5 6 7 8", "〔電話番号〕"),
    ("〇九〇一二三四五六七八", "〔電話番号〕"),
    ("taro (at) example.jp へ", "〔メールアドレス〕 へ"),
    ("taro@example[dot]jp", "〔メールアドレス〕"),
    ("旅券はTK1234567です", "旅券は〔旅券番号〕です"),
    ("在留カードAB12345678CD", "在留カード〔在留カード番号〕"),
    ("車は金沢300あ12-34です", "車は〔車両番号〕です"),
    ("運転免許証の番号は301234567890", "運転免許証の番号は〔番号〕"),
    ("被保険者番号は0001234567です", "被保険者番号は〔番号〕です"),
    ("基礎年金番号1234-567890", "基礎年金番号〔番号〕"),
    ("口座は本店 普通 1234567 です", "口座は本店 普通 〔番号〕 です"),
    ("口座番号は1234567 名義は山田です", "口座番号は〔番号〕 名義は山田です"),
    ("トークンは 20241234 です", "トークンは 〔パスワード〕 です"),
    ("平成10年5月1日生まれ、誕生日は1998-05-01です", "〔生年月日〕生まれ、誕生日は〔生年月日〕です"),
    ("記号12345 番号12345671", "記号〔番号〕 番号〔番号〕"),
    ("パスワードは `P@$$w0rd` です", "パスワードは `〔パスワード〕` です"),
    ("パスワードはPass-2024!です", "パスワードは〔パスワード〕です"),
    ("カードの暗証番号は1234です", "カードの暗証番号は〔パスワード〕です"),
    ("IDがtaro88です", "IDが〔ID〕です"),
    ("秘密の質問の答えは「ポチ」です", "秘密の質問の答えは「〔パスワード〕」です"),
    ("生年月日は昭和55年5月1日です", "生年月日は〔生年月日〕です"),
    ("私の名前は山田太郎です", "私の名前は〔氏名〕です"),
    ("住所は広坂1-1-1です", "住所は〔住所〕です"),
    ("TEL0762202111とFAX076-220-2112", "TEL〔電話番号〕とFAX〔電話番号〕"),
    ("窓口A(076)220-2111", "窓口A〔電話番号〕"),
    ("IT+81-76-220-2111", "IT〔電話番号〕"),
    ("DX推進課―076-220-2111―IT係", "DX推進課―〔電話番号〕―IT係"),
    ("VISA4111111111111111", "VISA〔カード番号〕"),
    ("x=0762202111;", "x=〔電話番号〕;"),
]
HARMLESS = [
    "",
    "２０２６年４月１日から令和１１（２０２９）年度まで",
    "R5.1月と1/10/2026と09:00-17:00",
    "〒920-8577",
    "123456789018 件",
    "123456789012",
    "4111 1111 1111 1112",
    "dx-kaigi-r4-4",
    "6,000,000,000,000",
    "0.0762202111",
    "法人番号は4000020172014",
    "0120-123-456",
    "0800-123-4567",
    "図書館の電話は076-220-2111ですか",
    "info@city.example.lg.jp まで",
    "時刻は@9:00",
    "パスワードを忘れました",
    "暗証番号は4桁ですか",
    "パスワードは「英数字8文字以上」ですか",
    "IDカードはどこでもらえますか",
    "計画の名前は何ですか",
    "私の名前は何と読みますか",
    "父の名前は何ですか",
    "住所は変わりましたが名前は同じです",
    "住所変更の手続きを教えてください",
    "免許証を返納したい",
    "口座振替の手続きは3月までですか",
    "生年月日の確認は必要ですか",
    "国民年金は20歳から60歳まで",
    "普通 1234567人",
    "口座 1234567件",
    "口座 1234567 件",
    "年金 2024 100000人",
    "平成生まれ 2024年4月1日の人口",
    "生年月日が2024年4月12日以降の子ども",
    "トークンは 2024年度に",
    "1 2 3 4 5 6 7 8 9 0 1 9",
    "一二三四五六七八九〇を数える",
    "ISO27001とTLS1.3",
    "9f3c0149908409ab77",
    "記録 0149908409f の行",
    "hotel0762202111",
    "order-0762202111",
    "0762202111-a",
    "550e8400-e29b-41d4-a716-123456789018",
    "0a1b2c3d-0901-2345-678a-446655440000",
    "c3d4e5fa-1234-5678-9018-abcdef012345",
    "doc_09012345678",
    "4111111111111111x",
    "令和8年度の件数は1,234,567件、令和9年度は2,345,678件",
]


@pytest.mark.parametrize(("text", "masked"), PERSONAL)
def test_personal_numbers_are_replaced_by_their_name(text: str, masked: str) -> None:
    assert mask_personal_data(text) == masked


@pytest.mark.parametrize("text", HARMLESS)
def test_other_numbers_are_not_masked(text: str) -> None:
    assert mask_personal_data(text) == text


PHONES = [
    "0762202111",
    "09012345678",
    "076-220-2111",
    "(076)220-2111",
    "076(220)2111",
    "+81-76-220-2111",
    "+819012345678",
]
WIDE = str.maketrans("0123456789-()+", "０１２３４５６７８９－（）＋")
BESIDE = st.text(st.sampled_from("です、。はへ電話 ：「」/=\n"))


@given(st.sampled_from(PHONES), st.booleans(), BESIDE, BESIDE)
def test_a_telephone_number_without_context_is_masked(phone: str, wide: bool, before: str, behind: str) -> None:  # noqa: FBT001 - drawn
    written = phone.translate(WIDE) if wide else phone
    assert mask_personal_data(f"{before}{written}{behind}") == f"{before}〔電話番号〕{behind}"


@given(st.uuids(), st.sampled_from(["{}", "記録{}を見て", "key={};"]))
def test_a_uuid_is_never_masked(number: UUID, around: str) -> None:
    assert mask_personal_data(around.format(number)) == around.format(number)
    assert mask_personal_data(around.format(f"a{number.hex}f")) == around.format(f"a{number.hex}f")


@given(
    st.text(st.sampled_from("abcdef0123456789"), max_size=20),
    st.sampled_from(["0149908409", "09012345678", "123456789018", "4111111111111111"]),
    st.text(st.sampled_from("abcdef0123456789"), max_size=20),
    st.booleans(),
)
def test_digits_inside_an_identifier_are_never_masked(before: str, number: str, behind: str, wide: bool) -> None:  # noqa: FBT001 - drawn
    written = f"x{before}{number}{behind}x"
    text = "".join(chr(ord(letter) + 0xFEE0) for letter in written) if wide else written
    assert mask_personal_data(f"記録「{text}」") == f"記録「{text}」"


@given(st.integers(0, 10**16), st.sampled_from(["件", "人", "円", "%", "万枚", "時間", "世帯", "GB"]), st.booleans())
def test_a_figure_with_its_unit_is_never_masked(figure: int, unit: str, grouped: bool) -> None:  # noqa: FBT001 - drawn
    text = f"目標は{figure:,}{unit}です" if grouped else f"目標は{figure}{unit}です"
    assert mask_personal_data(text) == text


@given(
    st.dates(date(1900, 1, 1)),
    st.dates(date(1900, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%m-%d-%Y", "%Y.%m.%d"]),
)
def test_a_date_is_never_masked(first: date, last: date, form: str) -> None:
    text = f"{first.strftime(form)}〜{last.strftime(form)}の間"
    assert mask_personal_data(text) == text


@given(st.text(st.sampled_from("0123456789０９-－ー ()@.,a電話件")))
def test_masking_is_idempotent(text: str) -> None:
    assert mask_personal_data(mask_personal_data(text)) == mask_personal_data(text)


@given(st.text())
def test_text_without_digits_or_mail_addresses_is_kept(text: str) -> None:
    words = "".join(letter for letter in text if not letter.isdigit() and letter not in "@＠")
    assert mask_personal_data(words) == words


# Ways in which writers tell who they are, and questions that must stay, in all languages of the pages.
SENTENCES = list(read_json_lines(Path(__file__).parents[4] / "lab" / "benchmarks" / "personal.jsonl"))


@pytest.mark.parametrize("about", ["name", "address", "birth", "phone", "mail", "number"])
def test_who_asks_is_masked(about: str) -> None:
    hidden = {one["text"]: one["hidden"] for one in SENTENCES if (one["label"], one["about"]) == ("ng", about)}
    missed = [text for text in hidden if any(piece in mask_personal_data(text) for piece in hidden[text])]
    assert len(missed) <= len(hidden) // 10, missed


def test_what_is_asked_is_not_masked() -> None:
    questions = [one for one in SENTENCES if one["label"] == "ok"]
    changed = [one["text"] for one in questions if mask_personal_data(one["text"]) != one["text"]]
    assert len(changed) <= len(questions) // 100, changed
    of_health = {one["text"] for one in questions if one["about"] in {"health", "family", "religion", "income"}}
    assert not of_health & {*changed}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("柴山と申します。ごみの日は?", "〔氏名〕と申します。ごみの日は?"),
        ("母が花見町3-4-5 メゾン桜201に住んでいます", "母が〔住所〕に住んでいます"),
        ("昭和40年2月3日生まれの妻がいます", "〔生年月日〕生まれの妻がいます"),
        ("耳の不自由な母、伊勢谷と申します", "耳の不自由な母、〔氏名〕と申します"),
        ("届きません。\n近藤真理子", "届きません。\n〔氏名〕"),
        ("近藤真理子", "近藤真理子"),
        ("マイナポータルです", "マイナポータルです"),
    ],
)
def test_only_identifying_words_are_replaced(text: str, masked: str) -> None:
    assert mask_personal_data(text) == masked


@pytest.mark.parametrize("text", [one["text"] for one in SENTENCES])
def test_masking_for_search_and_record_agree(text: str) -> None:
    assert searchable(text).masked == mask_personal_data(text)
    assert mask_personal_data(mask_personal_data(text)) == mask_personal_data(text)


def test_a_message_of_a_log_or_error_shows_no_personal_data() -> None:
    texts = QuestionTexts(searchable("花見町3-4-5に住んでいます。"))
    assert "花見町" in texts.searched.text
    assert "花見町" not in f"{texts} {texts.searched} {texts!r}"


def test_documents_are_searched_for_streets() -> None:
    text = "柴山と申します。昭和40年2月3日生まれです。花見町3-4-5に住んでいます。"
    found = searchable(text).text
    assert "花見町" in found
    assert "柴山" not in found
    assert "昭和40年" not in found


TEXTS = ("水島地区のごみは火曜日に集めます。", "玉野東小学校で投票できます。", "田中課長と柴山委員が説明しました。")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    settings = make_settings(tmp_path_factory.mktemp("places"))
    passages = tuple(Passage(f"notice-{n}", "notice", "text", (), text, (n + 1,)) for n, text in enumerate(TEXTS))
    index_documents(
        settings, [ParsedDocument(Document("notice", "お知らせ", "a.md"), passages)], encoder=LetterEncoder()
    )
    return open_index(settings)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("水島です。ごみの日は?", "水島です。ごみの日は?"),
        ("玉野ですが、投票所は?", "玉野ですが、投票所は?"),
        ("田中です。ごみの日は?", "〔氏名〕です。ごみの日は?"),
        ("柴山と申します。ごみの日は?", "〔氏名〕と申します。ごみの日は?"),
        ("佐々木です。ごみの日は?", "〔氏名〕です。ごみの日は?"),
        ("水島太郎です。ごみの日は?", "〔氏名〕です。ごみの日は?"),
    ],
)
def test_a_place_of_the_documents_is_no_person(text: str, masked: str, index: Index) -> None:
    assert searchable(text, documented_places(text, index)).masked == masked


@pytest.mark.parametrize(
    ("masked", "searched"),
    [
        ("〔氏名〕ですが、ごみの日は?", "ごみの日は?"),
        ("〔氏名〕です。〔住所〕の収集の日は?", "収集の日は?"),
        ("〔氏名〕で申請に行けないときは?", "申請に行けないときは?"),
        ("〔氏名〕です", "〔氏名〕です"),
        ("ごみの日は?", "ごみの日は?"),
    ],
)
def test_a_follow_up_is_completed_without_placeholders(masked: str, searched: str) -> None:
    assert without_placeholders(masked) == searched
