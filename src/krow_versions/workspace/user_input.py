"""The texts and moments that callers give: checked before anything else is done."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from typing import TYPE_CHECKING

from krow_versions.errors import KrowVersionsError, PrereleaseVersion, UsageError
from krow_versions.regexes import regex
from krow_versions.text.escaping import SHOWN_LENGTH, printable
from krow_versions.text.times import at
from krow_versions.version import Version

if TYPE_CHECKING:
    from typing import Any

# A byte of an argument that the locale of this process could not decode.
_UNREAD = regex("[\udc80-\udcff]")


def given_text(text: str, name: str, *, may_be_empty: bool = False) -> str:
    """Return a text for people, decoded as UTF-8 if the locale of this process could not decode it.

    Args:
        text: what the caller said.
        name: what it is called in messages.
        may_be_empty: whether an empty text has a meaning.

    Raises:
        UsageError: it is empty.
        TypeError: it is no text.
    """
    _require_type(text, str, f"the {name} must be text")
    if not may_be_empty and not text.strip():
        raise UsageError(f"the {name} is empty", hint="say it in a few words")
    with contextlib.suppress(UnicodeError):  # What is not UTF-8 is escaped where it is written.
        text = os.fsencode(text).decode() if _UNREAD.search(text) else text
    return text


def given_message(message: str | None) -> str | None:
    """Return the text of a CHANGELOG's row; None stays None. Raises as :func:`given_text`."""
    return None if message is None else given_text(message, "message", may_be_empty=True)


def given_build(build: int | None, name: str) -> int | None:
    """Return a build that a caller passed as the argument *name*; None stays None.

    Raises:
        UsageError: it is below 0.
        TypeError: it is no whole number.
    """
    if build is None:
        return None
    if isinstance(build, bool):
        raise TypeError(f"{name} must be a whole number, not {build}")
    _require_type(build, int, f"{name} must be a whole number")
    if build < 0:
        raise UsageError(f"{name}: a build is not below 0: {build}", hint="builds count up from 0")
    return build


def given_moment(moment: dt.datetime, name: str) -> dt.datetime:
    """Return the moment that a caller passed as the argument *name*.

    Raises:
        UsageError: it has no zone.
        TypeError: it is no moment.
    """
    _require_type(moment, dt.datetime, f"{name} must be a datetime")
    if moment.utcoffset() is None:
        hint = f"give it one, such as {name}.astimezone() for the local zone"
        raise UsageError(f"{name}: {moment} has no time zone", hint=hint)
    return moment


def require_moments(now: dt.datetime, detected: dt.datetime | None) -> None:
    """Require that both moments have a zone, and that the fault was not detected in the future.

    Raises:
        UsageError: they do not.
        TypeError: one of them is no moment.
    """
    given_moment(now, "now")
    if detected is not None and given_moment(detected, "detected") > now:
        raise UsageError(
            f"detected: {at(detected)} is still to come", hint="say when the fault was first seen"
        )


def given_version(version: Version | str, option: str) -> Version:
    """Parse a version that a caller passed as *option*.

    Raises:
        UsageError: it is not a version.
        TypeError: it is neither text nor a version.
    """
    if not isinstance(version, str):
        _require_type(version, Version, f"{option} must be a version or its text")
        return version
    try:
        return Version.parse(version)
    except KrowVersionsError as error:
        raise UsageError(f"{option}: {error.message}", hint=error.hint) from None


def given_baseline(version: Version | str, option: str) -> Version:
    """Parse the version in production that a caller passed as *option*.

    Raises:
        UsageError: it is not a version.
        PrereleaseVersion: it is a pre-release.
        TypeError: it is neither text nor a version.
    """
    found = given_version(version, option)
    if found.prerelease is not None:
        raise PrereleaseVersion(
            f"{option}: {found} is a pre-release, which is not in production",
            hint="name the version that is in production, such as 0.1.0",
        )
    return found


def _require_type(value: Any, wanted: type, message: str) -> None:
    if not isinstance(value, wanted):
        raise TypeError(f"{message}, not {printable(repr(value)[:SHOWN_LENGTH])}")
