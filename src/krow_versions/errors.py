"""The exceptions of krow-versions, with their data as attributes.

Every error says *what* is wrong, *where* (file, line, column, key), and *what to do next*.
There are four families, by who can correct the error:

- :class:`InputError`: your input is wrong (a file, a version, an argument, a state).
- :class:`Unsupported`: the input may be valid, but this library cannot edit it safely.
- :class:`OperationFailed`: git or the file system failed; changes were rolled back.
- :class:`InternalError`: a bug in krow-versions; nothing was written.

Several independent errors are raised together as :class:`Problems`, an ``ExceptionGroup``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Self, cast

from krow_versions.text.escaping import SHOWN_LENGTH, printable, quoted
from krow_versions.values import FrozenDict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence


class KrowVersionsError(Exception):
    r"""Base of every error that krow-versions raises on purpose.

    Attributes:
        message: what is wrong and why, one sentence.
        path: the file, as the user knows it (relative to its repository), or None.
        line: line in that file, counted from 1 (only ``\n`` ends a line), or None.
        column: column in that line in characters, counted from 1, or None.
        excerpt: the text of that line, for a caret under the column, or None.
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
        self.path: str | None = path
        self.line: int | None = line
        self.column: int | None = column
        self.excerpt: str | None = excerpt
        self.key: str | None = key
        self.hint: str | None = hint

    def located(self, text: str, offset: int) -> Self:
        """Add line, column and excerpt of the *offset* (in characters) in *text*; return self."""
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - start + 1
        self.excerpt = text[start : len(text) if end < 0 else end].rstrip("\r")
        return self

    def advise(self, hint: str, *, keep: bool = False) -> Self:
        """Set the hint, or append to it if *keep*; return self."""
        self.hint = f"{self.hint}; {hint}" if keep and self.hint else hint
        return self

    def in_file(self, path: str, key: str | None = None) -> Self:
        """Set the path (and key) if none is set yet; return self."""
        self.path = self.path or path
        self.key = self.key or key
        return self

    @property
    def where(self) -> str:
        """``path:line:column``, as far as they are known; else empty."""
        if self.path is None:
            return f"line {self.line}" if self.line else ""
        column = None if self.line is None else self.column
        return ":".join(str(each) for each in (printable(self.path), self.line, column) if each is not None)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the attributes, whatever arguments the class takes."""
        return _rebuilt, (type(self), self.args), self.__dict__

    def __eq__(self, other: object) -> bool:
        """Compare kind, words and facts, not where they were raised."""
        return self.__reduce__() == other.__reduce__() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), self.message))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({quoted(self.message)})"

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        key = f" [{printable(self.key)}]" if self.key and self.key not in self.message else ""
        hint = [f"  hint: {printable(self.hint)}"] if self.hint else []
        return "\n".join([f"{where}{printable(self.message)}{key}", *self._caret(), *hint])

    def _caret(self) -> list[str]:
        if not self.excerpt or self.column is None or self.column > SHOWN_LENGTH:
            return []
        line = self.excerpt.replace("\t", " ")
        indent = len(printable(line[: self.column - 1]))
        return [f"    {printable(line[:SHOWN_LENGTH])}", f"    {' ' * indent}^"]


# --- your input -----------------------------------------------------------------------------


class InputError(KrowVersionsError):
    """Your input is wrong; nothing was written."""


class UsageError(InputError):
    """The call itself is wrong: an unknown product, a bad option, no workspace."""


class ProductNotFound(UsageError, KeyError):
    """There is no product of that name; a ``KeyError``, too, because a workspace is a mapping."""


class ConfigError(UsageError):
    """A mistake in the configuration; it names file, line and key path."""


class InvalidVersion(InputError, ValueError):
    """Not a semver version, too long, not text, or its build metadata is not a number."""


class PrereleaseVersion(InvalidVersion):
    """The version is a pre-release, so a hotfix cannot start from it."""


class EncodingError(InputError):
    """The bytes are not UTF-8, or contain a NUL."""


class FileFormatError(InputError):
    """The file violates the syntax of its format, or is not what its name says."""


class VersionNotFound(InputError):
    """The file has no version at the key where its format keeps one."""


class AmbiguousVersion(InputError):
    """The file has several versions, or one that can be read in several ways."""


class FileTooLarge(InputError):
    """The file is larger than the limit of its format."""


class NotRegularFile(InputError):
    """There is a directory, pipe, socket or device instead of a file."""


class UnsafePath(InputError):
    """The path leads out of its repository or into git's own folder."""


class ConcurrentEdit(InputError):
    """The file changed between reading and writing; nothing was overwritten."""


