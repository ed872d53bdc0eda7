"""KV4xx: the CHANGELOG."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, sh, toml

KINDS = (
    FindingKind(
        "KV401",
        "warning",
        "no CHANGELOG table",
        what=(
            "The product has no CHANGELOG, or its CHANGELOG has no version table and no version "
            "headings, or several tables, or cannot be read. One that a sparse checkout leaves out is an "
            "error: its content is not known. No CHANGELOG at all is only a note, unless "
            "the configuration names one, or git has one that was deleted. A CHANGELOG with headings at "
            "the top of the repository does not belong to the product if it is beside the version file "
            "of another product, or if none of its three newest releases is one of the product."
        ),
        why="A bump writes no row, so the fix is documented nowhere.",
        how=(
            "Follow the hint: create a CHANGELOG, or configure its table:",
            sh("krow-versions changelog init web"),
            toml(
                "[products.web]",
                'changelog = "CHANGELOG.md#Web"',
            ),
        ),
        example=(
            "apps/web/CHANGELOG.md: warning: apps/web/CHANGELOG.md: it is in git, but not on disk [KV401]"
        ),
    ),
    FindingKind(
        "KV402",
        "warning",
        "no row for the version in the files",
        what=(
            "The version in the files is past production, and its CHANGELOG has no row and no section for "
            "it. A version that its hotfix branch may not ship (KV203) needs no row."
        ),
        why="The next release ships without a description of its changes.",
        how=(
            "Add the row:",
            sh('krow-versions changelog add web -m "What was fixed"'),
        ),
        example=(
            "apps/web/CHANGELOG.md:3: warning: apps/web/CHANGELOG.md has no row for 1.4.1, which the "
            "files say [KV402]"
        ),
    ),
    FindingKind(
        "KV403",
        "warning",
        "no row for the version in production",
        what=(
            "The CHANGELOG has no row and no section for the version in production. With `--history`, every "
            "production version above its lowest one must have one. A release that this checkout does not "
            "contain needs none here."
        ),
        why="Nobody can read what users have.",
        how=(
            "Add the row of that version, with the day of its release:",
            sh('krow-versions changelog add web --version 1.4.0 --date 2026-02-12 -m "What it brought"'),
        ),
        example=(
            "apps/web/CHANGELOG.md:3: warning: apps/web/CHANGELOG.md has no row for 1.4.0, which is in "
            "production (krow-withus-web/prod-v1.4.0) [KV403]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV404",
        "warning",
        "duplicate rows",
        what="Two rows, or two sections, of the CHANGELOG are of one version.",
        why="Nobody knows which of the two is right; probably a merge has kept both sides.",
        how=(
            "Make one row of them:",
            sh(
                "krow-versions changelog show web",
                "git log -p -- apps/web/CHANGELOG.md",
            ),
        ),
        example=(
            "apps/web/CHANGELOG.md:6: warning: apps/web/CHANGELOG.md has two rows for 1.4.0, in lines 5 "
            "and 6 [KV404]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV405",
        "warning",
        "rows are out of order",
        what=(
            "The rows, or sections, of the CHANGELOG are not in one order, either the newest first or "
            "the oldest first. A hotfix of an older release may be in the order of versions or in that "
            "of dates. A pre-release under a heading may be anywhere."
        ),
        why=(
            "Readers take the row at the top for the newest release, and a new row is written at the end "
            "where the newest row seems to be."
        ),
        how=(
            "Move the named row to its place:",
            sh("krow-versions changelog show web"),
        ),
        example=(
            "apps/web/CHANGELOG.md:6: warning: apps/web/CHANGELOG.md has 1.4.0 below 1.3.2, but its "
            "newest row is at the top [KV405]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV406",
        "warning",
        "a date cannot be read",
        what="A date in the CHANGELOG cannot be read, or has two readings. Empty cells are allowed.",
        why="Dates of releases cannot be compared: `03/04/2026` is in March or in April.",
        how=(
            "Write the day as the other rows do, or as `2026-03-05`:",
            sh("krow-versions changelog show web"),
        ),
        example=(
            "apps/web/CHANGELOG.md:6: warning: apps/web/CHANGELOG.md has '2026-13-45' as the date of "
            "1.4.0, which is no date [KV406]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV407",
        "warning",
        "a date is in the future",
        what="A row or section of the CHANGELOG is dated after today.",
        why="It is a mistake, or a release that was documented before it was made.",
        how=(
            "Correct the date. The tag has the date of the release:",
            sh("krow-versions history web"),
        ),
        example=(
            "apps/web/CHANGELOG.md:5: warning: apps/web/CHANGELOG.md dates 1.4.1 2036-03-05, but today "
            "is 2026-03-05 [KV407]"
        ),
        of_past=True,
    ),
)
