"""A leaflet of an invented town whose official names people replace by informal ones."""

from pathlib import Path

from bot.answering.state import Answer, Question
from bot.running.service.service import Service
from ingest.build.build import build
from ingest.configuration.settings import Settings

LEAFLET = """# 森野町くらしの手引き

## 地域循環バス

地域循環バスの運賃は、大人150円です。日曜日は運休します。

## 高速バス

高速バスの運賃は、大人2,400円です。

## 第一体育館

第一体育館の開館時間は、9時から21時までです。

## 第二体育館

第二体育館の開館時間は、10時から18時までです。

## 子育て支援センター

子育て支援センターの利用には、登録が必要です。

## 総合福祉センター

総合福祉センターの浴室は、60歳以上の人が使えます。

## 不燃物の収集

不燃物は、第3水曜日に収集します。

## おもちゃの修理

おもちゃ病院は、壊れたおもちゃを無料で修理します。
"""
MANIFEST = """[[document]]
file = "leaflet.md"
id = "leaflet"
title = "森野町くらしの手引き"
issuer = "森野町"
"""


def build_leaflet(folder: Path, dictionary: str = "") -> Settings:
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "leaflet.md").write_text(LEAFLET, "utf-8")
    (corpus / "manifest.toml").write_text(MANIFEST, "utf-8")
    if dictionary:
        (corpus / "dictionary.csv").write_text(dictionary, "utf-8")
    settings = Settings(_env_file=None, data=folder / "data")
    build(settings, [corpus])
    return settings


def ask(service: Service, text: str, **more: object) -> Answer:
    return service.ask(Question.model_validate({"question": text, **more}))
