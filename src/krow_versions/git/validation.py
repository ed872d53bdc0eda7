"""Validate ref names and object ids that come from outside."""

from __future__ import annotations

from krow_versions.errors import UsageError
from krow_versions.git.process import encoded
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted

OWN = "refs/krow-versions/"
"""The folder of the refs that are ours, and neither branches nor tags."""
# git-check-ref-format(1), with its rules for branch names on a command line (`--branch`).
_PART = r"(?![.\-])(?!@?(?:/|$))(?:(?!\.\.|@\{)[^\x00-\x20\x7f~^:?*\[\\/])+(?<!\.lock)(?<!\.)"
_BELOW = regex(rf"{_PART}(?:/{_PART})*")
_OBJECT_ID = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LONGEST_PART = 250  # Bytes: git adds `.lock`, and file systems allow 255.


def branch(ref: str) -> str:
    """Validate the full name of a branch; return the short one, for ``git switch``."""
    short = _below("refs/heads/", ref)
    if short == "HEAD" or _OBJECT_ID.fullmatch(short):
        raise UsageError(f"{quoted(ref)} would be read as something else than a branch")
    return short


def tag(ref: str) -> str:
    """Validate the full name of a tag; return the short one, for ``git tag``."""
    short = _below("refs/tags/", ref)
    if short == "HEAD":
        raise UsageError(f"{quoted(ref)} would be read as something else than a tag")
    return short


def name(ref: str) -> str:
    """Validate the full name of a branch, of a tag or of a ref below :data:`OWN`; return it."""
    if ref.startswith(OWN):
        return full(ref)
    (tag if ref.startswith("refs/tags/") else branch)(ref)
    return ref


def pattern(ref: str) -> str:
    """Validate a name as :func:`name` does, or a folder of such names followed by ``/*``; return it.

    All tags are a folder, too, but not all branches: no pattern of names needs them.
    """
    if ref != "refs/tags/*":
        name(ref.removesuffix("/*"))
    return ref


def is_object_id(text: str) -> bool:
    """Whether *text* is the full id of an object."""
    return _OBJECT_ID.fullmatch(text) is not None and text.strip("0") != ""


def object_id(text: str) -> str:
    """Validate a full object id; return it."""
    if not is_object_id(text):
        raise UsageError(f"{quoted(text)} is no full object id")
    return text


def full(ref: str) -> str:
    """Validate the full name of any ref; return it."""
    _below("refs/", ref)
    return ref


def revision(text: str) -> str:
    """Validate ``HEAD``, a full ref name or a full object id; return it."""
    if text != "HEAD" and not _OBJECT_ID.fullmatch(text):
        _below("refs/", text)
    return text


def _below(folder: str, ref: str) -> str:
    short = ref.removeprefix(folder)
    parts = encoded(short).split(b"/")
    if short == ref or not _BELOW.fullmatch(short) or max(map(len, parts)) > _LONGEST_PART:
        raise UsageError(f"{quoted(ref)} is no valid full name below {folder}")
    return short
