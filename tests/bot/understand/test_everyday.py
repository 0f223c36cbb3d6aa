"""What people say for the things that documents have words of their own for."""

import pytest

from bot.understand.question import understand
from ingest.tokenise import morphemes


def written_for(question: str, word: str) -> frozenset[frozenset[str]]:
    """Return what documents may write for the question's term `word`, each in its words."""
    return next(t for t in understand(question).terms if t.text == word).meanings


def words_of(written: str) -> frozenset[str]:
    return frozenset(m.normal for m in morphemes(written))


STAND_INS = [
    ("お店が出すものは", "店", "事業者"),
    ("大雨で逃げる人は", "逃げる", "避難"),
    ("部会のまとめ役は誰ですか", "纏め役", "部会長"),
    ("いま困っている点は何ですか", "困る", "課題"),
    ("お年寄りは何人ですか", "年寄り", "高齢者"),
    ("もらえるのは最大でいくら", "最大", "上限"),
    ("朝は何時から入れますか", "朝", "午前"),
    ("無人の車の実験はいつ", "実験", "実証"),
    ("粗大ごみを自分で車に積んで運ぶと", "運ぶ", "搬入"),
    ("投票日に行けないときは", "投票", "期日前投票"),
    ("介護で仕事をやめる人は", "仕事", "介護離職"),
    ("給食を残す量は", "残す", "残食"),
    ("使っていない畑はどれだけ", "畑", "耕作放棄地"),
    ("計画の合言葉は", "合い言葉", "基本理念"),
    ("案は多数決でしたか", "多数", "採決"),
]


@pytest.mark.parametrize(("question", "said", "written"), STAND_INS)
def test_a_word_that_people_say_may_be_written_otherwise(question: str, said: str, written: str) -> None:
    """The documents' word stands in for the people's."""
    assert words_of(written) in written_for(question, said)


def test_a_wording_of_several_words_means_all_of_them() -> None:
    """Food thrown away though it can be eaten is 食品ロス: both words together stand for each of the verbs."""
    question = "まだ食べられるのに捨てている量は"
    assert words_of("食品ロス") in written_for(question, "食べる") & written_for(question, "捨てる")


def test_words_far_apart_are_no_wording() -> None:
    """What is eaten in one clause and thrown away in another is nothing together."""
    question = "給食を食べる人数と市の職員が紙や空き缶を捨てる回数は"
    assert words_of("食品ロス") not in written_for(question, "捨てる")


def test_a_direction_is_kept() -> None:
    """A shop is a 事業者, but a 事業者 need be no shop."""
    assert words_of("店") not in written_for("事業者の責務は", "事業")


def test_what_cannot_be_done_is_no_wording_for_what_is() -> None:
    """Who cannot pay is in arrears; who pays is not."""
    assert words_of("滞納") in written_for("税金を払えない人は", "払う")
    assert words_of("滞納") not in written_for("税金を払う人は", "払う")


def test_what_cannot_be_done_is_still_about_the_deed() -> None:
    """A tax that cannot be paid has to do with its payment, too."""
    assert words_of("納付") in written_for("税金を払えない人は", "払う")


@pytest.mark.parametrize(
    "question", ["払わなければならない税金は", "払わないといけない税金は", "払わなきゃいけない税金は"]
)
def test_what_must_be_done_is_not_denied(question: str) -> None:
    """A denial twice over denies nothing."""
    assert words_of("滞納") not in written_for(question, "払う")


def test_a_thing_and_what_is_done_with_it_may_be_said_the_other_way_round() -> None:
    """Who pulls a house down asks for the house pulled down."""
    assert words_of("除却") in written_for("家を壊すときは", "家") & written_for("壊す家は", "家")


def test_what_is_done_with_one_thing_is_not_done_with_the_next() -> None:
    """A deed and a thing that stand apart are no clause."""
    assert words_of("除却") not in written_for("壊すと危ない塀がある家は", "家")


def test_getting_something_is_more_than_having_it_done() -> None:
    """Money that one gets is an allowance, what one gets taught about money is not."""
    assert words_of("手当") in written_for("もらえるお金は", "金")
    assert words_of("手当") not in written_for("預かってもらうお金は", "金")


@pytest.mark.parametrize("question", ["令和7年度の20本は", "金沢市の20本は", "視点1の本数は"])
def test_nothing_stands_in_for_a_name_or_a_number(question: str) -> None:
    """Another name or another number is another thing."""
    assert not any(t.meanings for t in understand(question).terms if t.proper or t.text.isdigit())
