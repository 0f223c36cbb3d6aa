"""The pages for people, made with Gradio."""

import os

# Gradio reads these when it is imported and when a page is built. Without the first, mounting a page looks up hosts of
# Gradio's maker; without the others, each event summarises the last 10,000 events for a page that is not served.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"
