"""A report as JSON: the document of ``Report.to_json``."""

from __future__ import annotations

from krow_versions.audit.render.document import written
from krow_versions.audit.render.model import OutputFormat

FORMAT = OutputFormat("json", "programs", lambda report, _: written(report.to_json()), endings=(".json",))
