"""The words that a question puts weight on, and those of a passage that are held against them."""

import pytest

from bot.understand.asked import Term
from bot.understand.question import understand
from bot.understand.terms import compounds, content_terms


def term(question: str, text: str) -> Term:
    """Return the term of the question with this normal form."""
    return next(t for t in understand(question).terms if t.text == text)


def names(question: str) -> set[str]:
    return {t.text for t in understand(question).terms}


WEIGHTS = [
    ("植樹の本数は", "植樹", 1.0),
    ("緑を増やす計画は", "増やす", 0.3),
    ("環境政策課の仕事は", "課", 0.25),
    ("減量化の効果は", "化", 0.25),
    ("20本の木は", "20", 0.4),
    ("公園づくりの取組は", "取り組み", 0.3),
    ("市の緑は", "市", 0.25),
    ("4年間の計画は", "年間", 0.25),
    ("夜7時の受付は", "時", 0.25),
    ("柵を3軒で張るときは", "軒", 0.25),
    ("60センチの板は", "センチ", 1.0),
    ("そのまま変わらない道は", "そのまま", 0.1),
    ("GIS(地図情報)の利用は", "地図", 0.1),
]


@pytest.mark.parametrize(("question", "word", "weight"), WEIGHTS)
def test_a_word_weighs_what_it_names(question: str, word: str, weight: float) -> None:
    """Things weigh fully; verbs, numerals, affixes and what every plan speaks of weigh less."""
    assert term(question, word).weight == weight


ASKING = [
    ("植樹の本数を教えてください", {"植樹", "本数"}),
    ("植樹の本数はどのくらいですか", {"植樹", "本数"}),
    ("植樹の目標値はいくつ", {"植樹"}),
    ("植樹について詳しく説明してください", {"植樹"}),
    ("令和6年度の植樹の実績は", {"植樹"}),
    ("2024年12月の植樹は", {"植樹"}),
    ("植樹は何本ですか", {"植樹"}),
    ("目標は?", set()),
    ("教えてください", set()),
    ("担い手を何経営体増やしますか", {"担い手", "増やす"}),
    ("それは何ですか", set()),
]


@pytest.mark.parametrize(("question", "words"), ASKING)
def test_words_of_asking_dates_and_counters_are_no_terms(question: str, words: set[str]) -> None:
    """What only carries the asking, a date, and the counter of 何本 need not stand in a passage."""
    assert names(question) == words


def test_the_occasion_weighs_less_than_the_question() -> None:
    """A word of the sentence before counts for a part of one in the sentence that asks."""
    question = "孫がいます。植樹は何本でしたか?"
    assert 0 < term(question, "孫").weight < term(question, "植樹").weight


def test_a_word_of_the_occasion_that_is_asked_again_weighs_fully() -> None:
    """The heavier of two places of a word counts."""
    assert term("植樹祭に行きました。植樹は何本でしたか?", "植樹").weight == 1.0


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("プランが挙げている技術は何ですか", "技術"),
        ("会議で議論した課題は", "課題"),
        ("プランが示した姿勢を教えて", "姿勢"),
    ],
)
def test_a_noun_behind_its_clause_is_a_category(question: str, word: str) -> None:
    """In プランが挙げている技術 the passage names the techniques, not the word 技術."""
    assert term(question, word).weight < 1.0


def test_what_stands_in_brackets_explains() -> None:
    """A gloss behind a word weighs less than the word itself."""
    question = "カーボンニュートラル(炭素中立)とは"
    assert term(question, "炭素").weight < term(question, "カーボン").weight == 1.0


@pytest.mark.parametrize(
    ("question", "member"),
    [
        ("視点1の内容は", "視点1"),
        ("分野2では何をしますか", "分野2"),
        ("Stage 2の説明", "ステージ2"),
        ("目標3とは", "目標3"),
    ],
)
def test_the_member_of_a_series_is_one_proper_term(question: str, member: str) -> None:
    """A noun with its number names one thing, and nothing can stand in for it."""
    assert term(question, member).proper
    assert member.rstrip("0123456789") not in names(question)


