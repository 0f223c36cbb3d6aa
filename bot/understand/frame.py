"""What tells how a question came to be asked (お客様から…と聞かれました。どう案内すれば…) is no part of it."""

import re
from dataclasses import replace

from bot.turn import Turn
from bot.understand.located import understood

_END = r"(?:の|ん)?(?:です|だ)?(?:が|けれども|けれど|けども|けど|ので)?"
_SAID = (
    rf"(?:ま(?:した|す|して)|て(?:い|お)(?:ます|ました|りまして|ります|りました|まして|る|た)|た|て|てて|てる){_END}"
)
# Whoever asks a counter, a telephone or a colleague; the words that tell of their case stay.
_ASKER = (
    r"(?:お?(?:客|電話|窓口)|(?:ご)?(?:相談|来庁|来館|来場|利用|申請|通報|希望)者|[住市町村区県都府島]民|地域|保護者|事業者|企業|団体"
    r"|自治会|町内会|議員|記者|上司|同僚|知人|友人|友達|親|父|母|夫|妻|家族|親戚|職員)"
    r"(?:の(?:方|かた|人|皆(?:様|さん)?|お客|お?電話口)){0,2}(?:々|たち|達)?(?:様|さま|さん|がた)?"
)
_DESK = r"(?:お?電話|窓口|メール|カウンター)口?"
_BY = rf"(?:{_ASKER}(?:から|より|に)(?:は|も|の)?、?|{_DESK}(?:で|にて)、?)"
_LINK = (
    r"、?(?:と(?:の|いう|いった)?|って(?:いう)?|を|について(?:の)?|に関(?:する|して)の?"
    r"|の?件(?:で|について|に関(?:する|して))?の?|の)?、?"
)
_ASKED = r"(?:聞か|訊か|きか|尋ねら|たずねら|問わ|質問さ|相談さ|照会さ)れ"
_INQUIRY = r"(?:[おご]?(?:問い?合わ?せ|質問|照会|相談|電話|連絡|依頼|要望|メール)|お尋ね)"
_CAME = (
    r"(?:(?:が|を|も)?(?:何件か|複数|多く|よく|度々|たびたび)?"
    rf"(?:あり|あっ|ござい|来|き|届い|届き|寄せられ|入っ|入り|受け|頂い|頂き|いただい|いただき|承っ|承り|もらっ|もらい){_SAID}"
    r"|(?:です|でした|でございます|だ(?:そうです)?)(?:が|けれども|けれど|けど)?)"
)
# How what was asked is to be told on, which every answer tells.
_TELLING = (
    r"(?:どう|どのように|何と|なんと|どんな(?:ふう|風)に|どういう(?:ふう|風)に)(?:お|ご)?"
    r"(?:案内|説明|回答|返答|返事|答え|伝え|言え|話せ)(?:を)?\S{0,16}"
)
_HAND_ON = r"(?:ご)?(?:確認|案内|把握|回答|返答|紹介|整理)|お?伝え|お?知らせ|調べ"
_PLEASE = (
    r"(?:(?:を|して|し|させて)?(?:ください|下さい|ほしい(?:です)?|欲しい(?:です)?|お?(?:願|ねが)い(?:いた|致)?し(?:ます|たいです))"
    r"|し?たい(?:と(?:の(?:こと)?|思(?:い|って(?:い|おり)))(?:です|ます)?|そうです)?(?:の|ん)?(?:です)?(?:が|けれども|けれど|けど)?"
    r"|て(?:い|おり)ます|中です)"
)
_REPORTED = re.compile(
    rf"(?:[、\s](?:{_BY}){{1,2}})?(?:{_LINK}(?:(?:{_BY})?{_ASKED}{_SAID}|{_INQUIRY}{_CAME})"
    rf"|{_LINK}{_ASKED}(?:たら|た(?:とき|時|場合|際)に?は?|ので|まして|ましたが)、?{_TELLING}"
    r"|と(?:の|いう)(?:こと|内容|趣旨)(?:です|でした)(?:が|けど)?"
    rf"|という(?:方|かた|人|お客様)(?:へ|に)の?(?:案内|説明|回答|返答|返事)\S{{0,24}}"
    rf"|という(?:{_ASKER}|方|かた|人)(?:です|でした|でございます|が(?:い|おられ|いらっしゃい|お?見え|お?見えになり|来られ|来て(?:い|おられ)|お越しになり|お越し)(?:ます|ました|です))"
    r"(?:が|けれども|けれど|けど)?)[、。\s]*$"
)
_WISHED = re.compile(rf"(?P<what>を|について|に関して|(?<=[かの])、?)(?:{_HAND_ON}){_PLEASE}[、。\s]*$")
_BEFORE = re.compile(
    rf"\s*(?:{_DESK}(?:で|にて)、?)?(?:(?:{_DESK}に来(?:た|られた))?(?:{_ASKER}|方|かた|人)(?:(?:から|より)(?:は|も)?、?|には?、))?"
)
_ALONE = re.compile(
    rf"\s*(?:(?:いま|今|先ほど|さきほど|さっき|昨日|本日|今日|先日|ただ(?:いま|今))?、?(?:{_BY}){{0,2}}"
    rf"(?:{_INQUIRY}{_CAME}|{_ASKED}{_SAID})|(?:(?:では|それでは)、?)?{_TELLING})[、。?\s]*"
)
# A report may also be the first half of the sentence that asks: …と聞かれたのですが、目標は?
_SENTENCE = re.compile(r"(?<=[。?!\n])|(?<=[すたる]が、)|(?<=けど、)|(?<=けれど、)|(?<=けども、)|(?<=けれども、)")


def unframe(turn: Turn) -> Turn:
    """Return the turn with its text without the frame, understood anew, or as it is."""
    text = without_frame(turn.text)
    return turn if text == turn.text else replace(turn, text=text, asked=understood(text, turn.as_of))


def without_frame(text: str) -> str:
    """Return normalised `text` without what tells who asked it and that it is to be told on; a frame alone stays."""
    kept = [said for sentence in _SENTENCE.split(text) if (said := _without(sentence)).strip("。?! \n")]
    return "".join(kept).strip() or text


def _without(sentence: str) -> str:
    if _ALONE.fullmatch(sentence):
        return ""
    bare = _REPORTED.sub("", sentence)
    wished = _WISHED.sub(lambda m: "を教えてください" if m["what"].strip("、") else "", bare)
    if wished == sentence:
        return sentence
    ended = sentence.endswith(("。", "、", "\n"))
    return _BEFORE.sub("", wished, count=1) + ("。" if ended and not wished.endswith("?") else "")
