"""The pages for people, made with Gradio."""

import os

# Asked for before Gradio is imported: otherwise merely mounting a page looks up its maker's hosts.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from bot.ui.mount import mount

__all__ = ["mount"]
