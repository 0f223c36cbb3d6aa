"""Tests of the classifier of messages of people in danger as it is fitted."""

import numpy as np

from bot.emergencies.recognition import as_situations, likely_situations
from eval.training.emergencies import Example, fit_classifier, load_examples


def test_a_line_stands_for_its_alternatives_and_their_reading() -> None:
    examples = load_examples()
    texts = {(one.text, one.label) for one in examples}
    assert {("父が倒れた", "fire_ambulance"), ("ちちがたおれた", "fire_ambulance")} <= texts
    assert {one.label for one in examples} > {"harmless", "bereavement", "help"}


def test_what_is_learned_tells_messages_apart() -> None:
    labels = ["harmless", "bereavement", "police"] * 4
    features = np.eye(3)[[labels.index(label) for label in labels]]
    found, weights, bias = fit_classifier([Example("", label, 1, 0) for label in labels], features)
    chances = np.exp(features @ weights + bias)
    shown = [likely_situations(as_situations(found, row / row.sum())) for row in chances[:3]]
    assert shown == [[], [], ["police"]]
