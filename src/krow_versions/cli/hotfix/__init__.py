"""``hotfix``: the whole process, one command per step; each looks anew and says what is next."""

from __future__ import annotations

from krow_versions.cli.hotfix import preparing, reporting, shipping
from krow_versions.cli.hotfix.common import hotfix

__all__ = ["hotfix", "preparing", "reporting", "shipping"]
