"""The way from a question to its answer: its steps and answerers (`build`), and how they run (`pipeline`)."""

from bot.answering.pipeline.build import OpenedIndex, open_pipeline
from bot.answering.pipeline.pipeline import Pipeline

__all__ = ["OpenedIndex", "Pipeline", "open_pipeline"]
