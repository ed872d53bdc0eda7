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

__all__ = ["CHECKS", "FILE_CHECKS", "HISTORY_CHECKS"]

FILE_CHECKS = files.CHECKS
"""The checks that need nothing but the version files."""

HISTORY_CHECKS = history.OF_ALL
"""The checks that need all releases."""

CHECKS = (
    *visibility.CHECKS,
    *files.CHECKS,
    *production.CHECKS,
    *lines.CHECKS,
    *builds.CHECKS,
    *tags.CHECKS,
    *history.CHECKS,
    *changelogs.CHECKS,
    *branches.CHECKS,
    *remote.CHECKS,
    *incidents.CHECKS,
)
"""All checks, in the order of their codes."""