@pytest.mark.parametrize(
    "question", ["20本の木は", "1か月20立方メートルの料金", "公園3か所の名前", "1.5倍になった数", "2時間の講座"]
)
def test_a_counted_number_is_no_member_of_a_series(question: str) -> None:
    """公園3か所 is a quantity of parks, not a park called 3."""
    assert not any(t.proper for t in understand(question).terms)


@pytest.mark.parametrize(
    ("question", "word", "proper"),
    [
        ("金沢市のごみの量は", "金沢", True),
        ("星見市の植樹は", "星見", True),
        ("田中さんの役職は", "田中", True),
        ("市の植樹は", "市", False),
        ("植樹の本数は", "植樹", False),
        ("隣の町の除雪は何時からですか", "隣", True),
        ("隣の家の除雪は誰がしますか", "隣", False),
        ("隣の町の人も温泉に入れますか", "隣", False),
    ],
)
def test_names_are_proper(question: str, word: str, *, proper: bool) -> None:
    """Names of places and people are proper terms, the word 市 is not."""
    assert term(question, word).proper is proper


@pytest.mark.parametrize(
    ("question", "verb"),
    [
        ("基本理念を引き継ぐ計画は", "引き継ぐ"),
        ("ごみを取り除く方法は", "取り除く"),
        ("樹木を植え替える時期は", "植え替える"),
    ],
)
def test_a_verb_of_two_is_one_term(question: str, verb: str) -> None:
    """引き継ぐ is not the two words 引く and 継ぐ."""
    assert verb in names(question)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("植樹の予算額は", "予算"),
        ("環境政策課の残業を教えて", "残業"),
        ("花壇の面積って", "面積"),
        ("公園 面積", "面積"),
    ],
)
def test_what_is_asked_about_is_marked(question: str, asked: str) -> None:
    """The noun before は, を, って or the end is what the passage must speak of."""
    assert term(question, asked).asked


@pytest.mark.parametrize("question", ["植樹の本数は", "植樹の本数", "植樹の本数って"])
def test_the_owner_of_what_is_asked_is_not_asked_itself(question: str) -> None:
    """In Xの予算は the question is not about X as such."""
    assert not term(question, "植樹").asked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("サービス", "ｻｰﾋﾞｽ"),
        ("ＤＸ", "dx"),
        ("取り組み", "取組"),
        ("打合せ", "打ち合わせ"),
        ("引越し", "引っ越し"),
    ],
)
def test_spellings_of_one_word_are_one_term(one: str, other: str) -> None:
    """Width, case and okurigana make no difference."""
    assert names(f"{one}の窓口は") == names(f"{other}の窓口は")


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("みどり推進本部は、副市長を本部長とします。", "本部"),
        ("【分野2】公園づくり", "分野2"),
        ("Stage 2 普及", "ステージ2"),
        ("基本理念を引き継ぎます。", "引き継ぐ"),
        ("ＡＩの活用", "ai"),
    ],
)
def test_a_passage_has_the_same_terms(text: str, term: str) -> None:
    """A passage's words are normalised like the question's, with members of series and verbs of two."""
    assert term in content_terms(text)


def test_a_passage_has_no_empty_words() -> None:
    """Particles, auxiliaries, marks and light words name nothing."""
    assert content_terms("それは、そのためのものである。") == frozenset()


@pytest.mark.parametrize("text", ["", "。、・", "はをにが"])
def test_a_text_without_words_has_no_terms(text: str) -> None:
    """Nothing comes of nothing."""
    assert content_terms(text) == frozenset()
    assert understand(text).terms == ()


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("みどり推進本部の会議", ("みどり推進本部",)),
        ("行政手続きと公園整備", ("行政手続き", "公園整備")),
        ("環境の話", ()),
        ("何本の木", ()),
    ],
)
def test_compounds_are_runs_of_nouns(text: str, runs: tuple[str, ...]) -> None:
    """Nouns that stand together are found as one, short words and numbers asked for are not."""
    assert compounds(text) == runs
