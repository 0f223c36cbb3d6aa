"""HTML as tests look at it: texts and attributes by CSS selector."""

from selectolax.lexbor import LexborHTMLParser


class HtmlPage:
    """A page, or a part of one."""

    def __init__(self, html: str) -> None:
        self.html = html
        self._tree = LexborHTMLParser(html)

    def texts(self, selector: str) -> list[str]:
        """Return the text of each element, with white space as a browser shows it."""
        return [" ".join(found.text().split()) for found in self._tree.css(selector)]

    def values(self, selector: str, attribute: str) -> list[str]:
        """Return an attribute of each element, "" for one without a value."""
        return [found.attributes.get(attribute) or "" for found in self._tree.css(selector)]

    def count(self, selector: str) -> int:
        return len(self._tree.css(selector))

    def text_without(self, selector: str) -> str:
        tree = LexborHTMLParser(self.html)
        for found in tree.css(selector):
            found.decompose()
        return tree.body.text() if tree.body else ""
