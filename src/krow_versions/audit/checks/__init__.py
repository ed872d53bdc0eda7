"""The checks of an audit, one file per group of findings."""

from krow_versions.audit.checks import (
    branches,
    builds,
    changelogs,
    files,
    history,
    incidents,
    lines,
    production,
    remote,
    tags,
    visibility,
)

__all__ = ["CHECKS", "HISTORY_CHECKS"]

HISTORY_CHECKS = history.CHECKS
"""The checks of all releases."""

CHECKS = (
    *visibility.CHECKS,
    *files.CHECKS,
    *production.CHECKS,
    *lines.CHECKS,
    *builds.CHECKS,
    *tags.CHECKS,
    *HISTORY_CHECKS,
    *changelogs.CHECKS,
    *branches.CHECKS,
    *remote.CHECKS,
    *incidents.CHECKS,
)
"""All checks, in the order of their codes."""
