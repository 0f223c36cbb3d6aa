"""HTML as tests look at it: texts and attributes by CSS selector."""

from selectolax.lexbor import LexborHTMLParser


class HtmlPage:
    def __init__(self, html: str) -> None:
        self.html = html
        self._tree = LexborHTMLParser(html)

    def texts(self, selector: str) -> list[str]:
        return [" ".join(found.text().split()) for found in self._tree.css(selector)]

    def values(self, selector: str, attribute: str) -> list[str]:
        return [found.attributes.get(attribute) or "" for found in self._tree.css(selector)]

    def count(self, selector: str) -> int:
        return len(self._tree.css(selector))

    def text_without(self, selector: str) -> str:
        tree = LexborHTMLParser(self.html)
        for found in tree.css(selector):
            found.decompose()
        return tree.body.text() if tree.body else ""
