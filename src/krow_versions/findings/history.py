"""KV3xx: the history of releases."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, sh

KINDS = (
    FindingKind(
        "KV301",
        "error",
        "the files at a tag say another version",
        what=(
            "At a release tag, a version file says another version than the name of the tag, or cannot "
            "be read there. Without `--history`, only the newest production tag is looked at."
        ),
        why=(
            "What was built there carries another version than people think; a later bug report cannot "
            "be traced to its release."
        ),
        how=(
            "See what the file said there:",
            sh("git show krow-withus-web/prod-v1.4.0:apps/web/package.json"),
            (
                "A release that has shipped cannot be corrected: write down what happened, and [ignore the "
                "finding](howto-ignore.md) with that reason."
            ),
        ),
        example=(
            "apps/web/package.json: error: at the tag 'krow-withus-web/prod-v1.4.0', "
            "apps/web/package.json says 1.3.9 [KV301]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV302",
        "error",
        "versions do not increase",
        what=(
            "A production release contains another production release of a higher version. Checked "
            "with `--history`."
        ),
        why="Versions no longer show which release is newer; an update may look like a downgrade.",
        how=(
            "See the two, and what lies between:",
            sh("git log --oneline krow-withus-web/prod-v1.4.0..krow-withus-web/prod-v1.3.5"),
            (
                "Release again with a higher version. What has shipped stays as it is: [ignore "
                "it](howto-ignore.md) with the reason."
            ),
        ),
        example=(
            "krow-withus-web/prod-v1.3.5: error: 'krow-withus-web/prod-v1.3.5' contains the higher "
            "release 'krow-withus-web/prod-v1.4.0' [KV302]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV303",
        "error",
        "builds do not increase",
        what=(
            "In the order of time, and over all stages, a release has a build that is not above every build "
            "before it, or has no build any more. To release the highest build of the same version again, "
            "in another stage, is right. Releases whose dates run backwards (KV306) are left out. Checked "
            "with `--history`."
        ),
        why="Stores refuse a build that is not above the last one; testers get an older app than they think.",
        how=(
            "See the builds, and ship one above all of them:",
            sh(
                "krow-versions history worker-mobile",
                "krow-versions bump-patch worker-mobile",
            ),
        ),
        example=(
            "krow-withus-worker-mobile/staging-v0.1.2: error: 'krow-withus-worker-mobile/staging-v0.1.2' "
            "was released with build 8, but 'krow-withus-worker-mobile/prod-v0.1.1' had build 9 before "
            "[KV303]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV304",
        "warning",
        "a hotfix changed more than PATCH",
        what=(
            "A release whose message or CHANGELOG row begins with `HOTFIX` is not the next PATCH of the "
            "release that it contains. Checked with `--history`."
        ),
        why="A hotfix that raises MINOR or skips a PATCH ships more than a fix, or hides a release.",
        how=(
            "See what went in:",
            sh("git log --oneline krow-withus-web/prod-v1.4.0..krow-withus-web/prod-v1.5.0"),
            (
                "If it was not a hotfix, correct the row in the CHANGELOG. If it was, make the next one "
                "with `krow-versions bump-patch`."
            ),
        ),
        example=(
            "krow-withus-web/prod-v1.5.0: warning: 'krow-withus-web/prod-v1.5.0' is a hotfix of "
            "'krow-withus-web/prod-v1.4.0', but its version is not 1.4.1 [KV304]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV305",
        "note",
        "a gap between versions",
        what=(
            "A production version is not the next PATCH, MINOR or MAJOR after any released one. Checked "
            "with `--history`."
        ),
        why=(
            "A version may have been skipped on purpose; or its tag is missing, and with it the builds "
            "that it shipped."
        ),
        how=(
            "See whether the remote has the tag:",
            sh(
                "git ls-remote --tags origin 'refs/tags/krow-withus-web/*'",
                "git fetch --tags",
            ),
            "If the version was skipped, nothing is to be done.",
        ),
        example=(
            "krow-withus-web/prod-v1.4.3: note: 'krow-withus-web/prod-v1.4.3' follows no release "
            "directly: the one below it is 1.4.1 [KV305]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV306",
        "warning",
        "dates run backwards",
        what="A production release is dated before the one that it contains. Checked with `--history`.",
        why=(
            "Everything computed from dates is wrong: days since a release, timelines of incidents, the "
            "order of releases."
        ),
        how=(
            "See both dates, and who made the tags:",
            sh(
                "git for-each-ref --format='%(refname:short) %(taggerdate:iso) %(taggername)' "
                "'refs/tags/krow-withus-web/*'"
            ),
            (
                "Usually the clock of one machine was wrong. What has shipped stays as it is: [ignore "
                "it](howto-ignore.md) with the reason."
            ),
        ),
        example=(
            "krow-withus-web/prod-v1.4.1: warning: 'krow-withus-web/prod-v1.4.1' is dated "
            "2026-02-10T10:00:00+00:00, but contains 'krow-withus-web/prod-v1.4.0', which is dated "
            "2026-02-12T10:00:00+00:00 [KV306]"
        ),
        of_past=True,
    ),
)
