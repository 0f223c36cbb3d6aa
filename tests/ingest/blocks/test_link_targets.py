import pytest

from ingest.blocks.link_targets import with_target

LONG = f"https://city.example.jp/{'a' * 70_000}"


@pytest.mark.parametrize(
    ("text", "target", "read"),
    [
        ("申請書", "https://city.example.jp/a.pdf?x=1", "申請書（https://city.example.jp/a.pdf?x=1）"),
        ("申請書", "../a.pdf", "申請書（https://city.example.jp/a.pdf）"),
        ("申請書", "あ(1).pdf", "申請書（https://city.example.jp/sub/%E3%81%82%281%29.pdf）"),
        ("こちら", "mailto:a@city.example.jp?subject=x", "こちら（メールアドレス a@city.example.jp）"),
        ("こちら", "tel:+81-190-55-0101", "こちら（電話番号 0190-55-0101）"),
        # What the text says, or a trap.
        ("https://city.example.jp/", "https://city.example.jp/", "https://city.example.jp/"),
        ("https://city.example.jp/", "https://evil.example/", "https://city.example.jp/"),
        ("a@city.example.jp", "mailto:b@evil.example", "a@city.example.jp"),
        ("0190-55-0101", "tel:0190559999", "0190-55-0101"),
        # What nobody should follow.
        *(
            ("申請書", target, "申請書")
            for target in ("javascript:steal(1)", "data:text/html,x", "ftp://a.jp/b", "#top", "", None, LONG)
        ),
        ("市", "https://city.example.jp@evil.example/", "市"),
        ("市", "http://[::1", "市"),
        ("", "https://city.example.jp/a.pdf", ""),
    ],
)
def test_a_link_is_read_with_its_target(text: str, target: str | None, read: str) -> None:
    assert with_target(text, target, "https://city.example.jp/sub/index.html") == read
