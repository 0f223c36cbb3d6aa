"""Document ingestion: reads, splits, embeds and indexes the documents of a municipality."""

import os

# Official builds of onnxruntime, which runs OCR and the token reader, report each run with a machine id to their vendor
# unless this variable is set before it is imported. Every package imports this one first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
