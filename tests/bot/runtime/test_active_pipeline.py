"""Tests of the pipeline over the current index generation."""

from threading import Thread
from typing import Any

from bot.runtime.active_pipeline import ReplacedPipelines


class StandInPipeline:
    """A pipeline that only has to stay in memory."""


def test_no_replaced_pipeline_is_lost_while_others_are_freed() -> None:
    pipelines: list[Any] = [StandInPipeline() for _ in range(400)]
    replaced = ReplacedPipelines()

    def add_all() -> None:
        for pipeline in pipelines:
            replaced.add(pipeline)

    thread = Thread(target=add_all)
    thread.start()
    while thread.is_alive():
        replaced.free()
    thread.join()
    assert len(replaced) == len(pipelines)


def test_a_pipeline_out_of_memory_is_no_longer_watched() -> None:
    pipelines: list[Any] = [StandInPipeline()]
    replaced = ReplacedPipelines()
    replaced.add(pipelines[0])
    pipelines.clear()
    replaced.free()
    assert len(replaced) == 0
