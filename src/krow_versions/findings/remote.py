"""KV6xx: the remote, if it was asked."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, sh

KINDS = (
    FindingKind(
        "KV601",
        "warning",
        "the remote was not asked",
        what=(
            "`audit --remote` could not compare this clone with its remote, because the remote did not "
            "answer."
        ),
        why="Tags and branches may differ from those that everybody else sees.",
        how=(
            "See whether it answers at all:",
            sh("git ls-remote origin"),
            "A remote of another name is configured by `remote` of [`[hotfix]`](configuration.md#all-keys).",
        ),
        example=(
            "web: warning: origin was not compared with this clone: there is no remote origin here [KV601]"
        ),
    ),
    FindingKind(
        "KV602",
        "error",
        "a tag is not the same here and on the remote",
        what=(
            "A release tag names one commit in this clone, and another one on the remote; or one tag object "
            "here and another one there, at the same commit."
        ),
        why=(
            "Two people who look at the same release see different files, or different words about who "
            "released it. A published tag never changes: one of the two was made anew."
        ),
        how=(
            "See both, and who made them:",
            sh(
                "git fetch origin refs/tags/krow-withus-web/prod-v1.4.0",
                "git show --no-patch refs/tags/krow-withus-web/prod-v1.4.0 FETCH_HEAD",
            ),
            (
                "If the tag on the remote was made anew, this clone has the evidence: keep it, and find "
                "out who did that. If the tag of this clone was never published, take the one of the "
                "remote:"
            ),
            sh(
                "git fetch origin "
                "'+refs/tags/krow-withus-web/prod-v1.4.0:refs/tags/krow-withus-web/prod-v1.4.0'"
            ),
        ),
        example=(
            "krow-withus-web/prod-v1.4.0: error: krow-withus-web/prod-v1.4.0 names another commit here than "
            "on origin [KV602]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV603",
        "warning",
        "a production tag is not on the remote",
        what="A production tag of this clone is not on the remote: never pushed, or deleted there.",
        why="New clones do not know of this release. The next hotfix of a colleague takes the same version.",
        how=(
            "If the remote had it before, find out who deleted it. If it shipped, push it:",
            sh("git push origin refs/tags/krow-withus-web/prod-v1.4.1"),
        ),
        example=(
            "krow-withus-web/prod-v1.4.1: warning: krow-withus-web/prod-v1.4.1 is here, but not on origin: "
            "it was never pushed, or was deleted there [KV603]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV604",
        "warning",
        "release tags of the remote are not here",
        what="The remote has tags of the product that this clone does not have.",
        why="The version in production may be newer than the one that this audit compares with.",
        how=("Fetch them:", sh("git fetch --tags origin")),
        example=(
            "krow-withus-web/prod-v1.4.1: warning: 1 tag of origin is not here: krow-withus-web/prod-v1.4.1 "
            "[KV604]"
        ),
    ),
    FindingKind(
        "KV605",
        "note",
        "branches of the remote have moved",
        what="The main branch, a hotfix branch or a line has moved on the remote since the last fetch.",
        why="What the audit says about it was true at that fetch, and may not be true now.",
        how=("Fetch, and audit again:", sh("git fetch origin", "krow-versions audit --remote")),
        example="main: note: 1 branch of origin has moved since the last fetch: main [KV605]",
    ),
)
