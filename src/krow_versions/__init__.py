r"""Know, move and audit the version of every product in a multi-repository codebase.

>>> import krow_versions as kv
>>> kv.Version.parse("0.1.0+5").next_patch()
Version('0.1.1+6')
>>> kv.set_version("version: 0.1.0+5  # shipped\n", "0.1.1+6", format="pubspec")
'version: 0.1.1+6  # shipped\n'
>>> import datetime
>>> row = kv.ChangelogRow(datetime.date(2026, 3, 5), kv.Version(0, 1, 1), "HOTFIX: Crash on login")
>>> kv.insert_row("|Date|Version|Change|\n|---|---|---|\n", row)
'|Date|Version|Change|\n|---|---|---|\n|2026-03-05|0.1.1|HOTFIX: Crash on login|\n'
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krow_versions.audit import Finding, Report
    from krow_versions.baseline import Baseline
    from krow_versions.bump_rule import Outcome, Shipped, bump
    from krow_versions.changelog import ChangelogRow, ReadRow, insert_row, new_changelog, read_rows
    from krow_versions.edits import Edit, Span, apply_edits
    from krow_versions.errors import (
        AmbiguousVersion,
        Busy,
        ConfigError,
        Conflict,
        FileFormatError,
        GitError,
        InputError,
        InternalError,
        InvalidVersion,
        KrowVersionsError,
        OperationFailed,
        Problems,
        Unsupported,
        UsageError,
        VersionNotFound,
    )
    from krow_versions.fleet import WorkspaceReport, audit_many
    from krow_versions.formats import (
        Document,
        Format,
        KeyPath,
        Kind,
        Outline,
        Package,
        Packaging,
        Pin,
        Scalar,
        format_named,
        read_version,
        set_version,
    )
    from krow_versions.history import History, Release
    from krow_versions.hotfix import Status
    from krow_versions.names import HotfixBranch, NamePattern, ReleaseTag
    from krow_versions.planning.bump import plan_bump
    from krow_versions.planning.changelog_row import RowChange
    from krow_versions.planning.changes import FileChange
    from krow_versions.planning.pins import PinChange
    from krow_versions.planning.plan import Plan, ProductPlan
    from krow_versions.products import Catalog, Product, VersionFile
    from krow_versions.snapshot import Snapshot
    from krow_versions.tables import Table, Tabular
    from krow_versions.version import Version
    from krow_versions.workspace import Workspace
    from krow_versions.workspace.applied import Applied
    from krow_versions.workspace.hotfix.view import HotfixView
    from krow_versions.workspace.product_view import ProductView

    __version__: str

__all__ = [
    "AmbiguousVersion",
    "Applied",
    "Baseline",
    "Busy",
    "Catalog",
    "ChangelogRow",
    "ConfigError",
    "Conflict",
    "Document",
    "Edit",
    "FileChange",
    "FileFormatError",
    "Finding",
    "Format",
    "GitError",
    "History",
    "HotfixBranch",
    "HotfixView",
    "InputError",
    "InternalError",
    "InvalidVersion",
    "KeyPath",
    "Kind",
    "KrowVersionsError",
    "NamePattern",
    "OperationFailed",
    "Outcome",
    "Outline",
    "Package",
    "Packaging",
    "Pin",
    "PinChange",
    "Plan",
    "Problems",
    "Product",
    "ProductPlan",
    "ProductView",
    "ReadRow",
    "Release",
    "ReleaseTag",
    "Report",
    "RowChange",
    "Scalar",
    "Shipped",
    "Snapshot",
    "Span",
    "Status",
    "Table",
    "Tabular",
    "Unsupported",
    "UsageError",
    "Version",
    "VersionFile",
    "VersionNotFound",
    "Workspace",
    "WorkspaceReport",
    "apply_edits",
    "audit_many",
    "bump",
    "format_named",
    "insert_row",
    "new_changelog",
    "plan_bump",
    "read_rows",
    "read_version",
    "set_version",
]

if not TYPE_CHECKING:
    # Everything is loaded when it is first asked for: a program must be able to begin, and to set what it
    # loads from, before it loads anything; and an importer of a few names does not pay for the others.
    _HOMES = {
        "krow_versions.audit": ("Finding", "Report"),
        "krow_versions.baseline": ("Baseline",),
        "krow_versions.products": ("Catalog", "Product", "VersionFile"),
        "krow_versions.changelog": ("ChangelogRow", "ReadRow", "insert_row", "new_changelog", "read_rows"),
        "krow_versions.edits": ("Edit", "Span", "apply_edits"),
        "krow_versions.errors": (
            "AmbiguousVersion",
            "Busy",
            "ConfigError",
            "Conflict",
            "FileFormatError",
            "GitError",
            "InputError",
            "InternalError",
            "InvalidVersion",
            "KrowVersionsError",
            "OperationFailed",
            "Problems",
            "Unsupported",
            "UsageError",
            "VersionNotFound",
        ),
        "krow_versions.fleet": ("WorkspaceReport", "audit_many"),
        "krow_versions.formats": (
            "Document",
            "Format",
            "KeyPath",
            "Kind",
            "Outline",
            "Package",
            "Packaging",
            "Pin",
            "Scalar",
            "format_named",
            "read_version",
            "set_version",
        ),
        "krow_versions.history": ("History", "Release"),
        "krow_versions.hotfix": ("Status",),
        "krow_versions.names": ("HotfixBranch", "NamePattern", "ReleaseTag"),
        "krow_versions.planning.bump": ("plan_bump",),
        "krow_versions.planning.changelog_row": ("RowChange",),
        "krow_versions.planning.pins": ("PinChange",),
        "krow_versions.planning.changes": ("FileChange",),
        "krow_versions.planning.plan": ("Plan", "ProductPlan"),
        "krow_versions.bump_rule": ("Outcome", "Shipped", "bump"),
        "krow_versions.snapshot": ("Snapshot",),
        "krow_versions.tables": ("Table", "Tabular"),
        "krow_versions.version": ("Version",),
        "krow_versions.workspace": ("Workspace",),
        "krow_versions.workspace.applied": ("Applied",),
        "krow_versions.workspace.hotfix.view": ("HotfixView",),
        "krow_versions.workspace.product_view": ("ProductView",),
    }

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import version

            return version("krow-versions")
        for home, names in _HOMES.items():
            if name in names:
                from importlib import import_module

                globals()[name] = found = getattr(import_module(home), name)
                return found
        from importlib import import_module
        from importlib.util import find_spec

        # Rooms such as `errors` were always there after an import of the package, and type checkers see them.
        if not name.startswith("_") and find_spec(f"{__name__}.{name}") is not None:
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
