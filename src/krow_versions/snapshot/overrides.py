"""Values in the files of other build tools that take the place of a pubspec's version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.errors import KrowVersionsError
    from krow_versions.formats.literals import Written
    from krow_versions.snapshot.files import FileState


@frozen
class OverrideState:
    """A file beside a pubspec that may override its version, and is no version file itself.

    Attributes:
        repo: name of its repository.
        path: relative to that repository.
        source: the pubspec.
        values: the versions and builds that are written out in it, and that reach an app.
        error: why it cannot be read, or None.
    """

    repo: str
    path: str
    source: FileState
    values: tuple[Written, ...] = ()
    error: KrowVersionsError | None = None

    def agrees(self, value: Written) -> bool:
        """Whether *value* is what the pubspec says now."""
        version, build, text = self.source.version, self.source.build, value.value
        if value.kind == "version":
            return version is not None and text.partition("+")[0] == str(version.with_build(None))
        is_number = text.isascii() and text.isdigit()
        return is_number and build is not None and (text.lstrip("0") or "0") == str(build)
