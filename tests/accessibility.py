"""Return the violations that axe-core finds on a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect


def violations(page: Page, within: object = None, **options: Any) -> list[tuple[str, list[str]]]:
    """Return each rule of axe-core that is violated, with the elements that do; none for a page that is well.

    `within` is axe-core's context, the whole document by default, and `options` are those of its `run`.
    """
    if not page.evaluate("'axe' in window"):  # half a megabyte of script, once for a document
        page.evaluate(Axe().axe_script)
    # What is well is longer than the page, and takes longer to hand over than to find.
    found = page.evaluate(
        """([within, options]) => axe.run(within || document, {resultTypes: ['violations'], ...options})
            .then((all) => all.violations.map((one) => [one.id, one.nodes.map((node) => node.html)]))""",
        [within, options],
    )
    return [(rule, elements) for rule, elements in found]


def dark_violations(page: Page) -> list[tuple[str, list[str]]]:
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body.dark")).to_have_count(1)  # Gradio's own colours follow a moment later
    page.evaluate("document.getAnimations().forEach((one) => one.transitionProperty && one.finish())")
    return violations(page, runOnly=["color-contrast", "link-in-text-block"])
