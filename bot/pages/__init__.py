"""The pages for people, made with Gradio."""

import os
import sys

from bot.pages.gradio_imports import GradioImportFinder

# Gradio reads these when it is imported and when a page is made. Without the first, merely mounting a page looks up its
# maker's hosts; without the others, each event computes a summary of the last 10,000 events that nobody can see.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"

sys.meta_path.insert(0, GradioImportFinder())
