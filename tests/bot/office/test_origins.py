"""Tests of the parsing of origins in a setting."""

import pytest

from bot.errors import OfficeError
from bot.office import read_office
from ingest.configuration.settings import Settings


def origins(written: str | None) -> tuple[str, ...]:
    return read_office(Settings(_env_file=None, embed_origins=written)).embed_origins


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (None, ()),
        ("https://www.city.example.jp", ("https://www.city.example.jp",)),
        ("https://www.city.example.jp/", ("https://www.city.example.jp",)),
        ("HTTPS://WWW.City.Example.JP:443", ("https://www.city.example.jp",)),
        (
            "http://intra:8080 https://a.example,https://b.example",
            ("http://intra:8080", "https://a.example", "https://b.example"),
        ),
        ("https://市役所.example.jp", ("https://xn--7sto6a74d.example.jp",)),
        ("http://[::1]:8000", ("http://[::1]:8000",)),
    ],
)
def test_sites_are_read_as_browsers_write_them(written: str | None, read: tuple[str, ...]) -> None:
    assert origins(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "*",
        "https://*.example.jp",
        "www.city.example.jp",
        "https://www.city.example.jp/page",
        "https://www.city.example.jp?x",
        "https://user@www.city.example.jp",
        "javascript:alert(1)",
        "https://a.example;script-src",
        "'self'",
        "null",
        "https://",
    ],
)
def test_an_invalid_origin_is_refused(written: str) -> None:
    with pytest.raises(OfficeError, match="のように書いてください"):
        origins(f"https://a.example {written}")
