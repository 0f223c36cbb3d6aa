"""Whether what is only planned, wished or looked into is told as decided or done."""

import re
from collections.abc import Iterator, Sequence

from bot.check.pieces import Piece

_PLANNED = re.compile(r"予定|見込み|方針|検討|めざ|目指|案|提案|継続審議|継続協議|要望|求め|見通し|考え|たいと")
# 短縮する案, 実施したい, 短縮してはどうか: what somebody means to do, or wishes.
_MEANT = re.compile(
    r"([一-龥ァ-ヶー]{2,}|[一-龥][ぁ-ん]?[一-龥][ぁ-ん](?=る))(?:(?:する|る|の)?(?:予定|案|方向|考え|見通し)|(?:を|に)?(?:した[いく]|してほしい|してはどうか|することを検討|を検討))"
)
_DONE = r"[をにと]?(?:し|され|られ|なり|なっ|決ま[りっ])?(?:ました|た[。、]|済み|ています|ている)"
# A piece that ends so decides nothing: 検討する, 開けてはどうか, 使ってもらえないか, 継続協議とする.
_OPEN = re.compile(
    r"(?:検討(?:する|します|中|し(?:ていく|ています|たい))|(?:した|開けた|始めた|加えた|増やした)い|ほしい|はどうか|ないか(?:、|検討)|継続(?:審議|協議|検討)|持ち帰)"
)
# What is only wished or asked; told by whom, it may be told.
_WISH = re.compile(r"(?:ないか|ほしい|はどうか|もらえ(?:ない|ます)か)(?:。|、|$)")
_SPOKEN = re.compile("委員|議員|会長|部長|課長|さん|氏|述べ|話し|意見|声が|質問|尋ね|説明|発言|いいえ")
_SETTLED_WORDS = r"決ま[りっ]|決定(?:し|さ)|可決|承認|了承|認め(?:られ|た|る)|異議なし|とする[。\n]|こととする"
_SETTLED = re.compile(_SETTLED_WORDS)
_SAYS_SETTLED = re.compile(
    r"(?:すでに|既に|もう)[^。]{0,30}(?:ます|ました|です|いる|た)|決ま(?:りました|った|っています)|決定(?:し|され)(?:まし|た|てい)"
)


def planned_as_done(text: str, near: Sequence[Piece], pieces: Sequence[Piece]) -> Iterator[str]:
    """Yield where what the pieces `near` mean to do is told as done, or what they leave open as settled."""
    if _PLANNED.search(text):
        return
    for planned in _MEANT.findall("\n".join(piece.text for piece in near)):
        done = re.compile(planned[-2:] + _DONE)
        if done.search(text) and not any(done.search(piece.text) for piece in near):
            yield f"「{planned}」は出典では予定や案です"
    if near and all(_WISH.search(piece.text) for piece in near) and not _SPOKEN.search(text):
        yield f"「{text}」は出典では要望や問いかけです"
    settled = any(_SETTLED.search(piece.text) for piece in (near if _SAYS_SETTLED.search(text) else pieces))
    if _SAYS_SETTLED.search(text) and near and not settled and any(_OPEN.search(piece.text) for piece in near):
        yield f"「{text}」は出典では決まっていません"
