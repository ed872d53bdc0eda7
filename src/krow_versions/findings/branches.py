"""KV5xx: hotfix branches."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, sh

KINDS = (
    FindingKind(
        "KV501",
        "warning",
        "the name of a hotfix branch does not fit",
        what=(
            "A branch among the hotfixes has no name of the form `hotfix/SLUG-vX.Y.Z`: another product, "
            "no version, a pre-release or a build."
        ),
        why=("Its product and version are unknown, so no check sees that its version is taken."),
        how=(
            "Rename it, here and on the remote:",
            sh(
                "git branch -m hotfix/web-login hotfix/krow-withus-web-v1.4.1",
                "git push origin hotfix/krow-withus-web-v1.4.1 :hotfix/web-login",
            ),
        ),
        example=(
            "hotfix/web-login: warning: the branch 'hotfix/web-login' is among the hotfixes, but its "
            "name fits no product [KV501]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV502",
        "error",
        "a hotfix branch was not started from production",
        what=(
            "A hotfix branch was not started from the production tag one PATCH below its version: it "
            "comes from elsewhere, or contains commits of the main branch that are not in production."
        ),
        why="It would ship changes that were not released or tested for production.",
        how=(
            "Start again from the tag, with only the fix:",
            sh(
                "git switch -c hotfix/krow-withus-web-v1.4.1-again krow-withus-web/prod-v1.4.0",
                "git cherry-pick COMMIT",
            ),
            "Then delete the old branch and take its name: `git branch -M hotfix/krow-withus-web-v1.4.1`.",
        ),
        example=(
            "hotfix/krow-withus-web-v1.4.1: error: the branch 'hotfix/krow-withus-web-v1.4.1' contains "
            "12 commits of main beside krow-withus-web/prod-v1.4.0, not in production [KV502]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV503",
        "error",
        "the version of a hotfix branch is taken",
        what="The version of a hotfix branch has a production tag, which does not contain the branch.",
        why=(
            "Somebody has shipped that version from elsewhere. What this branch ships would be a second, "
            "different release of one version."
        ),
        how=(
            "Move the fix onto that release:",
            sh(
                "git switch -c hotfix/krow-withus-web-v1.4.2 krow-withus-web/prod-v1.4.1",
                "git cherry-pick COMMIT",
                'krow-versions bump-patch web -m "What was fixed"',
            ),
        ),
        example=(
            "hotfix/krow-withus-web-v1.4.1: error: the branch 'hotfix/krow-withus-web-v1.4.1' reserves "
            "1.4.1, but krow-withus-web/prod-v1.4.1 is released, and does not contain it [KV503]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV504",
        "error",
        "two branches reserve one version",
        what=(
            "Two hotfix branches of one product are for the same version, or a branch and its "
            "counterpart on the remote have gone different ways."
        ),
        why="The one that ships second has a version that is taken.",
        how=(
            "Continue one as the next PATCH after the other has shipped, or combine the two:",
            sh(
                "git log --oneline --left-right "
                "hotfix/krow-withus-web-v1.4.1...origin/hotfix/krow-withus-web-v1.4.1",
                "git pull --rebase origin hotfix/krow-withus-web-v1.4.1",
            ),
        ),
        example=(
            "hotfix/krow-withus-web-v1.4.1: error: the branch 'hotfix/krow-withus-web-v1.4.1' and "
            "'origin/hotfix/krow-withus-web-v1.4.1' have diverged: each has commits that the other lacks "
            "[KV504]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV505",
        "note",
        "a hotfix branch is stale",
        what=(
            "A hotfix branch has had no commit for longer than `stale_days` (14 unless configured), is "
            "not merged, and its version is not tagged."
        ),
        why="It reserves a version that nobody works on, or a fix has been forgotten.",
        how=(
            "Finish it, or delete it, here and on the remote:",
            sh(
                "git branch -D hotfix/krow-withus-web-v1.4.1",
                "git push origin :hotfix/krow-withus-web-v1.4.1",
            ),
        ),
        example=(
            "hotfix/krow-withus-web-v1.4.1: note: the last commit of the branch "
            "'hotfix/krow-withus-web-v1.4.1' is 30 days old [KV505]"
        ),
        of_past=True,
    ),
)
