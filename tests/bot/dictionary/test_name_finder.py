from bot.dictionary.name_finder import MAX_MENTIONS, NameFinder


def test_the_names_of_a_question_are_bounded() -> None:
    finder = NameFinder((f"第{n}ジム", f"第{n}体育館") for n in range(5000))
    text = "、".join(f"第{n}ジム" for n in range(0, 5000, 20))
    mentions = finder.find(text)
    assert [text[mention.start : mention.end] for mention in mentions] == [
        f"第{n}ジム" for n in range(0, 20 * MAX_MENTIONS, 20)
    ]
