"""Words of courtesy around a question (すみません、…、よろしくお願いします。): they say nothing of what is asked."""

import re

_BUT = r"(?:な?の?です|ん(?:です)?)?(?:が|けれども|けれど|けども|けど)?"
_MARK = r"[\s、。,.!?…~]"
# An interjection stands apart from what follows: あのプラン and どうも分からない are something else.
_INTERJECTION = (
    r"(?:あの[うね]?|え[ーえ]*っ?と[ーね]*|えー+|うーん+|ねえ+|はい|やあ|もしもし|どうも|ちょっと|hello|hi"
    r"|こんにち[はわ]|こんばん[はわ]|おはよう(?:ございます)?|(?:はじ|初)めまして|お?(?:疲|つか)れ様です"
    r"|お世話(?:様です|に(?:なり|なって(?:い|おり))ます)|(?:ご|御)?(?:めん|免)ください|失礼(?:いた|致)?します"
    r"|(?:どうも)?ありがとうございま(?:す|した))"
)
_APOLOGY = (
    r"(?:(?:大変|誠に|何度も|度々|たびたび|いつも|突然|急に|夜分(?:遅く)?に?)?、?"
    r"(?:(?:す|済)[みい]ません|すんません|ごめんなさい|(?:申|もう)し(?:訳|わけ)(?:あり|ござい)ません|(?:申|もう)し(?:訳|わけ)ない"
    r"|恐れ入ります|おそれいります|恐縮です|失礼です|お(?:忙|いそが)しい(?:ところ|所|中|なか)(?:を|に)?"
    r"|お手(?:数|間)(?:を)?(?:お?(?:掛|か)け(?:いた|致)?し(?:ます)?|です)))"
)
_WISH = r"(?:たい|ます|(?:いた|致)します|てもいいですか|ても(?:よろ|宜)しい(?:です|でしょう)か)"
# That something will be asked: ちょっとお聞きしたいことがあるのですが、質問です。
_ANNOUNCEMENT = (
    r"(?:(?:ちょっと|少し|すこし|いくつか|一つ|ひとつ|1つ|一点|1点|また|では)、?)*"
    rf"(?:お?(?:聞き|訊き|きき|伺い|うかがい|尋ね|たずね)し?{_WISH}"
    rf"|(?:ご|御)?質問(?:です|(?:を|が)?(?:し{_WISH}|させて(?:ください|(?:いただき|頂き|もらい){_WISH})|(?:あり|ござい)ます)|いいですか)?"
    r"|教えて(?:ほしい|欲しい|(?:いただき|頂き|もらい)たい|(?:いただけ|頂け|もらえ)ます(?:でしょう)?か|ください|下さい))"
    r"(?:(?:こと|事)(?:が|の)?(?:あり|ある|ござい)(?:ます)?|と思(?:い|って(?:い|おり))ます)?"
)
_OPENING = re.compile(
    rf"{_MARK}*(?:{_INTERJECTION}{_MARK}+|[あそ]のー+|{_APOLOGY}{_BUT}(?:{_MARK}+|(?![のとでっ]))|{_ANNOUNCEMENT}{_BUT}{_MARK}+)",
    re.IGNORECASE,
)
_THANKS = (
    r"(?:どうも)?(?:ありがとうございま(?:す|した)|助かります|感謝します|(?:す|済)みません"
    r"|失礼(?:いた|致)?します|以上です)"
)
_REQUEST = (
    r"(?:(?:何卒|どうぞ|どうか|以上)、?)*"
    r"(?:(?:(?:よろ|宜)しく)?(?:ご(?:回答|返答|教示|確認)(?:の?ほど)?)?(?:を)?、?(?:(?:よろ|宜)しく)?お(?:願|ねが)い(?:いた|致)?し(?:ます|たいです)"
    r"|(?:(?:よろ|宜)しく)?お(?:願|ねが)い申し上げます|(?:よろ|宜)しく(?:です|どうぞ)?)"
)
_TELL = (
    r"(?:ぜひ|是非|どうか|どうぞ|だれか|誰か)?、?(?:教えて|お?(?:答|こた)え|ご(?:教示|回答))"
    r"(?:(?:ください|下さい)(?:ませ|ね)?|ほしい(?:です)?|欲しい(?:です)?|(?:いただけ|頂け|もらえ)ます(?:でしょう)?か"
    r"|(?:ください|(?:いただけ|頂け|もらえ)(?:る|ます|れば)(?:と|ば)?)(?:助かり|うれし|嬉し|ありがた|有り?難|幸い)\S{0,8})"
)
_CLOSING = re.compile(
    rf"(?:(?<={_MARK})(?:{_THANKS}|{_APOLOGY}{_BUT}|{_REQUEST})|(?<=[。?!\n])\s*{_TELL}){_MARK}*$", re.IGNORECASE
)
# Alone it asks for nothing; 教えてください may ask for more of what was told, and はい be an answer.
_ALONE = re.compile(
    rf"(?:(?!はい|ちょっと){_INTERJECTION}|{_APOLOGY}{_BUT}|(?!教えて){_ANNOUNCEMENT}{_BUT}|(?=.*(?:よろ|宜)しく){_REQUEST}){_MARK}*",
    re.IGNORECASE,
)


def without_courtesy(text: str) -> str:
    """Return normalised `text` without the courtesy before and behind it; the last of what is nothing else stays."""
    for pattern in (_OPENING, _CLOSING):
        while (match := pattern.search(text) if pattern is _CLOSING else pattern.match(text)) and (
            rest := (text[: match.start()] + text[match.end() :]).strip(" \n、,")
        ):
            text = rest
    return text


def is_courtesy(text: str) -> bool:
    """Whether the text, which `without_courtesy` gave, is a courtesy alone (すみません): nothing is asked."""
    return bool(_ALONE.fullmatch(text.strip()))
