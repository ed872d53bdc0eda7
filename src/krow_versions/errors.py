"""The exceptions of krow-versions, one place, data on the exception.

Every error says *what* is wrong, *where* (file, line, column, key), and *what to do next*.
There are three families, by who can mend it, and one for the world outside:

- :class:`InputError`: something that you gave is wrong (a file, a version, an argument, a state).
- :class:`Unsupported`: it may be right, but this library does not edit it safely, so it does not try.
- :class:`InternalError`: a bug in krow-versions; nothing was written.
- :class:`OperationFailed`: git or the file system failed; what was changed has been restored.

Exit codes belong to the command line alone; see ``krow_versions.cli``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from krow_versions.text.escaping import SHOWN_LENGTH, printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable


class KrowVersionsError(Exception):
    r"""Base of every error that krow-versions raises on purpose.

    Attributes:
        message: what is wrong and why, one sentence.
        path: the file, as the user knows it (relative to its repository), or None.
        line: line in that file, counted from 1 (only ``\n`` ends a line), or None.
        column: column in that line in characters, counted from 1, or None.
        excerpt: that line of the file, for a caret under the column, or None.
        key: the key path in the file, such as ``project.version``, or None.
        hint: what to do next, one sentence, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        excerpt: str | None = None,
        key: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.excerpt = excerpt
        self.key = key
        self.hint = hint

    def located(self, text: str, offset: int) -> Self:
        """Add line, column and excerpt of the *offset* (in characters) in *text*; return self."""
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - start + 1
        self.excerpt = text[start : len(text) if end < 0 else end].rstrip("\r")
        return self

    def in_file(self, path: str, key: str | None = None) -> Self:
        """Name the file (and key) where that is not known yet; return self."""
        self.path = self.path or path
        self.key = self.key or key
        return self

    @property
    def where(self) -> str:
        """``path:line:column``, as far as known; empty when nothing is known."""
        if self.path is None:
            return f"line {self.line}" if self.line else ""
        parts = [printable(self.path)]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        key = f" [{printable(self.key)}]" if self.key and self.key not in self.message else ""
        lines = [f"{where}{printable(self.message)}{key}"]
        lines += self._caret()
        if self.hint:
            lines.append(f"  hint: {printable(self.hint)}")
        return "\n".join(lines)

    def _caret(self) -> list[str]:
        if not self.excerpt or self.column is None or self.column > SHOWN_LENGTH:
            return []
        shown = printable(self.excerpt[:SHOWN_LENGTH])
        indent = len(printable(self.excerpt[: self.column - 1]))
        return [f"    {shown}", f"    {' ' * indent}^"]


# --- your input -----------------------------------------------------------------------------


class InputError(KrowVersionsError):
    """Something that was given is wrong; nothing was written."""


class UsageError(InputError):
    """The call itself is wrong: an unknown product, a bad option, no workspace."""


class InvalidVersion(InputError, ValueError):
    """Not a version by the semver grammar, or longer than any real one."""


class InvalidBuild(InvalidVersion):
    """The build metadata is no whole number, so it cannot be counted up."""


class PrereleaseVersion(InvalidVersion):
    """A pre-release is no production version: a hotfix cannot start from it."""


class LimitExceeded(InputError):
    """A build number over the product's limit."""


class EncodingError(InputError):
    """The bytes are not UTF-8, or hold a NUL."""


class FileFormatError(InputError):
    """The file does not follow its own format's syntax, or is not what its name says."""


class VersionNotFound(InputError):
    """The file has no version where its format keeps it."""


class AmbiguousVersion(InputError):
    """The file carries several versions, or carries one in a way that has several readings."""


class VersionNotString(InputError):
    """There is a value, but a number, a list or nothing rather than text."""


class FileTooLarge(InputError):
    """A version file over the size limit of its format."""


class NotRegularFile(InputError):
    """A directory, pipe, socket or device stands where a version file should be."""


class UnsafePath(InputError):
    """A path that leaves its repository or enters git's own folder."""


class Conflict(InputError):
    """A file is neither at the baseline nor at the target, or the target is not to be had."""


class ConcurrentEdit(InputError):
    """A file changed between being read and being written; nothing was overwritten."""


class DirtyTree(InputError):
    """Tracked files differ from HEAD, so switching could mix or lose somebody's work."""


class OperationUnderWay(InputError):
    """Git is in the middle of a merge, a rebase or the like, which the user has to end first."""


class RefConflict(InputError):
    """A branch or tag is not to be had: it is there already, is not there, or another name excludes it."""


class BranchBusy(InputError):
    """The branch is checked out in another working tree."""


class TagElsewhere(InputError):
    """The tag is there already, but is another one; it is never moved."""


class NotFastForward(InputError):
    """The branch has commits of its own, so it cannot simply move forward."""


class NoIdentity(InputError):
    """Git does not know who commits and tags here."""


class SeveralErrors(InputError):
    """Several independent problems, told all at once.

    Attributes:
        errors: the problems, in the order of the files they are about.
    """

    def __init__(self, errors: Iterable[KrowVersionsError]) -> None:
        self.errors = tuple(errors)
        super().__init__(f"{len(self.errors)} problems")

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


# --- unsupported ----------------------------------------------------------------------------


class Unsupported(KrowVersionsError):
    """It may be valid, but is not edited here, because it could not be done safely."""


class UnsupportedLayout(Unsupported):
    """The version is written in a way whose edit would be a guess: an alias, a block scalar."""


class UnsupportedRepository(Unsupported):
    """A repository state that questions cannot be answered in: bare, shallow without its tags."""


# --- the world outside ----------------------------------------------------------------------


class OperationFailed(KrowVersionsError):
    """Git or the file system failed; what was changed has been restored."""


class FileSystemError(OperationFailed):
    """Reading or writing a file failed."""


class GitError(OperationFailed):
    """The git program is missing, failed, or took too long."""


class GitMissing(GitError):
    """There is no git program on PATH."""


class Busy(OperationFailed):
    """Another run holds the lock of this repository."""


class GitLocked(Busy):
    """Another git is at work in this repository, or one was killed and left its lock.

    Attributes:
        lock: the lock's file; it is never removed here.
        since: when it was made; its age is the caller's to tell, who has the clock.
    """

    def __init__(self, message: str, *, lock: str, since: dt.datetime, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.lock = lock
        self.since = since


class PushRejected(GitError):
    """The remote took none of the refs that it was offered.

    Attributes:
        reasons: full ref name to the reason of git, the remote or its hook; those refused for
            their own sake first, then those refused with them.
    """

    def __init__(self, message: str, *, reasons: dict[str, str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reasons = reasons


# --- our bug --------------------------------------------------------------------------------


class InternalError(KrowVersionsError):
    """A promise of this library would have been broken; it stopped before writing.

    Attributes:
        before: the text before the edit, for the bug report.
        after: the text that failed the check.
    """

    def __init__(self, message: str, *, before: str = "", after: str = "") -> None:
        super().__init__(
            f"bug in krow-versions, nothing was written: {message}",
            hint="please report it with the file that it happened on",
        )
        self.before = before
        self.after = after


def raise_all(errors: Iterable[KrowVersionsError]) -> None:
    """Raise nothing for no error, the error itself for one, :class:`SeveralErrors` for more."""
    found = tuple(errors)
    if len(found) == 1:
        raise found[0]
    if found:
        raise SeveralErrors(found)
