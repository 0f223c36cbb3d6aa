"""Words in a passage that are addressed to the machine that reads it: they state nothing that an answer may repeat."""

import re

_ORDER = re.compile(
    r"(?:指示|命令|ルール|プロンプト|規則)[^。\n]{0,12}(?:無視|忘れ|破棄|従わ(?:ない|ず)|従って(?:答|回答)|優先)"
    r"|(?:AI|人工知能|アシスタント|言語モデル|チャットボット|ボット|システム)(?:への|に対する|宛ての?)(?:指示|命令|依頼|連絡|注意)"
    r"|(?:AI|アシスタント|言語モデル|回答者)は[^。\n]{0,60}(?:答え|回答し|伝え|案内し|書き加え|出力し)(?:て|なさい|ること|よ|ろ)"
    r"|(?:聞かれ|尋ねられ|質問され|問われ)(?:たら|た場合|たとき|た時|ても|れば)[^。\n]{0,80}(?:答え|回答|伝え|案内|返答|出力)"
    r"|と(?:だけ)?(?:必ず)?(?:答え|回答し|返答し|出力し|書き加え|付け加え|案内し)(?:て(?:ください|下さい|。|$)|なさい|ること|るように|せよ|ろ)"
    r"|(?:回答|返答|答え)の(?:最後|末尾|冒頭|最初|はじめ)に[^。\n]{0,80}(?:書|付け|加え|入れ|出力)"
    r"|(?:あなた|君|きみ|お前)は(?:今から|これから|今|以後)"
    r"|^\s*(?:system|assistant|システム|アシスタント)\s*[::]"
    r"|\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|prompts?|rules?|above|previous)\b"
    r"|\byou (?:are now|must (?:answer|reply|say|respond))\b|\b(?:answer|reply|respond) (?:only )?with\b"
    r"|<\|?(?:im_start|system|endoftext)|\[/?(?:SYSTEM|INST)\]",
    re.IGNORECASE | re.MULTILINE,
)


def without_orders(text: str) -> str:
    """Return the lines of normalised `text` before the first that is an order: what follows one belongs to it."""
    order = _ORDER.search(text)
    return text[: text.rfind("\n", 0, order.start()) + 1] if order else text
