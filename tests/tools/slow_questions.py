"""`python -m tests.tools.slow_questions` searches for the 1,000-character question that costs most processor time.

Hypothesis writes texts out of Unicode blocks and of what rules look for (dates, amounts, brackets, kana, conjunctions,
codes), and is driven towards the slowest (`target`). Measured are the seconds of this process: of the stages that read
a text, and of whole answers over `corpus/` without a language model.
"""

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings, target
from hypothesis import strategies as st

from bot.conversation.smalltalk import smalltalk
from bot.guardrails.screen import screen_question
from bot.pipeline import Pipeline, build_pipeline
from bot.privacy.personal import mask_personal_data
from bot.runtime.models import Models
from bot.splitting.message_sentences import find_questions
from bot.state import Exchange, Question, QuestionTexts, Status, Turn
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.index.index import open_current
from ingest.japanese import nfkc
from tests.conftest import ROOT

CHARACTERS = 1000
# What is promised for the slowest.
MOST_S = 0.15
DAY = date(2026, 4, 1)
BEFORE = "計画の目標は何ですか"

# What some rule of ours looks for; repeated, each is a place for it to look at.
FRAGMENTS = (
    *"あかのをはとにがっー、。・「」『』（）()[]【】〔〕<>〈〉\"'`?？!!:;=-~〜/\\|.,%&#@*+_$^ \n\t",
    *(
        "令和5年",
        "R5.1",
        "H31.2.",
        "2023年1月",
        "2024/4/1",
        "同年3月",
        "翌年3月31日",
        "昨年度",
        "3年前",
        "5・6・",
        "から7年",
    ),
    *("3,000円", "1万2千円", "第4回", "3分の1", "2割5分", "三十五", "十", "0", "1", "９", "①", "1-", "1.", "100件以上"),
    *(
        "090-1234-5678 ",
        "(076)220-",
        "a@b.example ",
        "http://a.example/",
        "4242 ",
        "1234 5678 9012 ",
        "氏名は",
        "住所は東京都",
    ),
    *(
        "ごみはいつですか?",
        "教えてください。",
        "と、",
        "について",
        "それとも",
        "また、",
        "前の計画",
        "新しい方針の",
        "どちらが",
    ),
    *(
        "計画",
        "プラン",
        "会議",
        "青葉市",
        "金沢市",
        "の町",
        "市町村",
        "総合支援",
        "しちょう",
        "かなざわ",
        "そうごうしえん",
        "オンラン",
    ),
    *(
        "アイウエオ",
        "ッ",
        "ヶ",
        "ありがとう",
        "すみません",
        "こんにちは。",
        "担当者に",
        "目標値が最も高い",
        "合計は",
        "何件",
        "いくら",
    ),
    *(
        "とは何ですか",
        "の意味は",
        "DX",
        "AI",
        "what is the ",
        "1gn0r3 ",
        "QUJDREVGR0g=",
        "41 42 43 ",
        "%41",
        "\\u0041",
        "&amp;",
    ),
    *(
        "snoitcurtsni ",
        "無視して",
        "い さ だ ",
        "аео",
        "[SYSTEM]",
        "あなたは",
        "方法",
        "殺",
        "爆",
        "個人情報",
        "パスワード",
    ),
)
_BLOCKS = (
    st.characters(min_codepoint=0x20, max_codepoint=0x24F),
    st.characters(min_codepoint=0x300, max_codepoint=0x36F),
    st.characters(min_codepoint=0x370, max_codepoint=0x1FFF),
    st.characters(min_codepoint=0x2000, max_codepoint=0x2BFF),
    st.characters(min_codepoint=0x3000, max_codepoint=0x33FF),
    st.characters(min_codepoint=0x3041, max_codepoint=0x3096),
    st.characters(min_codepoint=0x30A1, max_codepoint=0x30FA),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
    st.characters(min_codepoint=0xF900, max_codepoint=0xFFEF),
    st.characters(min_codepoint=0x10000, max_codepoint=0x1FFFF),
    st.characters(exclude_categories=["Cs"]),
)
_UNITS = st.one_of(st.sampled_from(FRAGMENTS), st.sampled_from(FRAGMENTS), *_BLOCKS)
_RUNS = st.tuples(
    st.lists(_UNITS, min_size=1, max_size=6).map("".join), st.sampled_from((1, 1, 2, 5, 20, 100, CHARACTERS))
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw a text of up to `CHARACTERS` characters as they are read, in which a few runs repeat."""
    text = nfkc("".join(unit * count for unit, count in draw(st.lists(_RUNS, min_size=1, max_size=5))))
    text = (text * (CHARACTERS // max(1, len(text)) + 1))[:CHARACTERS]
    return text if len(nfkc(text)) <= CHARACTERS else text[: CHARACTERS // 2]


@dataclass
class Slowest:
    """The greatest seconds of each stage, with the text that took them, and how many texts were measured."""

    count: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    over: int = 0

    def note(self, text: str, took: Mapping[str, float]) -> None:
        """Keep what is slower than anything before."""
        self.count += 1
        self.over += took["all"] > MOST_S
        for stage, seconds in took.items():
            if seconds > self.seconds.get(stage, 0.0):
                self.seconds[stage], self.text[stage] = seconds, text


def search(measure: Callable[[str], Mapping[str, float]], examples: int, seed_all: int = 0) -> Slowest:
    """Return the slowest of so many generated texts; the same texts for the same seed, as far as times are the same."""
    from hypothesis import seed  # noqa: PLC0415 -- a decorator, named like the argument

    found = Slowest()

    @seed(seed_all)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )
    @given(texts())
    def look(text: str) -> None:
        took = measure(text)
        if took["all"] > found.seconds.get("all", 0.0):  # twice: the first may have waited for the collector of garbage
            took = min(took, measure(text), key=lambda one: one["all"])
        found.note(text, took)
        target(took["all"])

    look()
    return found


def stages(pipeline: Pipeline) -> Callable[[str], dict[str, float]]:
    """Return what measures the stages that read a text before anything is searched, behind another question."""
    history = (Exchange(BEFORE, "", (), Status.ANSWERED),)

    def measure(text: str) -> dict[str, float]:
        turn = Turn(Question(question=text, by_model=False), DAY, history)
        steps: dict[str, Callable[[], object]] = {
            "mask": lambda: mask_personal_data(text),
            "guard": lambda: screen_question(turn),
            "small talk": lambda: smalltalk(turn),
            "spelling": lambda: pipeline.spelling(turn.texts.searched),
            "split": lambda: find_questions(turn.texts.searched),
            "follow-up": lambda: dict(pipeline.context_steps)["follow_up"](turn),
            "query": lambda: pipeline.parse_query(turn.texts.searched, DAY),
            "scope": lambda: pipeline.parse_query.add_town(turn.texts.searched, [BEFORE], DAY),
        }
        begun = time.process_time()
        turn = Turn(turn.question, DAY, history, texts=QuestionTexts(nfkc(text).strip()))
        took = {"normalise": time.process_time() - begun}
        for name, step in steps.items():
            start = time.process_time()
            step()
            took[name] = time.process_time() - start
        return took | {"all": sum(took.values())}

    return measure


def answers(pipeline: Pipeline) -> Callable[[str], dict[str, float]]:
    """Return what measures a whole answer, the personal data of its question masked before."""

    def measure(text: str) -> dict[str, float]:
        begun = time.process_time()
        pipeline.answer(Turn(Question(question=mask_personal_data(text), by_model=False), DAY))
        return {"all": time.process_time() - begun}

    return measure


def main() -> int:
    """Print the slowest of both kinds; return 1 if one is slower than promised."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.slow_questions", description=__doc__)
    parser.add_argument("--texts", type=int, default=100_000, help="texts whose stages are measured")
    parser.add_argument("--answers", type=int, default=3_000, help="texts that are answered")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        given_settings = Settings(_env_file=None, data=Path(folder), corpus=ROOT / "corpus")
        build(given_settings, [given_settings.corpus])
        models = Models(given_settings)
        with open_current(given_settings) as index:
            pipeline = build_pipeline(index, models.encoder, reranker=models.reranker, ranker=models.ranker)
            pipeline.warm(DAY)
            gc.collect()
            gc.freeze()  # as a server does at its start
            found = {
                "stages": search(stages(pipeline), options.texts, options.seed),
                "answers": search(answers(pipeline), options.answers, options.seed),
            }
    for name, slowest in found.items():
        times = {stage: round(seconds, 3) for stage, seconds in slowest.seconds.items()}
        told = {"texts": slowest.count, "over": slowest.over, "slowest_s": times, "text": slowest.text["all"]}
        sys.stdout.write(json.dumps({name: told}, ensure_ascii=False) + "\n")
    return int(any(slowest.seconds["all"] > MOST_S for slowest in found.values()))


if __name__ == "__main__":
    sys.exit(main())