class Conflict(InputError):
    """The state of a file, the working tree, a branch or a tag does not allow the operation.

    Attributes:
        baseline: of a version file, the :class:`Version` in production; else None.
        target: of a version file, the :class:`Version` that should ship; else None.
        found: of a version file, the :class:`Version` in it; else None.
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
        self.baseline: Any = baseline
        self.target: Any = target
        self.found: Any = found


class RefConflict(Conflict):
    """A branch or tag cannot be created, moved or used: it exists, has moved, is missing or is in use."""


class Unsupported(KrowVersionsError):
    """The input may be valid, but cannot be edited safely.

    Examples: a version that is an alias or a block scalar; a bare, partial or shallow repository.
    """


# --- git and the file system ----------------------------------------------------------------------


class OperationFailed(KrowVersionsError):
    """Git or the file system failed; changes were rolled back."""


class FileSystemError(OperationFailed):
    """Reading or writing a file failed."""


class GitError(OperationFailed):
    """The git program is missing, failed, or took too long."""


class GitMissing(GitError):
    """There is no git program on PATH."""


class PushRejected(GitError):
    """The remote rejected the push, or it certainly did not arrive: the remote has none of it.

    Attributes:
        reasons: full ref name to the reason, those with one of their own first; empty if it did not arrive.
        moved: whether a ref moved or appeared on the remote meanwhile, so that another look helps.
        lock: the path of a lock of git on the remote that is in the way, as its git names it, or None.
    """

    def __init__(
        self, message: str, *, reasons: Mapping[str, str], moved: bool = False, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.reasons: Mapping[str, str] = FrozenDict(reasons)
        self.moved: bool = moved
        self.lock: str | None = None


class Busy(OperationFailed):
    """Another run, or another git, holds a lock of this repository, or was killed and left it.

    Attributes:
        lock: path of git's lock file, which is never removed here; None if the lock is not git's.
        since: when the lock was made, or None; callers with a clock can print its age.
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
        self.lock: str | None = lock
        self.since: dt.datetime | None = since


class InternalError(KrowVersionsError):
    """A check of this library on its own result failed; nothing was written.

    Attributes:
        before: the text before the edit, for the bug report.
        after: the text that failed the check.
    """

    def __init__(self, message: str, *, before: str = "", after: str = "") -> None:
        super().__init__(
            f"bug in krow-versions, nothing was written: {message}",
            hint="please report it with the file that it happened on",
        )
        self.before: str = before
        self.after: str = after


class Problems(ExceptionGroup[KrowVersionsError], KrowVersionsError):  # type: ignore[override]  # message
    """Several independent errors, in the order of their files.

    ``except* Conflict`` handles the conflicts in it; ``except KrowVersionsError`` catches the group.
    """

    def __new__(cls, errors: Iterable[KrowVersionsError]) -> Self:
        """Group *errors*, at least one; nested groups are flattened."""
        found = [member for error in errors for member in members(error)]
        if not found:
            raise ValueError("Problems groups at least one error, and was given none")
        return super().__new__(cls, f"{len(found)} problems", found)

    def __init__(self, _: Iterable[KrowVersionsError]) -> None:
        # An assignment would declare them anew, as always None.
        vars(self).update(dict.fromkeys(("path", "line", "column", "excerpt", "key", "hint")))

    def advise(self, hint: str, *, keep: bool = False) -> Self:
        """Set the hint of every error, or append to it if *keep*; return self."""
        for error in members(self):
            error.advise(hint, keep=keep)
        return self

    def in_file(self, path: str, key: str | None = None) -> Self:
        """Set the path (and key) of every error that has none yet; return self."""
        for error in members(self):
            error.in_file(path, key)
        return self

    def located(self, *_: Any, **__: Any) -> Self:
        """Raise TypeError: several errors are not at one place."""
        raise TypeError("Problems are not at one place: locate each of the errors in .exceptions")

    def derive(self, errors: Sequence[Any], /) -> Problems:  # type: ignore[override]  # Of our errors only.
        """Group some of the errors; Python calls this for ``except*``."""
        return Problems(errors)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the member errors."""
        return Problems, (self.exceptions,), self.__dict__

    def __repr__(self) -> str:
        kinds = Counter(type(error).__name__ for error in self.exceptions)
        return f"<Problems: {', '.join(f'{count} {kind}' for kind, count in kinds.items())}>"

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.exceptions)


def members(error: KrowVersionsError) -> tuple[KrowVersionsError, ...]:
    """Return the errors of a group; of any other error, the error itself."""
    found = error.exceptions if isinstance(error, Problems) else (error,)
    return cast("tuple[KrowVersionsError, ...]", found)


def raise_all(errors: Iterable[KrowVersionsError]) -> None:
    """Raise the error if there is one, :class:`Problems` if there are several."""
    found = tuple(errors)
    if found:
        raise found[0] if len(found) == 1 else Problems(found)


def _rebuilt(cls: type[KrowVersionsError], args: tuple[Any, ...]) -> KrowVersionsError:
    return cls.__new__(cls, *args)  # Which keeps the arguments.
