"""The incident document: one value with all that is known, in Markdown and as JSON."""

from __future__ import annotations

from krow_versions.hotfix.report.json import schema, to_json
from krow_versions.hotfix.report.markdown import to_markdown
from krow_versions.hotfix.report.model import Incident, incident_of

__all__ = ["Incident", "incident_of", "schema", "to_json", "to_markdown"]
