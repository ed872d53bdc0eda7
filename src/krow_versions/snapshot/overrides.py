"""Values in the files of other build tools that take the place of a pubspec's version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from krow_versions.errors import KrowVersionsError
    from krow_versions.formats.literals import Written
    from krow_versions.snapshot.files import FileState


@attrs.frozen
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
        """Whether *value* is what the pubspec says now; ``1.4.0.0`` is 1.4.0 for Windows."""
        version, build = self.source.version, self.source.build
        if value.kind == "build":
            return (
                build is not None
                and value.value.isascii()
                and value.value.isdigit()
                and _is(value.value, build)
            )
        if version is None:
            return False
        core = "{}.{}.{}".format(*version.core)
        return value.value.partition("+")[0] == str(version.with_build(None)) or value.value == f"{core}.0"


def _is(digits: str, build: int) -> bool:
    return len(digits) < 256 and int(digits) == build
