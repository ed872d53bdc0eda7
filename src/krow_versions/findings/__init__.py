"""The findings of an audit: stable ids, how grave each is by default, and what is wrong in a few words.

An id is never used for anything else. The hundreds tell what it is about: 0 what could not be looked
at, 1 files, 2 production, 3 history, 4 the CHANGELOG, 5 hotfix branches.
"""

from __future__ import annotations

SEVERITIES = ("error", "warning", "note")
"""From the gravest; errors and warnings make the exit code 1."""

CODES: dict[str, tuple[str, str]] = {
    "KV001": ("error", "git cannot be asked"),
    "KV002": ("warning", "the clone is shallow"),
    "KV003": ("note", "the main branch is not here"),
    "KV101": ("error", "a version file is missing"),
    "KV102": ("error", "a version file cannot be read"),
    "KV103": ("error", "a version file is broken"),
    "KV104": ("error", "a version is invalid"),
    "KV105": ("error", "files of one product disagree"),
    "KV106": ("error", "a lock file is out of step"),
    "KV107": ("error", "a build number is missing"),
    "KV108": ("error", "a build number is over the limit"),
    "KV201": ("note", "never released to production"),
    "KV202": ("error", "a file is behind production"),
    "KV203": ("error", "a file is ahead of its hotfix"),
    "KV204": ("warning", "production is not on the main branch"),
    "KV205": ("warning", "a production tag is lightweight"),
    "KV206": ("warning", "a tag does not parse"),
    "KV207": ("error", "two tags of one version"),
    "KV208": ("error", "a tag cannot be read"),
    "KV301": ("error", "the files at a tag say another version"),
    "KV302": ("error", "versions do not increase"),
    "KV303": ("error", "builds do not increase"),
    "KV304": ("warning", "a hotfix changed more than PATCH"),
    "KV305": ("note", "a gap between versions"),
    "KV306": ("warning", "dates run backwards"),
    "KV401": ("warning", "no CHANGELOG table"),
    "KV402": ("warning", "no row for the version in the files"),
    "KV403": ("warning", "no row for the version in production"),
    "KV404": ("warning", "duplicate rows"),
    "KV405": ("warning", "rows are out of order"),
    "KV406": ("warning", "a date cannot be read"),
    "KV407": ("warning", "a date is in the future"),
    "KV501": ("warning", "the name of a hotfix branch does not fit"),
    "KV502": ("error", "a hotfix branch was not started from production"),
    "KV503": ("error", "the version of a hotfix branch is taken"),
    "KV504": ("error", "two branches reserve one version"),
    "KV505": ("note", "a hotfix branch is stale"),
}
"""Severity and title by id."""
