"""Document ingestion: reads, splits, embeds and indexes the documents of a municipality."""

import os

# onnxruntime reads scans and runs a net of the reader. Its builds tell their maker of each run and keep an id of the
# machine, unless this stands in the environment before it is loaded: here, for every room imports this package first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
