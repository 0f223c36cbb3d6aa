"""Prepared answers with blocks, about an invented town's lamps and ferries."""

from typing import Any

from bot.answering.state import Citation, ExcerptBlock, Status, TextBlock

LEAD = "出典: 「計画2.0」の「3.2. 街灯」"
EXCERPT = "街灯は次のように替えます。\n・岬の通りは来年度\n・港の通りは再来年度\n費用は町が持ちます。"
BEST = "・港の通りは再来年度"


def cited(n: int, section: str, quote: str) -> Citation:
    return Citation(
        n=n, passage_id=f"gone#{n}", doc_id="plan-2", title="計画2.0", section=section, quote=quote, in_force=True
    )


def excerpt(n: int = 1, text: str = EXCERPT, best: str = BEST) -> ExcerptBlock:
    start = text.index(best)
    return ExcerptBlock(n=n, lead=LEAD, text=text, highlight=(start, start + len(best)))


EXCERPT_SHOWN: dict[str, Any] = {
    "status": Status.PARTIAL,
    "answer": f"{EXCERPT}[1]\n{LEAD}",
    "blocks": (excerpt(),),
    "citations": (cited(1, "3.2. 街灯", EXCERPT),),
    "notices": (),
}
NOTHING = "すみません、お探しのことは文書の中に見つけられませんでした。"
NEAREST_SAID = f"{NOTHING}近いことが書かれている箇所を挙げます。"
NEAREST_SHOWN: dict[str, Any] = {
    "status": Status.NO_ANSWER,
    "answer": NEAREST_SAID,
    "blocks": (TextBlock(text=NEAREST_SAID),),
    "citations": (),
    "nearest": (cited(1, "3.2. 街灯", EXCERPT), cited(2, "3.4. 渡し船", "便: 朝の便、乗客数(人): 120")),
    "notices": (),
}
# Two questions in one text, of which one is answered.
LINES = ("「街灯は?」", "「街灯の色は?」")
SEVERAL_SHOWN: dict[str, Any] = {
    **NEAREST_SHOWN,
    "status": Status.PARTIAL,
    "answer": f"{LINES[0]}\n{LEAD}\n{EXCERPT}[1]\n\n{LINES[1]}\n{NEAREST_SAID}",
    "blocks": (TextBlock(text=LINES[0]), excerpt(), TextBlock(text=LINES[1]), TextBlock(text=NEAREST_SAID)),
    "citations": EXCERPT_SHOWN["citations"],
}
