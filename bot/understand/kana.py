"""Words of asking and counting that are written in kana: なんかい -> 何回."""

import re

_COUNTERS = {
    "かい": "回", "けん": "件", "にん": "人", "ねん": "年", "がつ": "月", "にち": "日", "じかん": "時間",
    "じ": "時", "ぱーせんと": "パーセント", "さい": "歳", "まい": "枚", "こ": "個", "かしょ": "か所",
    "えん": "円", "ねんど": "年度",
    "ねんせい": "年生", "ねんかん": "年間",
}  # fmt: skip
_COUNTED = re.compile(rf"なん({'|'.join(sorted(_COUNTERS, key=len, reverse=True))})(?![ぁ-ん]*り)")


def counters(text: str) -> str:
    """Return normalised `text` with what is counted in kanji."""
    return _COUNTED.sub(lambda match: f"何{_COUNTERS[match[1]]}", text)
