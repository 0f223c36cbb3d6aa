"""The pages that people who have signed in go between, and where each of them begins."""

from collections.abc import Mapping

from bot.sign_in.person import Role

PAGES: Mapping[str, str] = {"/staff/": "職員の画面", "/workbench/": "評価の作業台", "/": "市民の画面"}
"""What the pages are called, by their addresses."""
HOME: Mapping[Role, str] = {"staff": "/staff/", "tester": "/workbench/"}
