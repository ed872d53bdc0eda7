"""The action that shares the record of a hotfix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.text.escaping import shell_command
from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.planning.commands import Calls


@frozen
class ShareRecord:
    """Push the record of a hotfix to a ref of its own, merged with what the remote has of it.

    Where the remote refuses it or does not answer, that is a warning, and the record here stays.

    Attributes:
        remote: the remote's name.
        ref: the full name of the ref, here and there.
        calls: how people call krow-versions and git for the hotfix.
    """

    repo: str
    remote: str
    ref: str
    calls: Calls

    @property
    def command(self) -> str:
        """One git command, after the commit of the record is made, which nobody types."""
        push = shell_command([self.remote, self.ref])
        return f"{self.calls.git} push {push}    # shares the record"
