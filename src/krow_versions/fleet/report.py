"""What a fleet knows of one workspace: its findings, and the versions of its products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.audit.model import Finding
from krow_versions.audit.report import COLUMNS, finding_json, reaches, summary_of, table_of_all
from krow_versions.tables import Data, Table, Tabular
from krow_versions.text.escaping import printable
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = 1


@frozen
class FleetProduct:
    """One product of one workspace.

    Attributes:
        product: its name in that workspace.
        version: the version in its files, with the highest build; None if they differ or one has none.
        next: the version that a bump would give, or None if it would be refused.
        stages: the highest version that is tagged in each stage, by the name of the stage.
        drift: how its files relate to production, as the drift matrix says it: ``behind``, ``at production``;
            of files that differ the worst. None if it has no file.
        hotfixes: the versions of its hotfix branches that are under way here.
        baseline: what is in production, or None if that is not known.
        baseline_source: how that is known: ``tag``, ``head`` or ``file``; None if it is not.
        baseline_revision: the tag or commit, or None.
    """

    product: str
    version: str | None
    next: str | None = None
    stages: Mapping[str, str] = field(factory=dict)
    drift: str | None = None
    hotfixes: tuple[str, ...] = ()
    baseline: str | None = None
    baseline_source: str | None = None
    baseline_revision: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return its part of the document; what ``show --json`` has is called so here, too."""
        return {
            "product": self.product,
            "version": self.version,
            "baseline": self.baseline,
            "baseline_source": self.baseline_source,
            "baseline_revision": self.baseline_revision,
            "next": self.next,
            "stages": dict(self.stages),
            "drift": self.drift,
            "hotfixes": list(self.hotfixes),
        }


@frozen(repr=False)
class WorkspaceReport(Tabular):
    """The findings of one workspace of a fleet, or why it could not be audited.

    Attributes:
        path: its folder, as it was given.
        findings: as in :class:`Report`.
        products: the products that were checked.
        error: why it could not be audited, with what to do, in one line; None if it was.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    products: tuple[FleetProduct, ...] = ()
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it was audited, and has neither an error nor a warning."""
        return self.error is None and not reaches(self.findings, "warning")

    @property
    def summary(self) -> str:
        """The number of findings of each severity, or the error."""
        if self.error is not None:
            return f"error: {self.error}"
        return summary_of(self.findings, [each.product for each in self.products])

    def to_table(self) -> Table:
        """Return a table with one row per finding, or with the error."""
        findings = self.findings
        if self.error is not None:
            findings = (Finding("", "error", None, "", self.path, None, self.error, ""),)
        table = table_of_all(findings, f"{self.path}: {self.summary}")
        found: list[dict[str, Any]] = [{"about": each.about, **finding_json(each)} for each in self.findings]
        if self.error is not None:
            found = [{"severity": "error", "message": self.error}]
        data = Data.of(f"workspace {COLUMNS}", ({"workspace": self.path, **each} for each in found))
        return evolve(table, data=data)

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``fleet audit --json`` prints in one line."""
        return {
            "schema": SCHEMA,
            "path": self.path,
            "ok": self.ok,
            "findings": [finding_json(each) for each in self.findings],
            "products": [each.to_json() for each in self.products],
            "error": self.error,
        }

    def __repr__(self) -> str:
        return f"<WorkspaceReport of {printable(self.path)}: {printable(self.summary)}>"
