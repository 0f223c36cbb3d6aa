"""Infers the status of another system's answer from its wording.

Declined is what says in its first two sentences, in the usual words, that it does not know, does not find or may not
answer. Asked back is what asks the reader in these, and gives no figure. All else is an answer. How often this
agrees with the status that our own answers carry is in decision 002.
"""

import re

from ingest.japanese import nfkc

_OPENING = 2
_NOT_FOUND = re.compile(
    r"(?:見つかり|見つけられ|見当たり|確認でき|記載されてい|記載され|含まれてい|(?:記載|記述|情報)[がはも]?(?:ござい|あり)"
    r"|分かり|わかり|存じ|[答応]え(?:でき|する(?:こと[がは]でき|のは難し))|回答(?:でき|する(?:こと[がは]でき|のは難し))"
    r"|[答応]えられ|判断でき|提供でき|お伝えでき|お手伝いでき|対応でき|応じられ|お受けでき)(?:ませ|かね|ない|なかった|いです)"
    r"|(?:答え|応え|調べ|伝え|教え|預か|提供|案内)[^。]{0,20}(?:こと[はがも])?(?:でき|いたしかね)(?:ませ|かね|ない)"
    r"|(?:できかね|いたしかね|わかりかね|分かりかね)|範囲の?外|対象外|(?:記載|情報|記述)[がは](?:無|な)い"
)
_IN_ENGLISH = re.compile(
    r"\b(?:(?:do|does|did) not|don't|cannot|can't|could not|couldn't|unable to|not able to)\b.{0,40}"
    r"\b(?:know|find|answer|provide|help|contain|mention|have)"
    r"|\bno information\b|\bnot (?:found|available|mentioned)\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"[^。!?\n]+[。!?]*")
_ASKS = re.compile(r"(?:か[。?]?|\?)\s*$", re.MULTILINE)


def infer_status(text: str) -> str:
    """Return answered, no_answer or clarify."""
    sentences = _SENTENCES.findall(nfkc(text).strip())
    opening = "".join(sentences[:_OPENING])
    if not sentences or _NOT_FOUND.search(opening) or _IN_ENGLISH.search(opening):
        return "no_answer"
    if any(map(_ASKS.search, sentences[:_OPENING])) and not re.search(r"\d", opening):
        return "clarify"
    return "answered"
