"""``hotfix``: one command per step; each looks at git and the files anew, and says what is next."""

from __future__ import annotations

from krow_versions.cli.hotfix import (
    abandon,
    amend,
    announce,
    check,
    deploy,
    finish,
    pr,
    report,
    rollback,
    start,
    status,
)
from krow_versions.cli.hotfix import list as list_
from krow_versions.cli.hotfix import next as next_
from krow_versions.cli.hotfix.common import hotfix

__all__ = [
    "abandon",
    "amend",
    "announce",
    "check",
    "deploy",
    "finish",
    "hotfix",
    "list_",
    "next_",
    "pr",
    "report",
    "rollback",
    "start",
    "status",
]
