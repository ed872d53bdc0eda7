"""KV4xx: the CHANGELOG."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, sh, toml

KINDS = (
    FindingKind(
        "KV401",
        "warning",
        "no CHANGELOG table",
        what=(
            "The product has no CHANGELOG, or no version table can be found in it: there is none, there "
            "are several, or the file cannot be read."
        ),
        why="A bump writes no row, and what was mended is written down nowhere.",
        how=(
            "Do what the hint says: make a CHANGELOG, or say which table is meant:",
            sh("krow-versions changelog init web"),
            toml(
                "[products.web]",
                'changelog = "CHANGELOG.md#Web"',
            ),
        ),
        example="web: warning: web has no CHANGELOG [KV401]",
    ),
    FindingKind(
        "KV402",
        "warning",
        "no row for the version in the files",
        what=(
            "The version in the files is past production, and its CHANGELOG has no row for it. A version "
            "that its hotfix branch may not ship (KV203) needs none."
        ),
        why="The next release ships without a word on what it changes.",
        how=(
            "Add the row:",
            sh('krow-versions changelog add web -m "What was mended"'),
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
            "The CHANGELOG has no row for the version in production. With `--history`, every production "
            "version above its lowest row must have one. A release that this checkout does not contain "
            "needs none here."
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
    ),
    FindingKind(
        "KV404",
        "warning",
        "duplicate rows",
        what="Two rows of the CHANGELOG are of one version.",
        why="Which of the two is true cannot be told; a merge has probably kept both sides.",
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
    ),
    FindingKind(
        "KV405",
        "warning",
        "rows are out of order",
        what=(
            "The rows of the CHANGELOG do not all run in one direction. A hotfix of an older release may "
            "stand by its version or by its date."
        ),
        why=(
            "The row at the top is taken for the newest release, and a new one goes where the table "
            "seems to begin."
        ),
        how=(
            "Move the row that is named to its place. Only the order changes:",
            sh("krow-versions changelog show web"),
        ),
        example=(
            "apps/web/CHANGELOG.md:6: warning: apps/web/CHANGELOG.md has 1.4.0 below 1.3.2, but its "
            "newest row is at the top [KV405]"
        ),
    ),
    FindingKind(
        "KV406",
        "warning",
        "a date cannot be read",
        what="A date in the CHANGELOG cannot be read, or can be read in two ways. An empty cell is not one.",
        why="Days of releases cannot be compared, by people neither: `03/04/2026` is in March or in April.",
        how=(
            "Write the day as the other rows do, or as `2026-03-05`:",
            sh("krow-versions changelog show web"),
        ),
        example=(
            "apps/web/CHANGELOG.md:6: warning: apps/web/CHANGELOG.md has '2026-13-45' as the date of "
            "1.4.0, which is no date [KV406]"
        ),
    ),
    FindingKind(
        "KV407",
        "warning",
        "a date is in the future",
        what="A row of the CHANGELOG is dated after today.",
        why="It is a slip, or a release that was written down before it was made and may never be.",
        how=(
            "Correct the day. The tag knows when the release was made:",
            sh("krow-versions history web"),
        ),
        example=(
            "apps/web/CHANGELOG.md:5: warning: apps/web/CHANGELOG.md dates 1.4.1 2036-03-05, but today "
            "is 2026-03-05 [KV407]"
        ),
    ),
)
