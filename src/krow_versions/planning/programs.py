"""The action that runs a program which is neither ours nor git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.text.escaping import here_document, shell_command, shell_word
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    import datetime as dt


@frozen
class RunProgram:
    """Run a program in the repository's folder, on the user's own terminal.

    Attributes:
        argv: the program and its arguments.
        box: the box of the checklist that its success ticks; ``deployed`` records time and exit code.
        place: for a ``gh ... create`` the repository on GitHub, ``HOST/OWNER/NAME``; else empty. It runs
            outside of the repository here, and what somebody else made meanwhile counts as made.
        tag: the production tag that it deploys, or empty.
        stdin: the text that it gets on its standard input; empty: that of this program.
        sends: the name of the text of the process that it sends, which its success records; or empty.
        errors: for the follow-up, the errors since the deployment, as people counted them.
        beyond: of a deployment or a text, when the start was recorded that is known to be over, and is
            repeated; after a later one the program is not run. None: after any.
        known: of a deployment, how many of its tag had succeeded when it was planned; after a further one
            the program is not run.
    """

    repo: str
    argv: tuple[str, ...]
    box: str = ""
    root: str = ""
    place: str = ""
    tag: str = ""
    stdin: str = field(default="", repr=False)
    sends: str = ""
    errors: str = ""
    beyond: dt.datetime | None = field(default=None, repr=False)
    known: int = field(default=0, repr=False)

    @property
    def is_noted(self) -> bool:
        """Whether the record notes how it ended."""
        return bool(self.box or self.sends)

    @property
    def command(self) -> str:
        """The program and its arguments, quoted for the shell; what it reads is a here-document."""
        folder = f"cd {shell_word(self.root)} && " if self.root and not self.place else ""
        return folder + shell_command(self.argv) + (here_document(self.stdin) if self.stdin else "")
