"""Attacks and harm: input that is no question to the documents but an order to the system. Such a turn ends here."""

import base64
import binascii
import re

from bot.answer import Status
from bot.turn import Draft, Turn
from ingest.normalise import nfkc

_BLOCKED = (
    "そのご依頼にはお応えできません。このサービスは、市の計画や会議資料に書かれていることについての質問にお答えします。"
    "文書の内容について、あらためてお尋ねください。"
)


def _near(first: str, gap: int, then: str) -> re.Pattern[str]:
    """Return a pattern for `first` with `then` behind it, at most `gap` characters of the same sentence between."""
    return re.compile(rf"(?:{first})[^。\n]{{0,{gap}}}?(?:{then})", re.IGNORECASE)


# Orders to the machine about itself: what to forget, what to reveal, whom to play. A rule of the city is no rule of the
# machine, so each needs its addressee: the words before, the system, the prompt, you.
_RULE = "指示|命令|ルール|規則|制約|制限|プロンプト"
_OWN = "システム|内部|隠し|隠された|開発者|初期|あなた|君|きみ|お前|AI"
_TELL = "表示|出力|教え|見せ|開示|引用|翻訳|読み(?:聞|上)|コピー|書き出|要約|列挙|答え|出し|吐き"
_UNDO = "無視|忘れ|破棄|従わ(?:ない|ず)|撤回|取り消|リセット"
_BEFORE = "これまで|今まで|いままで|ここまで|以前|上記|前述|先ほど|与えられた|すべて|全て|全部|あらゆる"
_ORDERS = (
    _near(f"(?:{_BEFORE}|{_OWN}).{{0,10}}?(?:{_RULE}|設定|会話)", 8, f"{_UNDO}|解除|上書き|書き換え|変更"),
    _near("指示|命令|プロンプト", 6, _UNDO),
    re.compile(r"ルールを(?:すべて|全て|全部)?(?:無視|忘れ)|設定を(?:書き換え|変更し)て(?:くだ|。|$)"),
    _near("(?:制約|制限|フィルター?|規制)を(?:解除|外)", 3, "何でも|なんでも|答|話|回答"),
    re.compile(r"(?:管理者|開発者|root)\s?権限で(?:答|回答|実行|操作|動)", re.IGNORECASE),
    _near("新しい(?:指示|命令|ルール)", 4, "従"),
    _near(f"(?:{_OWN}|最初の|元の).{{0,8}}?(?:{_RULE}|指示文|命令文)", 30, _TELL),
    # A message whose owner is not named (最初の市長メッセージ has one) is the machine's.
    _near(f"(?:{_OWN}).{{0,8}}?(?:メッセージ|パスワード|(?:初期|内部)設定)|(?:最初|元)のメッセージ", 30, _TELL),
    _near("プロンプト|(?:初期|内部|システム)設定", 12, _TELL),
    _near("(?:ここまで|これまで|上|以上)の(?:文章?|内容|会話|やりとり)", 6, "繰り返|出力|表示|コピー"),
    _near(r"(?:API|秘密の?|アクセス)\s?(?:キー|鍵|トークン)", 20, _TELL),
    _near("開発者|管理者|デバッグ|developer|admin|debug|god|jailbreak|DAN|脱獄", 1, "モード|mode"),
    _near("(?:あなた|君|きみ|お前)は(?:今から|これから|今|以後)", 30, "です|だ|として|になる|になり"),
    _near(
        "(?:制限|規制|フィルター?|検閲|倫理)の?(?:ない|なし|無い|外れた)",
        6,
        "AI|人工知能|アシスタント|ボット|モデル|キャラ",
    ),
    re.compile(r"になりきって(?:答|回答|話|読|くだ)|のふりをして|を演じて|ロールプレイ(?:を?し|を始|で答)"),
    _near("base64|ROT13|16進|モールス", 10, "(?:解読|復号|デコード)[しせ]|decode"),
    re.compile(
        r"\[/?(?:SYSTEM|INST|ADMIN)\]|<\|?(?:im_start|system|endoftext)|^\s*(?:system|assistant)\s*:", re.IGNORECASE
    ),
    _near(
        "(?:他|ほか|別)の(?:利用者|ユーザー|市民|人)(?:の|が)",
        10,
        f"(?:履歴|個人情報|会話|住所|電話番号|連絡先).{{0,12}}(?:{_TELL})",
    ),
    _near(
        "(?:全|すべての|全ての)?(?:職員|市民|住民|利用者)の?",
        2,
        f"(?:名簿|個人情報|住所録|パスワード).{{0,8}}(?:{_TELL}|盗|抜き)",
    ),
    _near("とだけ|以外は|必ず", 10, "(?:答え|回答|返).{0,12}(?:ように|せよ|しろ|ルール|書き換)"),
    _near(r"\b(?:ignore|disregard|forget|override|bypass)\b", 30, "instruction|prompt|rules|previous|above|guideline"),
    _near(
        r"\b(?:reveal|show|print|repeat|output|leak|display|tell me)\b",
        40,
        "system prompt|hidden|initial instruction|your (?:prompt|instruction|rules)",
    ),
    re.compile(r"\byou are now\b|\bpretend (?:to be|you)\b|\bact as (?:an?|if|dan)\b", re.IGNORECASE),
)
# Requests for help with harm: a harmful thing or act with a word for how to come by it, and none of protection from it.
_HARM = (
    _near(
        "爆弾|爆発物|毒物?|毒ガス|覚醒剤|麻薬|大麻|拳銃|銃|マルウェア|ランサムウェア|コンピュータ.{0,2}ウイルス|偽札|偽造",
        10,
        "作り方|作る|作って|作成|製造|材料|入手|手に入れ|買い方|手順",
    ),
    _near(
        "侵入|ハッキング|不正アクセス|乗っ取|盗聴|盗撮|詐欺|脅迫|脅す|脅し|殺す|殺害|放火|誘拐|ストーカー|なりすま|フィッシング",
        14,
        "手順|方法|やり方|手口|手紙|文章|文面|メール|コード|スクリプト|書い|教え|したい",
    ),
    _near("名簿|個人情報|パスワード|カード番号", 6, "不正に|盗|抜き取|流出させ"),
)
_PROTECTION = re.compile(
    "防|対策|予防|被害|相談|件数|講座|教室|研修|許可|届出|検査|啓発|注意|通報|支援|撲滅|禁止|条例|訓練|感染|駆除|見守"
)
_SPACE_BETWEEN = re.compile(r"(?<=[ぁ-んァ-ヶー一-龥])\s+(?=[ぁ-んァ-ヶー一-龥、。])")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{32,}={0,2}")


def screen(turn: Turn) -> Turn:
    """End the turn where its text is an order to the system or asks for help with harm, however it is spelt."""
    if any(_is_attack(reading) for reading in _readings(turn.text)):
        return turn.finish(Draft(_BLOCKED, status=Status.BLOCKED))
    return turn


def _is_attack(text: str) -> bool:
    if any(order.search(text) for order in _ORDERS):
        return True
    return not _PROTECTION.search(text) and any(harm.search(text) for harm in _HARM)


def _readings(text: str) -> list[str]:
    """Return the text as it stands, without spaces between its letters, and what its base64 says."""
    readings = [text, _SPACE_BETWEEN.sub("", text)]
    for match in _BASE64.finditer(text):
        try:
            readings.append(nfkc(base64.b64decode(match[0] + "=" * (-len(match[0]) % 4)).decode("utf-8")))
        except (binascii.Error, UnicodeDecodeError):
            continue
    return readings
