"""OpenTelemetry spans of the pipeline; without a collector they do nothing.

OpenTelemetry's SDK is imported only if the settings or its environment variables name a collector. Spans have no text
of questions or answers and no users: `shirube.*` are attributes of this project, `gen_ai.*` those of OpenTelemetry.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version

from opentelemetry.trace import NoOpTracer, Span, StatusCode, Tracer

from bot.monitoring.log import request_number
from ingest.configuration.settings import Settings

Attribute = str | int | float | bool
_ENDPOINT_VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_HEX = re.compile(r"(?!0{32})[0-9a-f]{32}")
_tracer: Tracer = NoOpTracer()


class TraceSpan:
    """A span of the trace; does nothing without a collector."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def note(self, **attributes: Attribute) -> None:
        """Set attributes; two underscores in a name become a full stop."""
        self._span.set_attributes({name.replace("__", "."): value for name, value in attributes.items()})

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def end(self, *, failed: str = "", **attributes: Attribute) -> None:
        """End a span of `begin_span`; `failed` is the class name of the error that ended it."""
        self.note(**attributes)
        if failed:
            self.note(error__type=failed)
            self._span.set_status(StatusCode.ERROR)
        self._span.end()

    def headers(self) -> dict[str, str]:
        """Return the headers of a call to another server: the request number and the trace context."""
        number = request_number()
        context = self._span.get_span_context()
        if context.is_valid:
            parent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
        elif number:
            parent = f"00-{request_trace_id(number)}-{secrets.token_hex(8)}-00"
        else:
            return {}
        return {"traceparent": parent, **({"X-Request-Id": number} if number else {})}


def request_trace_id(number: str) -> str:
    """Return the trace id of a request: its number if that is 32 hexadecimal digits (W3C), else a hash."""
    return number if _HEX.fullmatch(number) else hashlib.sha256(number.encode()).hexdigest()[:32]


def begin_span(name: str, **attributes: Attribute) -> TraceSpan:
    """Begin a child of the current span that the caller ends."""
    span = TraceSpan(_tracer.start_span(name))
    span.note(**attributes)
    return span


@contextmanager
def span(name: str, **attributes: Attribute) -> Iterator[TraceSpan]:
    """Trace the block as a span; an error is recorded by its class, not by its text."""
    with _tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as started:
        current = TraceSpan(started)
        current.note(**attributes)
        try:
            yield current
        except Exception as error:
            current.end(failed=type(error).__name__)
            raise


def begin_tracing(settings: Settings) -> Callable[[], None]:
    """Start sending spans to the collector, if one is configured; return a function that flushes and stops it."""
    global _tracer  # noqa: PLW0603 - one collector per process, as for the log
    if not (settings.otlp_endpoint or any(map(os.environ.get, _ENDPOINT_VARIABLES))):
        return lambda: None
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415

    class RequestIdGenerator(RandomIdGenerator):
        """Uses the request number as trace id, so that log lines and traces can be matched."""

        def generate_trace_id(self) -> int:
            number = request_number()
            return int(request_trace_id(number), 16) if number else super().generate_trace_id()

    resource = Resource.create({SERVICE_NAME: "shirube", SERVICE_VERSION: version("shirube-rag")})
    provider = TracerProvider(resource=resource, id_generator=RequestIdGenerator())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.otlp_endpoint)))
    _tracer = provider.get_tracer("shirube")

    def end() -> None:
        global _tracer  # noqa: PLW0603 - as above
        _tracer = NoOpTracer()
        provider.shutdown()

    return end
