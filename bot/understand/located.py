"""Questions for where something is written (Xはどこに書いてありますか): understood as about X, its place to be told."""

import re
from dataclasses import replace
from datetime import date

from bot.understand.asked import Asked
from bot.understand.question import understand

_PLACE = r"(?:どこ|何ページ|何頁|何章|どの(?:章|節|ページ|頁|項目|部分|文書|資料|計画|プラン))"
_WRITTEN = r"(?:書い(?:て|た)|書かれ|載っ|載せ|記載(?:され|が|は)?|出て|記され|説明され)"
_LOCATED = re.compile(
    rf"(?P<what>\S.{{0,40}}?)(?:の(?:こと|話|説明|記載)|について(?:の(?:こと|記載|説明))?)?(?:は|って|が|を)?、?"
    rf"{_PLACE}(?:に|で)?(?:{_WRITTEN})\S{{0,12}}"
)


def understood(text: str, today: date | None = None) -> Asked:
    """Return what normalised `text` asks for; where it asks for the place of something, that is looked for."""
    match = _LOCATED.fullmatch(text)
    if match is None:
        return understand(text, today)
    return replace(understand(f"{match['what']}について", today), text=text, located=True)
