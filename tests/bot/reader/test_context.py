"""What the encoder says of tokens in their context, as the token reader takes it."""

import numpy as np
import pytest

from bot.reader.context import RAW, Context
from bot.reader.tokens import tokens, windows

ALL = np.concatenate([np.zeros((1, RAW)), np.ones((1, RAW)), np.eye(RAW)]).astype(np.float32)


@pytest.fixture
def context() -> Context:
    return Context(ALL)


def test_a_word_is_told_by_what_stands_beside_it(context: Context) -> None:
    """The same word, behind other words, is something else; the same text is the same wherever it is read."""
    one, other = (tokens(text) for text in ("図書館の開館日", "選挙の投票日"))
    (first, second, again) = context.of([one, other, one])
    assert first[-1] != pytest.approx(second[-1])
    assert np.array_equal(first, again)
    assert np.allclose(first, Context(ALL).of([one])[0], atol=1e-2)


def test_each_token_has_its_own(context: Context) -> None:
    """As many as there are tokens, none without a word, and a mark without any piece has zeros."""
    said = context.of([tokens("手数料は300円です。"), ()])
    assert [len(each) for each in said] == [len(tokens("手数料は300円です。")), 0]
    assert all(np.abs(row).max() > 0 for row in said[0])


def test_directions_are_what_is_asked_of_them() -> None:
    """Mean, spread and directions are those of the table, up to half precision."""
    random = np.random.default_rng(0)
    mean, spread, directions = random.normal(size=RAW), random.uniform(0.5, 2, RAW), random.normal(size=(3, RAW))
    text = tokens("粗大ごみの収集日")
    raw = Context(ALL).of([text])[0].astype(np.float64)
    told = Context(np.concatenate([[mean, spread], directions])).of([text])[0]
    assert told == pytest.approx((raw - mean) / spread @ directions.T, rel=2e-2, abs=0.3)


def test_windows_stand_side_by_side(context: Context) -> None:
    """Behind its headings and the mark that parts them stands a window's text; what pads says nothing."""
    (short,), (long,) = windows(("駐輪場",), ["無料です。"]), windows(("駐輪場",), ["無料です。", "朝8時に開きます。"])
    asked, told = context.beside([(tokens("料金は"), short), (tokens("駐輪場はいつ開きますか"), long)])
    heading = len(tokens("駐輪場"))
    assert np.array_equal(told[0, heading], np.zeros(RAW))
    assert np.array_equal(told[0, heading + 1 : heading + 1 + len(short.texts[0])], context.of([short.texts[0]])[0])
    assert not told[0, heading + 1 + len(short.texts[0]) :].any()
    assert not asked[0, len(tokens("料金は")) :].any()


def test_what_is_forgotten_is_read_again() -> None:
    """A context that remembers one text says of many what one that remembers all says."""
    texts = [tokens(text) for text in ("市民課", "水道局", "市民課の窓口")]
    few = Context(ALL, remembered=1)
    every = Context(ALL).of(texts)
    assert all(np.allclose(a, b, atol=1e-2) for a, b in zip(few.of(texts), every, strict=True))
    assert np.allclose(few.of(texts[:1])[0], every[0], atol=1e-2)
