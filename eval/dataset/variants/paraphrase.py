"""Paraphrases the interrogative form of a question."""

import re
from collections.abc import Iterator

_END = r"[。.?!]*$"
_ALTERNATIONS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"を教えて(?:ください|下さい|ほしい(?:です|のですが)?)?{_END}", "を知りたいです。"),
        (rf"(?<!と)は(?:何|なん)(?:ですか|でしょうか|なんですか|なの)?{_END}", "を教えてください。"),
        (rf"(?<![でにと])は{_END}", "を教えてください。"),
        (rf"ですか{_END}", "でしょうか?"),
        (rf"(?<=[のん何誰こつ一-龥])でしょうか{_END}", "ですか?"),
        (rf"(ます|ました)か{_END}", r"\1でしょうか?"),
        (r"(?:誰|だれ)(?=[がをにでと]|です|や|なの|[?。]|$)", "どなた"),
        (r"どなた", "誰"),
        (r"(?:何故|なぜ|なんで(?!しょ|す))", "どうして"),
        (r"どうして", "なぜ"),
        (r"どのくらい", "どれくらい"),
        (r"どれくらい", "どのくらい"),
        (r"どのような", "どんな"),
        (r"どんな", "どのような"),
        (r"(?<![一-龥])(?:今|いま)の", "現在の"),
        (r"現在の", "今の"),
        (r"(?<![一-龥])前の", "以前の"),
        (r"以前の", "前の"),
        (r"全部", "すべて"),
    )
)


def paraphrase_question(text: str) -> Iterator[str]:
    """Yield normalised `text` after each alternation that applies to it, and with a polite word before it."""
    for pattern, replacement in _ALTERNATIONS:
        yield pattern.sub(replacement, text)
    yield f"すみません、{text}"
