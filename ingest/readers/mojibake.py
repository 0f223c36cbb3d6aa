"""Estimates how much of a text was decoded with the wrong encoding."""

import re

from ingest.japanese.characters import KANJI

# Each alternative is one encoding decoded as another; correct text has next to none of these.
_TRACES = re.compile(
    r"""
      [\ufffd\ue000-\uf8ff]  # undecodable; private use
    | [\u0080-\u0084\u0086-\u009f]                           # C1 controls: Shift_JIS or UTF-8 as ISO-8859-1
    | [\u00c2-\u00f4][\u00a0-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]+  # UTF-8 as windows-1252
    | [\u201a\u0192][!-~\u00a1-\u00ff\u0152-\u2122]          # kana of Shift_JIS as windows-1252
    | [„‚ƒ][\u00a1-\u00ff\u0131-\u02dd\u2013-\u25ca]+        # UTF-8 as Mac OS Roman
    | [縺繧繝][^()\s]                                        # kana of UTF-8 as Shift_JIS
    | [銆銇銈銉].                                            # kana of UTF-8 as GBK
    | (?:[､･][｡-ﾟ]){2,}                                      # kana of EUC-JP as Shift_JIS
    | \?{4,}                                                 # each character written as a question mark
    | \$B(?:[!-~]{2})+\([BJ]                                 # ISO-2022-JP that lost its escape bytes
    """,
    re.VERBOSE,
)
_KANJI = re.compile(f"[{KANJI}]+")


def broken_share(text: str) -> float:
    """Return the share (0 to 1) of characters that are traces of a wrong decoding; 0 for empty text.

    Kanji in neither JIS X 0213 nor CP932 count too: Japanese text decoded as Chinese produces them.
    """
    if not text:
        return 0.0
    kanji = "".join(_KANJI.findall(text))
    japanese_kanji = {char for encoding in ("euc_jis_2004", "cp932") for char in _encodable(kanji, encoding)}
    traces = sum(len(match[0]) for match in _TRACES.finditer(text))
    return (traces + sum(char not in japanese_kanji for char in kanji)) / len(text)


def _encodable(text: str, encoding: str) -> str:
    return text.encode(encoding, "ignore").decode(encoding)
