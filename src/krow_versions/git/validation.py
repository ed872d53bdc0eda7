"""Names that come from outside: each is checked to be exactly what it is taken for, or refused."""

from __future__ import annotations

import re

from krow_versions.errors import UsageError
from krow_versions.git.process import encoded
from krow_versions.text.escaping import quoted

# git-check-ref-format(1), with what git refuses in branch names of the command line besides.
_PART = r"(?![.\-])(?!@?(?:/|$))(?:(?!\.\.|@\{)[^\x00-\x20\x7f~^:?*\[\\/])+(?<!\.lock)(?<!\.)"
_BELOW = re.compile(rf"{_PART}(?:/{_PART})*")
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LONGEST_PART = 250  # bytes; git adds `.lock`, and file systems end at 255.


def branch(ref: str) -> str:
    """Check the full name of a branch, and give the short one, which ``git switch`` wants."""
    short = _below("refs/heads/", ref)
    if short == "HEAD" or _OBJECT_ID.fullmatch(short):
        raise UsageError(f"{quoted(ref)} would be taken for something else than a branch")
    return short


def tag(ref: str) -> str:
    """Check the full name of a tag, and give the short one, which ``git tag`` wants."""
    short = _below("refs/tags/", ref)
    if short == "HEAD":
        raise UsageError(f"{quoted(ref)} would be taken for something else than a tag")
    return short


def name(ref: str) -> str:
    """Check the full name of a branch or tag, and give it back."""
    (tag if ref.startswith("refs/tags/") else branch)(ref)
    return ref


def pattern(ref: str) -> str:
    """Check the full name of a branch or tag, or of a folder of them with ``/*`` behind it."""
    name(ref.removesuffix("/*"))
    return ref


def object_id(text: str) -> str:
    """Check a full object id, and give it back."""
    if not _OBJECT_ID.fullmatch(text) or not text.strip("0"):
        raise UsageError(f"{quoted(text)} is no full object id")
    return text


def full(ref: str) -> str:
    """Check the full name of any ref, and give it back."""
    _below("refs/", ref)
    return ref


def revision(text: str) -> str:
    """Check ``HEAD``, a full ref name or a full object id, and give it back."""
    if text != "HEAD" and not _OBJECT_ID.fullmatch(text):
        _below("refs/", text)
    return text


def _below(folder: str, ref: str) -> str:
    short = ref.removeprefix(folder)
    parts = encoded(short).split(b"/")
    if short == ref or not _BELOW.fullmatch(short) or max(map(len, parts)) > _LONGEST_PART:
        raise UsageError(f"{quoted(ref)} is no full name below {folder} that git can have")
    return short
