"""The incident document in Markdown: what happened and when, and the questions of the post-mortem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.deployments import deployments_table
from krow_versions.hotfix.done import checklist
from krow_versions.hotfix.texts import render, values
from krow_versions.hotfix.timeline import timeline
from krow_versions.tables import Table
from krow_versions.text.escaping import one_line
from krow_versions.text.markdown import inline, paragraphs
from krow_versions.text.times import UNKNOWN, at

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from krow_versions.hotfix.done import Checked
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate
    from krow_versions.hotfix.record import Record
    from krow_versions.products import Catalog
    from krow_versions.settings import Hotfix

QUESTIONS = (
    ("What happened?", "In the order of events, from the first sign to the resolution."),
    ("What was the root cause?", "Not the change that broke it, but why that change could."),
    ("Why was it not caught?", "In review, in staging, by monitoring."),
    ("What testing was missed?", "The test that would have failed, and where it belongs."),
    ("How is it prevented from now on?", "Each measure with who does it and until when."),
)


def report(
    facts: Facts,
    record: Record,
    gates: tuple[Gate, ...],
    *,
    catalog: Catalog,
    settings: Hotfix,
    now: dt.datetime,
    templates: Mapping[str, str] | None = None,
) -> str:
    """Write the incident document of a hotfix; all texts in it are escaped.

    Args:
        facts: what git and the files say.
        record: what people said.
        gates: the result of ``check`` for *facts*.
        catalog: the patterns of names.
        settings: contacts and channel.
        now: the date of the document.
        templates: the configured texts.
    """
    filled = values(facts, record, catalog, settings)
    parts = [
        f"# Incident: {inline(filled['title'])} {inline(filled['version'])}",
        f"Written {at(now)}.",
        *_header(filled, record, facts, now),
        *_timeline(facts, record, now),
        *_deployments(record),
        "## Checklist",
        _checklist(checklist(facts, record, gates)),
        *_changes(facts),
        "## Announcement",
        _code(render("announcement", filled, templates)),
        "## Post-mortem",
        *(f"### {question}\n\n{hint}\n\n_____\n\n_____" for question, hint in QUESTIONS),
        "## Emergency contacts",
        _contacts(settings),
    ]
    return "\n\n".join(parts) + "\n"


def _header(filled: Mapping[str, str], record: Record, facts: Facts, now: dt.datetime) -> Iterator[str]:
    labels = {
        "product": "Product",
        "version": "Version",
        "base": "Started from",
        "branch": "Branch",
        "tag": "Tag",
        "severity": "Severity",
        "environment": "Environment",
        "issue": "Issue",
        "impact": "Impact",
        "solution": "Solution",
        "tested": "Tested",
        "who": "Declared by",
        "detected": "Detected",
        "started": "Declared",
        "deployed": "Deployed",
        "resolved": "Resolved",
        "total": "From detection to resolution",
    }
    rows = [(label, one_line(filled.get(name, UNKNOWN))) for name, label in labels.items()]
    planned = timeline(record, facts, now)
    if planned:
        rows.append(("Limit", str(planned.limit)))
    yield _table(("what", "said"), rows)
    notes = record.said("notes")
    if notes.strip():
        yield "## Notes"
        yield paragraphs(notes)


def _timeline(facts: Facts, record: Record, now: dt.datetime) -> Iterator[str]:
    yield "## Timeline"
    found = timeline(record, facts, now)
    if found is None:
        yield "Nothing is recorded here of when it was declared."
        return
    yield found.to_markdown()
    yield "## Time limits"
    yield found.limits_table().to_markdown()


def _deployments(record: Record) -> Iterator[str]:
    table = deployments_table(record)
    if table.rows:
        yield "## Deployments"
        yield table.to_markdown()


def _checklist(boxes: Iterable[Checked]) -> str:
    lines = []
    for each in boxes:
        more = f" ({inline(each.when)})" if each.when else " (not known)" if each.done is None else ""
        lines.append(f"- [{'x' if each.done else ' '}] {inline(each.box.label)}{more}")
        for item, when in each.items:
            said = f" ({at(when)})" if when else ""
            lines.append(f"  - [{'x' if when else ' '}] {inline(item.label)}{said}")
    return "\n".join(lines)


def _changes(facts: Facts) -> Iterator[str]:
    yield "## Commits"
    commits = [(commit.id[:12], at(commit.date), one_line(commit.subject)) for commit in facts.commits]
    yield _table(("commit", "date", "subject"), commits) if commits else "None known."
    yield "## Files"
    files = [(change.path, _count(change.added), _count(change.deleted)) for change in facts.changes]
    yield _table(("file", "added", "deleted"), files) if files else "None known."


def _count(lines: int | None) -> str:
    return "binary" if lines is None else str(lines)


def _code(text: str) -> str:
    """Format *text* as an indented code block, which no text can end early."""
    return "\n".join(f"    {line}" if line else "" for line in text.strip("\n").split("\n"))


def _contacts(settings: Hotfix) -> str:
    rows = [(one_line(role), one_line(reach)) for role, reach in settings.contacts.items()]
    rows += [("Channel", one_line(settings.channel))] if settings.channel else []
    return _table(("who", "how"), rows) if rows else "None are configured."


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return Table(columns, tuple(rows)).to_markdown(links=True)
