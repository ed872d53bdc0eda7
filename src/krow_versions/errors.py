"""The exceptions of krow-versions, one place, data on the exception.

Every error says *what* is wrong, *where* (file, line, column, key), and *what to do next*.
There are three families, by who can correct it, and one for a bug of ours:

- :class:`InputError`: something that you gave is wrong (a file, a version, an argument, a state).
- :class:`Unsupported`: it may be right, but this library does not edit it safely, so it does not try.
- :class:`OperationFailed`: git or the file system failed; what was changed has been restored.
- :class:`InternalError`: a bug in krow-versions; nothing was written.

Several independent errors are raised together, as :class:`Problems`: an ``ExceptionGroup``.

Exit codes belong to the command line alone; see ``krow_versions.cli``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

from krow_versions.text.escaping import SHOWN_LENGTH, printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence


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

    def advise(self, hint: str, *, keep: bool = False) -> Self:
        """Say what to do next, instead of the hint so far or, to *keep* that, after it; return self."""
        self.hint = f"{self.hint}; {hint}" if keep and self.hint else hint
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

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the facts, whatever the arguments that the class takes."""
        return _rebuilt, (type(self), self.args), self.__dict__

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


class ConfigError(UsageError):
    """A mistake in the configuration; it names file, line and key path."""


class InvalidVersion(InputError, ValueError):
    """No version by the semver grammar, too long, no text, or with build metadata that is no number."""


class PrereleaseVersion(InvalidVersion):
    """A pre-release is no production version: a hotfix cannot start from it."""


class EncodingError(InputError):
    """The bytes are not UTF-8, or hold a NUL."""


class FileFormatError(InputError):
    """The file does not follow its own format's syntax, or is not what its name says."""


class VersionNotFound(InputError):
    """The file has no version where its format keeps it."""


class AmbiguousVersion(InputError):
    """The file carries several versions, or carries one in a way that has several readings."""


class FileTooLarge(InputError):
    """A file over the size limit of what it is."""


class NotRegularFile(InputError):
    """A directory, pipe, socket or device stands where a file should be."""


class UnsafePath(InputError):
    """A path that leaves its repository or enters git's own folder."""


class ConcurrentEdit(InputError):
    """A file changed between being read and being written; nothing was overwritten."""


class Conflict(InputError):
    """What is there excludes what was asked for: a file, the working tree, a branch or a tag.

    Attributes:
        baseline: of a version file, the :class:`Version` in production; else None.
        target: of a version file, the :class:`Version` that should ship; else None.
        found: of a version file, the :class:`Version` that it holds; else None.
    """

    def __init__(
        self,
        message: str,
        *,
        baseline: Any = None,
        target: Any = None,
        found: Any = None,
        path: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, path=path, hint=hint)
        self.baseline = baseline
        self.target = target
        self.found = found


class RefConflict(Conflict):
    """A branch or tag cannot be created, moved or used: it exists, is another, is missing or is in use."""


# --- unsupported ----------------------------------------------------------------------------


class Unsupported(KrowVersionsError):
    """It may be valid, but is not edited here, because it could not be done safely.

    Examples: a version that is an alias or a block scalar; a bare, partial or shallow repository.
    """


# --- the world outside ----------------------------------------------------------------------


class OperationFailed(KrowVersionsError):
    """Git or the file system failed; what was changed has been restored."""


class FileSystemError(OperationFailed):
    """Reading or writing a file failed."""


class GitError(OperationFailed):
    """The git program is missing, failed, or took too long."""


class GitMissing(GitError):
    """There is no git program on PATH."""


class PushRejected(GitError):
    """The remote took none of the refs that it was offered.

    Attributes:
        reasons: full ref name to the reason of git, the remote or its hook; those refused for
            their own sake first, then those refused with them.
    """

    def __init__(self, message: str, *, reasons: dict[str, str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reasons = reasons


class Busy(OperationFailed):
    """Another run, or another git, holds the lock of this repository, or was killed and left it.

    Attributes:
        lock: the lock's file where it is git's, which is never removed here; else None.
        since: when that was made, or None; the age is for the caller to print, who has the clock.
    """

    def __init__(
        self,
        message: str,
        *,
        lock: str | None = None,
        since: dt.datetime | None = None,
        path: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, path=path, hint=hint)
        self.lock = lock
        self.since = since


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


# --- several at once ------------------------------------------------------------------------


class Problems(ExceptionGroup[KrowVersionsError], KrowVersionsError):  # type: ignore[override]  # message
    """Several independent errors, in the order of the files that they are about.

    ``except* Conflict`` takes the conflicts out of it; ``except KrowVersionsError`` takes it whole.
    """

    def __new__(cls, errors: Iterable[KrowVersionsError]) -> Self:
        """Group *errors*, at least one; a group among them gives its members."""
        found = [member for error in errors for member in members(error)]
        return super().__new__(cls, f"{len(found)} problems", found)

    def __init__(self, _: Iterable[KrowVersionsError]) -> None:
        self.path = self.line = self.column = self.excerpt = self.key = self.hint = None

    def derive(self, errors: Sequence[Any], /) -> Problems:  # type: ignore[override]  # Of our errors only.
        """Group a part of the errors; Python asks for it when ``except*`` takes others out."""
        return Problems(errors)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the errors."""
        return Problems, (self.exceptions,), self.__dict__

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.exceptions)


def members(error: KrowVersionsError) -> tuple[KrowVersionsError, ...]:
    """Give the errors of a group, or the one error that is none."""
    return (
        cast("tuple[KrowVersionsError, ...]", error.exceptions) if isinstance(error, Problems) else (error,)
    )


def raise_all(errors: Iterable[KrowVersionsError]) -> None:
    """Raise nothing for no error, the error itself for one, :class:`Problems` for more."""
    found = tuple(errors)
    if len(found) == 1:
        raise found[0]
    if found:
        raise Problems(found)


def _rebuilt(cls: type[KrowVersionsError], args: tuple[Any, ...]) -> KrowVersionsError:
    error = cls.__new__(cls, *args)
    error.args = args
    return error
