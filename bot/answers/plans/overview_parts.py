"""The parts of an answer from a document's overview: purpose, points, targets, and what changed."""

from collections.abc import Sequence

from bot.answers.plans.quoting_writer import QuotingWriter, as_list
from bot.languages import nest_quotes
from bot.state import Part, SourceLine, Statement, TableRows, paragraph, service_message
from ingest.documents import Document
from ingest.japanese.markers import strip_heading_number
from ingest.overview import DocumentOverview, OutlinedSection, OverviewChanges, StatedTarget

_MAX_POINTS = 5
_MAX_TARGETS = 8
# Headings named in one line, and headings listed as added or removed.
_MAX_HEADINGS = 6
# Characters; a longer heading is not named in a line.
_MAX_HEADING_LENGTH = 30
# Stands in a table for the value that a plan does not have.
_NO_VALUE = "−"


def summary_parts(document: Document, overview: DocumentOverview, writer: QuotingWriter) -> list[Part]:
    """Return the purpose of the document in one sentence, then its points and headings."""
    if overview.purpose:
        first = paragraph(writer.cite(overview.purpose.passage_id, overview.purpose.text))
    else:
        title = nest_quotes(document.title)
        day = document.published or document.date_in_text
        introduction = (
            service_message("overview_of_date", title=title, date=day)
            if day
            else service_message("overview_of", title=title)
        )
        first = paragraph(introduction)
    return [first, *point_parts(overview, writer)]


def point_parts(overview: DocumentOverview, writer: QuotingWriter) -> list[Part]:
    """Return the main points, the targets and the outermost headings."""
    parts = list[Part]()
    points = overview.points[:_MAX_POINTS] or ((overview.purpose,) if overview.purpose else ())
    if points:
        statements = (writer.cite(point.passage_id, point.text) for point in points)
        parts += [paragraph(service_message("overview_points")), as_list(statements)]
    targets = overview.targets[:_MAX_TARGETS]
    if targets:
        lines = (
            writer.cite(target.passage_id, target.value, f"{target.indicator}：{target.value}") for target in targets
        )
        parts += [paragraph(service_message("overview_targets")), as_list(lines)]
    outermost = [section.heading for section in overview.sections if section.depth == 0]
    headings = [heading for heading in outermost if len(heading) <= _MAX_HEADING_LENGTH]
    if len(headings) > 1:
        key = "overview_sections_more" if len(headings) > _MAX_HEADINGS else "overview_sections"
        parts.append(paragraph(service_message(key, headings=_join_headings(headings), count=str(len(headings)))))
    return parts


def change_parts(old: Document, new: Document, changes: OverviewChanges, writer: QuotingWriter) -> list[Part]:
    """Return the changes of the new document: added and removed headings, principles, targets, and what it keeps."""
    old_title, new_title = nest_quotes(old.title), nest_quotes(new.title)
    kept = [section for _, section in changes.sections.kept]
    if changes.is_empty:
        same = [_cite_heading(section, writer) for section in kept[:1]]
        return [paragraph(service_message("changes_none", old=old_title, new=new_title), *same)]
    parts: list[Part] = [paragraph(service_message("changes_from", old=old_title, new=new_title))]
    parts += _section_parts("changes_added", changes.sections.added, writer)
    parts += _section_parts("changes_removed", changes.sections.removed, writer)
    for old_principle, new_principle in changes.principles:
        statements = [writer.cite(point.passage_id, point.text) for point in (old_principle, new_principle)]
        parts.append(paragraph(service_message("changes_principle", heading=nest_quotes(new_principle.heading))))
        parts.append(as_list(statements))
    parts += _target_table(old, new, changes, writer)
    if kept:
        headings = [strip_heading_number(section.heading) for section in kept]
        parts.append(
            paragraph(service_message("changes_kept", headings=_join_headings(headings), count=str(len(kept))))
        )
    return parts


def _section_parts(message_key: str, sections: Sequence[OutlinedSection], writer: QuotingWriter) -> list[Part]:
    measures = [section for section in sections if section.depth > 0] or sections
    if not measures:
        return []
    headings = (_cite_heading(section, writer) for section in measures[:_MAX_HEADINGS])
    return [paragraph(service_message(message_key, count=str(len(measures)))), as_list(headings)]


def _cite_heading(section: OutlinedSection, writer: QuotingWriter) -> Statement:
    return writer.cite(section.passage_id, "", strip_heading_number(section.heading))


def _join_headings(headings: Sequence[str]) -> str:
    return "」「".join(map(nest_quotes, headings[:_MAX_HEADINGS]))


def _target_table(old: Document, new: Document, changes: OverviewChanges, writer: QuotingWriter) -> list[Part]:
    pairs: list[tuple[StatedTarget | None, StatedTarget | None]] = [*changes.targets.kept]
    pairs += [(None, target) for target in changes.targets.added]
    pairs += [(target, None) for target in changes.targets.removed]
    rows, lines = list[tuple[str, ...]](), list[Statement]()
    for pair in pairs[:_MAX_TARGETS]:
        targets = [target for target in pair if target]
        cited = [writer.cite(target.passage_id, target.value).cited[0] for target in targets]
        indicator = targets[-1].indicator
        old_value, new_value = (target.value if target else _NO_VALUE for target in pair)
        rows.append((indicator, old_value, new_value))
        lines.append(Statement(f"{indicator}：{old_value} → {new_value}", tuple(dict.fromkeys(cited))))
    if not rows:
        return []
    return [
        TableRows(
            SourceLine((service_message("changes_targets"),)),
            ("指標", old.title, new.title),
            tuple(rows),
            tuple(dict.fromkeys(number for line in lines for number in line.cited)),
            lines=tuple(lines),
        )
    ]
