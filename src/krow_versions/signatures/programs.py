"""Run a program that verifies a signature: found on PATH, outside of the checkout, in a clean environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.git.process import Finished, encoded, last_lines
from krow_versions.git.running import find_program, run_to_end
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

TIME_LIMIT = 20.0
"""Seconds that a process may take."""


class NotVerified(Exception):  # Caught in this room: it becomes a verdict.
    """A program is missing, or failed in a way that says nothing about the signature."""


@frozen
class Programs:
    """The programs on PATH, and a temporary folder for what they read.

    Attributes:
        home: the folder, which is also their home.
        outside: folders whose programs are not run.
    """

    home: str
    outside: tuple[str, ...] = ()
    _found: dict[str, str | None] = field(factory=dict, init=False)

    def run(self, name: str, arguments: Sequence[str], stdin: bytes = b"") -> Finished:
        """Run a program in its home, and return its result, whatever the exit code.

        Raises:
            NotVerified: it is missing, cannot be started, took too long or printed too much.
        """
        if name not in self._found:
            self._found[name] = find_program(name, self._search_path)
        program = self._found[name]
        if program is None:
            raise NotVerified(f"there is no {name} in an absolute folder of PATH")
        command = [encoded(each) for each in (program, *arguments)]
        return Finished(
            *run_to_end(
                name,
                command,
                failed=NotVerified,
                cwd=self.home,
                env=self._environment,
                stdin=stdin,
                timeout=TIME_LIMIT,
                limit=_OUTPUT_LIMIT,
            )
        )

    def write(self, name: str, data: bytes) -> str:
        """Write a file into the home; return its path."""
        path = os.path.join(self.home, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    @property
    def _search_path(self) -> str:
        folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
        return os.pathsep.join(filter(self._is_outside, folders)) or f"{os.devnull}/none"

    def _is_outside(self, folder: str) -> bool:
        """Whether a folder of PATH is absolute and not in the checkout."""
        if not os.path.isabs(folder):
            return False
        real = files.real_path(folder)
        return not any(files.below(files.real_path(each), real) is not None for each in self.outside)

    @property
    def _environment(self) -> dict[str, str]:
        # ssh-keygen reads dates in the zone of the user, as for git.
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TZ") if name in os.environ}
        return kept | {
            "PATH": self._search_path,
            "LC_ALL": "C",
            "HOME": self.home,
            "GNUPGHOME": self.home,
            "TMPDIR": self.home,
        }


def said(finished: Finished) -> str:
    """Return the end of what a program printed, on one line and safe to show."""
    return last_lines(finished.stderr) or f"exit code {finished.returncode}"


_OUTPUT_LIMIT = 1 << 20
