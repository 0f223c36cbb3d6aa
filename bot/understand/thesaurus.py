"""Words that people and documents use for the same thing, where neither spelling nor likeness tells it.

Relations and offices of administrative Japanese, in Sudachi's normal forms; no names and no facts of any document.
"""

from functools import cache

_GROUPS = """
計画 プラン
変わる 変更 変化 改める 改定 見直す 見直し 修正
変わる 継続 継承
継続 継承 引き継ぐ 受け継ぐ 維持
作る 作成 策定 纏める 取り纏める
開く 開催
開く 日時
始まる 始める 開始
終わる 終える 終了
増える 増やす 増加 増
減る 減らす 減少 減 削減 縮減 短縮 短い
届く 達する 達成 到達
超える 上回る 超過
下回る 未達
選ぶ 選定 選出
進捗 進む 進行 進み
集まり 会議 会合
トップ 長 代表 偉い
構成 成る 参加 出る 出席
部署 課 所属 担当
在宅勤務 在宅 テレワーク リモートワーク
私物 byod
紙 用紙 ペーパー
マイナ マイナンバー
老人 年寄り 高齢 高齢者 シニア
習う 学ぶ 講座 受講
仕事 業務
会社 企業 事業者
値段 料金 運賃 価格
災害 防災
船 航路
お金 費用 負担 財政 経費 事業費
手直し 修正 見直し 時点修正
浮く 削減 減る
掲げる スローガン 理念
公表 公開 発表
決まる 決定 決める
次 次回
応募 募集 申し込む 申し込み 申込 申請
問い合わせ 問合せ 連絡
子供 児童 子 こども
障害 障碍 障がい
育てる 育成 養成
学ぶ 学習
助ける 支援 援助 手助け
受ける 受講
組み合わせる 組み合わせ 組む
比べる 比較 対比
基準 比較
計算 算定 数える
除く 除外
休む 欠席 欠
泊まる 宿泊 泊まり
未定 検討
条件 要件 必要
期限 締め切り 締切 〆切 まで
"""


@cache
def _groups() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in _GROUPS.split("\n"):
        group = frozenset(line.split())
        for word in group:
            found[word] = found.get(word, frozenset()) | group
    return found


def same_meaning(word: str) -> frozenset[str]:
    """Return the words that may stand for `word`, itself among them."""
    return _groups().get(word, frozenset({word}))


def words_of_meanings() -> frozenset[str]:
    """Return the words of which `same_meaning` knows others."""
    return frozenset(_groups())
