"""Functions for worker processes, in a module with few imports because each process imports it."""

import os
import signal
import time
from collections.abc import Sequence

from ingest.japanese.tokenise import words
from ingest.sandbox import extend_time

TEXTS = [f"第{n}条 市長は、令和{n % 9 + 1}年{n % 12 + 1}月に計画を改定する。" for n in range(40)]


def all_words(texts: Sequence[str]) -> list[list[str]]:
    return [words(text) for text in texts]


def refuse(texts: Sequence[str]) -> list[str]:
    if TEXTS[20] in texts:
        raise ValueError("the twentieth")
    return list(texts)


def spin() -> bytes:
    while True:
        pass


def hoard() -> bytes:
    hoarded = []
    while True:
        hoarded.append(bytearray(1 << 20))


def flood() -> bytes:
    return bytes(2 << 20)


def sleep_on() -> bytes:
    time.sleep(60)
    return b""


def take_pieces() -> bytes:
    for _ in range(4):
        extend_time()
        time.sleep(1.5)
    return b"whole"


def die() -> bytes:
    os.kill(os.getpid(), signal.SIGSEGV)
    return b""


def go_wrong() -> bytes:
    raise ValueError("wrong")


def work_on(item: str) -> bytes:
    if item == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if item == "spin":
        spin()
    if item == "hoard":
        hoard()
    if item == "sleep":
        time.sleep(60)
    if item == "patient":
        take_pieces()
    if item == "grow":
        GROWN.append(bytearray(700 << 20))
    return f"{item} {os.getpid()}".encode()


GROWN: list[bytearray] = []
