"""A sentence of a document as an answer, and two things side by side."""

import pytest

from bot.compose.sentence import say
from bot.find.evidence import Evidence
from ingest.documents import Passage
from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.city"]


def evidence(text: str, section: str = "1.3. プランの期間", lead: str = "", kind: str = "sentence") -> Evidence:
    passage = Passage("d#1", "d", "text", (section,), f"{lead}\n{text}", (1,))
    return Evidence(passage, "item" if kind == "item" else "sentence", text, lead)


SENTENCES = [
    ("4か年とします。", "プランの期間については、4か年とします。"),
    ("プランは4か年とします。", "プランは4か年とします。"),
    ("市が毎年見直します。", "市が毎年見直します。"),
    ("毎年見直します", "プランの期間については、毎年見直します。"),
    ("プランの期間を4か年とします。", "プランの期間を4か年とします。"),
    ("○毎年見直します。", "プランの期間については、毎年見直します。"),
]


@pytest.mark.parametrize(("text", "said"), SENTENCES)
def test_a_sentence_is_given_its_subject(text: str, said: str) -> None:
    """The heading says what a sentence without a topic is about; one that has its own is left as it is."""
    assert say(evidence(text)).text == said


@pytest.mark.parametrize("text", ["令和7年度～令和10年度", "緑のまち・水のまち", "庁内横断組織"])
def test_a_label_is_quoted(text: str) -> None:
    """What is no sentence is said to be written there."""
    assert say(evidence(text)).text == f"プランの期間については、「{text}」と記載されています。"


def test_a_label_without_a_heading_stands_in_the_document() -> None:
    """There is always a whole sentence."""
    assert say(evidence("庁内横断組織", section="")).text == "資料には、「庁内横断組織」と記載されています。"


ITEMS = [
    ("会場: 市民会館3階", "会場は市民会館3階です。"),
    ("会場 市民会館3階", "会場は市民会館3階です。"),
    ("へらす: ごみになる物を買いません", "へらすは、ごみになる物を買いません。"),
    ("花壇を広げます", "花壇を広げます。"),
    ("花壇の開設", "取組では、「花壇の開設」が挙げられています。"),
]


@pytest.mark.parametrize(("text", "said"), ITEMS)
def test_an_item_becomes_a_sentence(text: str, said: str) -> None:
    """Key and value, a sentence of its own, or something that the list names."""
    assert say(evidence(text, section="2.1. 取組", kind="item")).text == said


def test_an_item_is_told_with_its_lead() -> None:
    """Where a short line leads the list, it says what the item is one of."""
    said = say(evidence("花壇の開設", section="2.1. 取組", lead="公園で行うこと", kind="item"))
    assert said.text == "取組の「公園で行うこと」では、「花壇の開設」が挙げられています。"


ANNOUNCING = [
    ("公園の施策は次の3つです。", "公園づくりの施策の一つに「花壇の開設」があります。"),
    ("公園づくりは、次のとおりとします。", "公園づくりの一つに「花壇の開設」があります。"),
    ("次の取組を進めます。", "公園づくりでは、「花壇の開設」が挙げられています。"),
]


@pytest.mark.parametrize(("lead", "said"), ANNOUNCING)
def test_a_lead_that_only_announces_is_no_name(lead: str, said: str) -> None:
    """次の3つです is never quoted as what the item stands under."""
    assert say(evidence("花壇の開設", section="2.1. 公園づくり", lead=lead, kind="item")).text == said


def test_what_is_said_is_quoted_letter_for_letter() -> None:
    """The quote is the piece as it stands, marks and all."""
    (source,) = say(evidence("○毎年見直します。")).sources
    assert source.quote == "○毎年見直します。"


ANSWERS = [
    ("プランの期間は?", ("プランの期間については、", "令和7(2025)年度から令和10(2028)年度までの4か年とします")),
    ("プラン2.0の基本理念は何ですか?", ("基本理念は「緑と水を未来へつなぐまち」です",)),
    ("みどり推進本部の本部長は誰ですか?", ("副市長",)),
    ("環境会議には誰が参加しますか?", ("学識経験者及び市長",)),
    ("太陽光パネルの補助はいくらですか?", ("8万円",)),
    ("補助の窓口はどこですか?", ("市役所2階", "環境政策課")),
    ("カーボンニュートラルとは何ですか?", ("温室効果ガスの排出量と吸収量を等しくすること",)),
    ("環境プラン2.0はなぜ作られたのですか?", ("脱炭素を進めるため",)),
    ("環境教育についてどんな意見がありましたか?", ("若い世代の参加を増やしてほしい",)),
    ("移動図書車は何校を回りますか?", ("15校",)),
    ("総合計画の期間は何年間ですか?", ("12年間",)),
]


@pytest.mark.parametrize(("question", "parts"), ANSWERS)
def test_a_sentence_answers_in_its_own_words(ask: Ask, question: str, parts: tuple[str, ...]) -> None:
    """What, who, how much, where, why and which, from running text."""
    answered(ask(question), *parts)


def test_what_limits_a_rule_is_told_with_it(ask: Ask) -> None:
    """ただし … belongs to the sentence before."""
    answered(ask("太陽光パネルの補助はいくらですか?"), "8万円", "ただし、1世帯1回まで")


SIDE_BY_SIDE = [
    ("プラン2.0の基本理念は前のプランとどう違いますか?", ("ごみのない住みよいまち", "緑と水を未来へつなぐまち")),
    ("プラン2.0と前のプランの行動指針を比べてください", ("へらす", "わける", "足もとから", "みんなで")),
    ("プラン2.0の期間は前のプランと違いますか?", ("令和6(2024)年度", "令和10(2028)年度")),
    ("今のプランと前のプランで行動指針はどう違いますか?", ("へらす", "足もとから")),
    ("環境プランと環境プラン2.0の基本理念を比べてください", ("ごみのない住みよいまち", "緑と水を未来へつなぐまち")),
]


@pytest.mark.parametrize(("question", "parts"), SIDE_BY_SIDE)
def test_two_documents_are_set_side_by_side(ask: Ask, question: str, parts: tuple[str, ...]) -> None:
    """Each under its title, the older one first, each with its source."""
    answer = ask(question)
    answered(answer, *parts)
    assert answer.answer.index("【星見市環境プラン】") < answer.answer.index("【星見市環境プラン2.0】")
    assert [citation.doc_id for citation in answer.citations] == ["kankyo-plan", "kankyo-plan-2.0"]


def test_two_members_of_a_series_are_set_side_by_side(ask: Ask) -> None:
    """分野1 and 分野2, each with what stands under it."""
    answer = ask("分野1と分野2の違いは?")
    answered(answer, "【分野1】", "生ごみの堆肥化", "【分野2】", "芝生広場の整備")
    assert answer.answer.index("【分野1】") < answer.answer.index("【分野2】")
    assert len(answer.citations) == 2
