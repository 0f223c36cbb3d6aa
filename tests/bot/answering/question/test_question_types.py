import pytest

from bot.answering.question.answer_type import detect_answer_type, expected_member_count, without_interrogatives
from bot.answering.question.language import detect_language
from bot.answering.state.query import AnswerType

ASKED = [
    ("温室の見学会はいつですか", AnswerType.DATE),
    ("温室の改修の期間は?", AnswerType.DATE),
    ("苗木の配布数はどのくらいですか", AnswerType.QUANTITY),
    ("温室の入場料はいくらですか", AnswerType.MONEY),
    ("苗木の料金は?", AnswerType.MONEY),
    ("温室の運営は誰がしますか", AnswerType.PERSON),
    ("苗木はどこの課が配りますか", AnswerType.PERSON),
    ("苗木はどこで受け取れますか", AnswerType.PLACE),
    ("温室の電話番号は?", AnswerType.CONTACT),
    ("なぜ温室を改修するのですか", AnswerType.REASON),
    ("苗木はどうすればもらえますか", AnswerType.MANNER),
    ("温室の植物の一覧は?", AnswerType.LIST),
    ("みどりの温室とは", AnswerType.DEFINITION),
    ("温室に車で行けますか", AnswerType.BOOLEAN),
    ("温室の植物", AnswerType.OTHER),
]


@pytest.mark.parametrize(("question", "kind"), ASKED)
def test_the_answer_type_is_detected(question: str, kind: AnswerType) -> None:
    assert detect_answer_type(question) == (kind, "")


@pytest.mark.parametrize(
    ("question", "kind", "unit"),
    [
        ("苗木は何本配りますか", AnswerType.QUANTITY, "本"),
        ("温室には何人入れますか", AnswerType.QUANTITY, "人"),
        ("温室はいつでも見られますか", AnswerType.BOOLEAN, None),
        ("苗木は何度でももらえますか", AnswerType.OTHER, None),
        ("苗木はいくつかもらえますか", AnswerType.QUANTITY, None),
        ("温室は何時から開いていますか", AnswerType.DATE, None),
        ("温室は何時間開いていますか", AnswerType.QUANTITY, None),
        ("温室の期間と費用は?", AnswerType.MONEY, None),
    ],
)
def test_counters_and_similar_words_are_told_apart(question: str, kind: AnswerType, unit: str | None) -> None:
    detected = detect_answer_type(question)
    assert detected == (kind, detected[1] if unit is None else unit)


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("苗木は何本配りますか", "苗木は何配りますか"),
        ("温室には何百人入れますか", "温室には何入れますか"),
        ("温室は何曜日に開きますか", "温室は何に開きますか"),
        ("いくら補助が出ますか", "何補助が出ますか"),
        ("苗木はいくつ、何種類ありますか", "苗木は何、何ありますか"),
        ("温室には何がありますか", "温室には何がありますか"),
        ("温室の植物", "温室の植物"),
        ("", ""),
    ],
)
def test_interrogatives_of_number_are_removed_with_their_counter(question: str, left: str) -> None:
    assert without_interrogatives(question) == left


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("3つの温室は", 3),
        ("温室を四つとも挙げて", 4),
        ("2つ目の温室は", 0),
        ("苗木120種類は", 0),
        ("温室は2つまで借りられますか", 0),
        ("2つの温室の3つの池", 0),
        ("温室は", 0),
    ],
)
def test_the_number_of_members_is_detected(question: str, count: int) -> None:
    assert expected_member_count(question) == count


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("温室はいつ開きますか", "ja"),
        ("オンライン申請", "ja"),
        ("苗木配布場所", "ja"),
        ("後期高齢者医療保険料減免申請", "ja"),
        ("我想知道温室什么时候开放参观", "zh"),
        ("請問溫室何時開放", "zh"),
        ("온실은 언제 여나요", "ko"),
        ("เรือนกระจกเปิดเมื่อไหร่", "th"),
        ("Когда открывается оранжерея", "ru"),
        ("When does the greenhouse open?", "en"),
        ("What is the name of the 植物園?", "en"),
        ("Quando a estufa abre e quanto custa?", "pt"),
        ("¿Cuándo abre el invernadero?", "es"),
        ("Nhà kính mở cửa khi nào?", "vi"),
        ("千鳥さん说的温室什么时候开?", "zh"),
        ("「是」の読みは?", "ja"),
        ("When does ひだまり温室 open?", "en"),
        ("Nhà kính mở cửa lúc mấy giờ?", "vi"),
        ("ひだまり温室", "ja"),
        ("greenhouse hours", ""),
        ("AI", ""),
        ("???", ""),
        ("", ""),
    ],
)
def test_language_is_detected_by_script_and_function_words(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("text", "chosen", "language"),
    [
        ("苗木配布場所", "zh", "zh"),
        ("苗木の配布", "zh", "ja"),
        ("nha kinh mo cua luc may gio", "vi", "vi"),
        ("greenhouse hours", "en", "en"),
        ("greenhouse hours", "ja", ""),
        ("DX", "vi", ""),
    ],
)
def test_what_the_text_leaves_open_is_the_chosen_language(text: str, chosen: str, language: str) -> None:
    assert detect_language(text, chosen) == language
