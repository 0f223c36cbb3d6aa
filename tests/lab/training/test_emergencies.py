from bot.answering.screening.recognition import classifier_features, likely_situations, searched_form
from lab.training.emergencies import Example, fit_classifier, load_examples


def test_a_line_stands_for_its_alternatives() -> None:
    examples = load_examples()
    texts = {(one.text, one.label) for one in examples}
    assert {("父が倒れた", "fire_ambulance"), ("母が倒れた", "fire_ambulance")} <= texts
    assert {one.label for one in examples} > {"harmless", "bereavement", "help"}


def test_what_is_learned_tells_messages_apart() -> None:
    labels = {"ごみの日を知りたい": "harmless", "祖母が亡くなりました": "bereavement", "泥棒がいる": "police"}
    columns = {"ごみ": 0, "=どろ": 1}
    features = classifier_features([searched_form(text) for text in labels] * 9, columns)
    found = fit_classifier([Example(text, label, 1, "") for text, label in labels.items()] * 9, columns, features)
    shown = [likely_situations(found.situation_chances(text)) for text in labels]
    assert shown == [[], [], ["police"]]
