"""Finds statements about the health of the writer or the writer's family.

糖尿病で通院しています is one; 糖尿病の教室はありますか asks about an illness that anybody may have.
"""

import re

from bot.privacy.disclosures import CharacterSpan, drop_overlapping_spans, sentences_of, vocabulary

_VOCABULARY = vocabulary()
_RELATIVE = _VOCABULARY["relative"]
_CHILD = _VOCABULARY["child"]
# The end of the name of an illness; its start is searched backwards, which keeps the cost linear.
_CONDITION = re.compile(
    rf"(?:{_VOCABULARY['condition']})(?:性皮膚炎|状態|証)?(?:\s?\d{{1,2}}\s?(?:級|度|か月|[ヶカヵ箇ケ]月|週目?)|\s?[1-5](?![\d-]))?"
)
_CONDITION_START = re.compile(r"[一-鿿々ァ-ヺーA-Za-z]{1,10}\Z")
_MAX_CONDITION_START_CHARS = 10
# Characters of context on either side; the limits keep the cost linear in the length of the text.
_CONTEXT_CHARS_BEFORE = 40
_CONTEXT_CHARS_AFTER = 60

# After an illness: its treatment, suspicion or degree (がんの治療, 認知症の疑い, うつ病気味).
_TREATMENT = (
    r"(?:の(?:治療|手術|闘病|療養|後遺症|発作|症状|疑い|診断|認定|検査(?=で陽|の?結果)(?:の?結果)?|気|既往|指定|薬|リハビリ"
    r"|当事者|患者|せい|ため|影響))?(?:持ち|気味|ぎみ|指定|患者|治療)?中?"
)
_PEOPLE_IN_GENERAL = r"(?:人|方|かた|場合|とき|時|後|ら|患者|子|高齢者|市民|お子さん|世帯|家庭|職員)"
# The end of a statement or of its first clause, but not of a question (か), a condition (たら, ても) or a general
# phrase (ている人).
_STATEMENT_END = "|".join(
    (
        r"(?:です|でして|ます|ました|まして|ません|なんです)(?!か(?!ら)|しょう|ね\?)",
        r"なので|だ(?:から|が|けど|、|。)|なく(?:て|、)|がある。|た。|中(?:[、。]|\Z)",
        (
            r"(?:[いっしけきれりえせげべめねぎちみじび]て|[んい]で(?!す|し))"
            rf"(?!い?る{_PEOPLE_IN_GENERAL}|い?た{_PEOPLE_IN_GENERAL}|い?ます?か|い?ません?か|も|は|から|ください|下さい|しまっ(?:た|ても))"
        ),
        r"(?:た|る|(?<!た)い|つ)(?:ので|ため|から|んで|のです|のに|の身|身)|つ者",
    )
)
_PARTICLE = (
    r"(?:で(?!は|の|も)|が|を|に(?!なら|よ|至|限|伴|つい|関|対|おけ)|と(?!い[うっ]|し)|し"
    rf"|の(?:{_CHILD}|家族|者|身)[をがとの])"
)
_DISCLOSURES = tuple(
    re.compile(pattern)
    for pattern in (
        # is: がんです, 妊娠中で
        (
            rf"{_TREATMENT}(?:みたい|らしい)?(?:です|かもしれま|でして|なので|なんです|でございます|だ(?:から|が|けど|、)|で、)"
            r"(?!か(?!ら)|しょう|ね\?|よね)"
        ),
        # has, is treated for, cannot because of it: …で通院しています, …があって
        rf"{_TREATMENT}{_PARTICLE}[^。!?\n、]{{0,18}}?(?:{_STATEMENT_END})",
        rf"の(?:ため|せいで?)(?!の)[^。!?\n]{{0,18}}?(?:{_STATEMENT_END})",
        # of a relative: 認知症の母
        rf"{_TREATMENT}(?:を受けた|を持つ|のある|がある|の)(?:{_RELATIVE})",
    )
)
# What offices and documents say of illnesses.
_GENERAL_TOPICS = re.compile(
    r"増|減|流行|予防|防[ぎぐい]|広が|知[りる]|調べ|聞[きい]|教え|学[びぶん]|考え|参加|対策|支援|相談し|相談を|対象|募集|開[きい]|啓発"
    r"|発生|まん延|蔓延|多[いくか]|少な|割合|方々|皆さん|皆様|について|に関|における|に対|にな[りる]やす|につなが|見られ|みられ|あるとさ|される|原因|猛威|移行"
)
# A complaint about a part of the body, without the name of an illness.
_BODY_COMPLAINT = re.compile(
    r"(?P<complaint>(?:[左右両片]?[耳目眼足脚手腕]|腰|ひざ|膝|体|身体|心臓|肝臓|腎臓|肺)[がは](?:不自由|聞こえ|見え|動か|動き|悪)[なくにづ]?)"
    r"[^。!?\n、]{0,8}?(?:ません(?!か)|ない(?:ので|です|ため|、)|です(?!か(?!ら))|なので|で(?:す|、|困)|くて|ました)"
)
# Another topic before it means that the statement is about somebody else; 今は and 現在は are not topics.
_TOPIC_NOUN = re.compile(r"[一-鿿々ァ-ヺー」](?:に|で|と|から)?(?=[はがも])")
_OWN_TOPIC_NOUN = re.compile(
    rf"(?:{_VOCABULARY['self']}|{_RELATIVE}|{_CHILD}|家族|今|現在|昨年|去年|最近|先[日月週]|{_VOCABULARY['condition']})(?:に|で|と|から)?\Z"
)


def find_health_statements(text: str) -> list[CharacterSpan]:
    """Return the spans of illnesses and conditions that writers give of themselves or a relative."""
    spans = list[CharacterSpan]()
    for start, sentence in sentences_of(text):
        for condition in _CONDITION.finditer(sentence):
            after = sentence[condition.end() : condition.end() + _CONTEXT_CHARS_AFTER]
            disclosure = next(filter(None, (pattern.match(after) for pattern in _DISCLOSURES)), None)
            if disclosure and not _GENERAL_TOPICS.search(disclosure[0]):
                condition_start = _CONDITION_START.search(
                    sentence, max(0, condition.start() - _MAX_CONDITION_START_CHARS), condition.start()
                )
                begin = condition_start.start() if condition_start else condition.start()
                if not _is_about_others(sentence[max(0, begin - _CONTEXT_CHARS_BEFORE) : begin]):
                    spans.append((start + begin, start + condition.end()))
        for complaint in _BODY_COMPLAINT.finditer(sentence):
            a, b = complaint.span("complaint")
            spans.append((start + a, start + b))
    return drop_overlapping_spans(spans)


def _is_about_others(before: str) -> bool:
    return any(not _OWN_TOPIC_NOUN.search(before, 0, topic.end()) for topic in _TOPIC_NOUN.finditer(before))
