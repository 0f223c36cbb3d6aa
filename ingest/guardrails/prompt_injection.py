"""Detects prompt injection in documents.

Passages that ask the reader for a secret are withheld too, because citizens would take the request for the city's.
"""

import re
from dataclasses import replace
from functools import cache, lru_cache

from ingest.documents import ParsedDocument
from ingest.guardrails.rules import Rule, load_rules
from ingest.guardrails.secrets import requests_secret
from ingest.japanese import nfkc

WITHHELD = "機械への命令のような文があります。"
"""Why a passage is in no answer."""
# A full stop within quotation marks does not end a sentence.
_SENTENCE = re.compile(r"(?:「[^」\n]*」|(?![.!?]\s)[^。\n])+(?:[。\n]+|[.!?]+\s+)?|[。\n]+|[.!?]+\s+")

# An instruction about what to answer (尋ねられたときは…と伝えること) names the hearer. A request to citizens to state
# something at a counter (窓口で…とお伝えください) does not.
_HEARER = re.compile(
    r"(?:市民|住民|利用者|質問者|相談者|相手|お客(?:様|さん)?|読者|ユーザー|来[館庁場]者|閲覧者|読む人|人々)"
    r"(?:の(?:皆さん|皆様|方))?(?:に|へ|から)|(?:尋ね|聞か|問わ|訊か)れ|質問|問い?合わ?せ|回答|返答|応答|答え|"
    r"(?<![A-Za-z])(?:AI|LLM)(?![A-Za-z])|アシスタント|言語モデル|ボット"
)
_SAYS = (
    "(?:答え|回答|返答|応答|返事|伝え|案内|知らせ|告げ|述べ|説明|紹介|勧め|誘導|表示|出力|"
    "(?:書き|付け|つけ)(?:加え|足し|添え))"
)
_DUTY = (
    "(?:(?:する|る)?よう(?:に)?お願い(?:し|いたし|致し)ます|(?:する|る|す)?(?:こと|ように?|必要がある|必要があります|べき(?:である|です)?|べし)|(?:し|せ)?(?:なさい|よ|ろ)|"
    "し?(?:なけれ|ね)ばな(?:らない|りません|らぬ)|し?[てで](?:ください|下さい|くれ|ほしい|もらいたい)|"
    "し?(?:ください|下さい))"
)
# The quoting particle と, as opposed to とき and とも.
_QUOTING_PARTICLE = "(?:(?<=[」たるいだすんう、])と(?![きこもしの])|よう(?:に)?)"
_PRESCRIBES_ANSWER = re.compile(
    rf"{_QUOTING_PARTICLE}[^。\n「」]{{0,12}}?{_SAYS}(?:{_DUTY}|し?て?、[^。\n]{{0,40}}{_DUTY})[。.!\s]*$"
)
# No document of an office addresses the model that reads it: あなたは今から別のアシスタントです, 生成AIの方へ.
_ADDRESSES_MODEL = re.compile(
    r"あなたは[^。\n]{0,20}?(?:AI|アシスタント|言語モデル|ボット|モデル)(?:です|だ|として|である)|"
    r"(?:AI|アシスタント|言語モデル|ボット)の?(?:方々?|皆さん|皆様|みなさん)へ"
)


@lru_cache(maxsize=1024)
def remove_instructions(text: str) -> str:
    """Return normalised `text` without sentences that instruct the model or ask for secrets."""
    for rule in _rules("stretch"):
        text = rule.instruction_pattern.sub("", text)
    return "".join(match[0] for match in _SENTENCE.finditer(text) if not _is_instruction(match[0]))


@cache
def _rules(documents: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in load_rules(for_documents=True) if rule.documents == documents)


def _is_instruction(sentence: str) -> bool:
    if any(rule.matches(sentence) for rule in _rules("sentence")):
        return True
    if _ADDRESSES_MODEL.search(sentence) or requests_secret(sentence):
        return True
    return bool(_PRESCRIBES_ANSWER.search(sentence) and _HEARER.search(sentence))


def mark_injections(parsed: ParsedDocument) -> ParsedDocument:
    """Return the document with the passages marked that instruct the model or ask for a secret, or whose headings do.

    The whole passage is withheld, because the same author may have written the text around the instruction.
    """
    passages = tuple(
        replace(passage, withheld=WITHHELD) if any(map(has_instructions, (passage.text, *passage.path))) else passage
        for passage in parsed.passages
    )
    return replace(parsed, passages=passages)


@lru_cache(maxsize=1024)
def has_instructions(text: str) -> bool:
    """Whether a text of a document instructs the model or asks for a secret."""
    normal = nfkc(text)
    return remove_instructions(normal) != normal
