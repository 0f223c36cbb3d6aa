"""Two questions asked in one (いくらで、いつまでに出せばいいですか), each told whole with what both are about."""

import re
from itertools import pairwise

# Words that ask, and not 何か, いつでも, いくつか, which name anything at all.
_ASKS = re.compile(
    r"(?:いくら|いくつ|いつ|どこ|どれ|どちら|だれ|誰|どなた)(?!でも|も|か(?![らを。?、]|$|に))"
    r"|(?:何|なに)(?!か(?![所月年条国])|でも|も|より|と(?:か|なく))|なん(?=[ぼじ名人日年月回個円])|なぜ|どうして"
    r"|どう(?!か|も|せ|しても)|(?<!な)どの|どんな"
)
# Where the clause of one ends and that of the other begins.
_BETWEEN = re.compile(r"[?。]\s?|、|(?:あって|いて|あり)(?=[^、。?]{1,20}[はが])")
_JOINING = re.compile(r"(?:(?<!ま)で)?[、。?\s]*$")
_JOINED = re.compile(r"^(?:また|それと|あと|それから|そして|ちなみに|さらに|加えて|で)、?")
# What only the first asks about, behind the comma that ends what both are about: 宿泊棟、申し込みは何日前まで?
_OWN_TOPIC = re.compile(r"^(?P<both>.{2,}[、。?])(?P<own>[^、。?]{1,16}(?:は|が|って))$")
# Nouns for what is told; two of them joined ask twice: 開催の時期と場所は.
_NOUN = (
    r"(?:開催|実施|申込|申請|受付)?(?:日時|日程|時期|期日|期限|期間|締め?切り?|日)|場所|会場|所在地|氏名|名前|理由|原因|目的|金額"
    r"|費用|料金|手数料|使用料|利用料|[^\s、。のとは]{0,4}額|[^\s、。のとは]{0,4}率|割合|上限|人数|件数|条件|対象者?|方法|連絡先|電話番号|持ち物"
)
_PAIR = re.compile(
    rf"^(?P<topic>.{{2,60}}[のたるい])(?P<one>{_NOUN})と(?:その)?(?P<other>{_NOUN})(?:は|を|って|について)"
)
_SHORTEST = 2


def two_asks(text: str) -> tuple[str, str] | None:
    """Return the two questions that normalised `text` asks, or None where it asks one, or more than two."""
    if pair := _PAIR.match(text.strip()):
        return f"{pair['topic']}{pair['one']}は?", f"{pair['topic']}{pair['other']}は?"
    asking = list(_ASKS.finditer(text))
    gaps = ((text, a.end(), b.start()) for a, b in pairwise(asking))
    cuts = [cut for text, start, end in gaps if (cut := _BETWEEN.search(text, start, end))]
    if len(cuts) != 1:
        return None
    lead = text[: asking[0].start()]
    own = _OWN_TOPIC.match(lead)
    both = own["both"] if own else lead
    if len(both.strip("、。? ")) < _SHORTEST:
        return None
    one, other = _JOINING.sub("", text[: cuts[0].end()]), _JOINED.sub("", text[cuts[0].end() :])
    return f"{one}?", f"{both}{other}"
