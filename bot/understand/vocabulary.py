"""Words of asking and words of little weight, in Sudachi's normal forms."""

_ASKING = """
差 開き 令和 平成 昭和 昨年 今年 来年 去年 一昨年 昨年度 今年度 来年度
欲しい 頂く 頂ける 貰える みたい 感じ 始まり 終わり 見通し 役目 出来る 合計 合う 聞こえる お忙しい
枚数 最終 初 幾 メンバー 構成員 議題 姿 一通り 頻度 例 注記 事 こと つく よる うち 一通り 其々 順
いま 済む 御 他 積もり 先ず 未だ もう 役割 挙がる 上がる 上げる 詰まる 質問 回答 答え 答える 聞く
訊く 尋ねる 伺う 教示 御教示 説明 書く 載る 記載 具体的 具体 内容 全部 全て 一覧 列挙 挙げる 示す
分かる 解る 簡単 詳しい 詳細 至急 御願い お願い 宜しい 済む 済みません 御免 有り難う 忙しい 範囲 結構
電話 市民 方 今 現在 現行 最新 新しい 以前 前 旧 前回 最初 昔 頃 時点 当時 いつ 何時 幾ら 幾つ
何ぼ 位 程 程度 西暦 和暦 年度 年 月 日 期間 何 誰 何方 何処 何故 全体 一つ 二つ 両方 各 つ
実際 結局 結果 実績 達成 状況 目標 目標値 値 目指す 違い 違う 比較 比べる 理由 目的 意味 定義 人
数 件数 人数 回数 割合 名前 名称 所 点 例 文言 言葉 皆 無理 本当 予定 つもり 掛かる 居る 来る
有効 現行 次 次期 次回 動く 終了
行く 遣る 遣り方 方法 思う 考える 見る 資料 文書 計画書 読む 位置 関係 向け 進む 進める 使う
数字 幸い 恐れ入る 失礼 致す 突然 冊子 年齢 取り組む 取組 行う 実施 成る  入る 終わる 続く 始まる 作る 出る 出す 持つ
日日 期日 いつ頃 遣り取り とこ
直近 最近 さっき 先程 良く 今度
奴 せい 所為 お陰 旨 締め切り ちゃんと きちんと しっかり 一応 取り敢えず 矢張り 抑
ホワット IS ザ オブ ARE ハウ much メニー when where which why does do フォー to アンド a An on by フロム ウィズ
can could プリーズ tell アバウト in
"""
ASKING = frozenset(_ASKING.split())
"""Words that only carry the asking: they need not stand in a passage."""

_WEAK = """
化 率 件 数 的 等 者 性 用 値 度 回 人 年 月 部 目 向け 毎 中 後 前 上 下 別 市 町 村 課 室 長
役所 本市 当市 市役所 本町 当町 役場 本村 当村
"""
WEAK = frozenset(_WEAK.split())
"""Suffixes, and the asker's own administration, which wrote the documents."""

PLAN_WORDS = frozenset({"取り組み", "施策", "事業"})
"""What all passages of a plan are about."""

CITY_LEVEL = frozenset({"市", "町", "村", "県", "区", "府", "都"})
