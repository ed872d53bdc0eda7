"""KV2xx: production."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, sh

KINDS = (
    FindingKind(
        "KV201",
        "note",
        "never released to production",
        what="No tag of the product is a production tag.",
        why=(
            "This is normal before the first release. Later it means that tags are missing here or have "
            "other names, and that the baseline is only guessed from the commit."
        ),
        how=(
            "Fetch the tags. If production was never tagged, tag the commit that is in production:",
            sh(
                "git fetch --tags",
                'git tag -a -m "Release 1.4.0" krow-withus-web/prod-v1.4.0 COMMIT',
            ),
            "If your tags have other names, configure them in [`[tags]`](configuration.md#all-keys).",
        ),
        example=(
            "web: note: Web was never released to production: there is no tag "
            "krow-withus-web/prod-v{version} [KV201]"
        ),
    ),
    FindingKind(
        "KV202",
        "error",
        "a file is behind production",
        what=(
            "A version file is lower than what is in production, or has the same version with a lower "
            "build. On a hotfix branch, production is the release that the branch starts from."
        ),
        why=(
            "A build from here would be older than the one that users have; a store refuses it. Usually a "
            "hotfix was released and never merged back, or a merge took the wrong side."
        ),
        how=(
            "If the branch does not contain the release, merge it:",
            sh("git merge krow-withus-web/prod-v1.4.0"),
            "Otherwise see what lowered the version, and write it back:",
            sh("git log -p -- apps/web/package.json"),
        ),
        example=(
            "apps/web/package.json:3: error: apps/web/package.json says 1.3.9, but 1.4.0 is in "
            "production (krow-withus-web/prod-v1.4.0) [KV202]"
        ),
    ),
    FindingKind(
        "KV203",
        "error",
        "a file is ahead of its hotfix",
        what=(
            "On a hotfix branch, a version file is neither at the release that the branch starts from "
            "nor at the version that it is for."
        ),
        why=(
            "A hotfix raises PATCH by one. Anything else ships work that is not in production, or a "
            "version that another hotfix has."
        ),
        how=(
            "Write the production version back, and let the bump raise it:",
            sh(
                "git checkout krow-withus-web/prod-v1.4.0 -- apps/web/package.json",
                'krow-versions bump-patch web -m "What was fixed"',
            ),
        ),
        example=(
            "apps/web/package.json:3: error: apps/web/package.json says 1.5.0, but a hotfix on "
            "krow-withus-web/prod-v1.4.0 ships 1.4.1 [KV203]"
        ),
    ),
    FindingKind(
        "KV204",
        "warning",
        "main lacks what is in production",
        what=(
            "The main branch lacks the highest production release, or a fix that an older one shipped. "
            "Contents are compared: a squash, a rebase or a cherry-pick counts, an undone fix does not."
        ),
        why="The next release from the main branch does not have the fix: the fault comes back.",
        how=(
            "Bring the fix there, or merge the release:",
            sh(
                "krow-versions hotfix finish web --version 1.4.1 --carry-to main",
            ),
            sh(
                "git switch main",
                "git merge krow-withus-web/prod-v1.4.1",
            ),
            (
                "A merge does not bring back what was undone. Revert the commit that the hint names (a "
                "merge commit with `-m 1`):"
            ),
            sh(
                "git show COMMIT",
                "git revert COMMIT",
            ),
            "If main has it in another form, [ignore it](howto-ignore.md) with a reason.",
        ),
        example=(
            "krow-withus-web/prod-v1.4.1: warning: krow-withus-web/prod-v1.4.1 is in production, but not "
            "on main: the next release from there would lose it [KV204]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV205",
        "warning",
        "a production tag is lightweight",
        what=(
            "A production tag is only a name for a commit, without a message, an author or a date of its own."
        ),
        why=(
            "It does not say who released when: the date shown is that of the commit. `git describe` and "
            "`git push --follow-tags` ignore it."
        ),
        how=(
            "See whether the tag is lightweight only in this clone; CI systems may fetch it so:",
            sh("krow-versions audit --remote"),
            "If the remote has an annotated one, take it into this clone:",
            sh(
                "git fetch origin "
                "'+refs/tags/krow-withus-web/prod-v1.4.0:refs/tags/krow-withus-web/prod-v1.4.0'"
            ),
            "A published tag stays as it is: [ignore it](howto-ignore.md) with a reason.",
        ),
        example=(
            "krow-withus-web/prod-v1.4.0: warning: krow-withus-web/prod-v1.4.0 is a lightweight tag: it "
            "does not say who released when, and why [KV205]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV206",
        "warning",
        "a tag does not parse",
        what=(
            "A tag in the folder of a product (`SLUG/…`) fits no stage, or is a production tag of a "
            "pre-release."
        ),
        why=(
            "It was meant as a release, but is ignored for the baseline and for the builds that were shipped."
        ),
        how=(
            "Tag the same commit with a name that matches, and push it:",
            sh(
                'git tag -a -m "Release 1.4.1" krow-withus-web/prod-v1.4.1 '
                "'krow-withus-web/production-1.4.1^{}'",
                "git push origin refs/tags/krow-withus-web/prod-v1.4.1",
            ),
            "A published tag stays: [ignore this finding](howto-ignore.md) for the other one, with a reason.",
            "If all your tags have such names, configure them in [`[tags]`](configuration.md#all-keys).",
        ),
        example=(
            "krow-withus-web/production-1.4.1: warning: the tag 'krow-withus-web/production-1.4.1' looks "
            "like one of Web, but fits no pattern [KV206]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV207",
        "error",
        "two tags of one version",
        what="Two tags of one stage name the same version, such as `prod-v0.1.0` and `prod-v0.1.0+6`.",
        why="Nobody knows which of the two shipped, and tools may use either.",
        how=(
            "See which one shipped:",
            sh(
                "git show --no-patch krow-withus-worker-mobile/prod-v0.1.0 "
                "'krow-withus-worker-mobile/prod-v0.1.0+6'",
            ),
            "Published tags stay: [ignore it](howto-ignore.md) with a reason that says which one shipped.",
        ),
        example=(
            "krow-withus-worker-mobile/prod-v0.1.0+6: error: 0.1.0 has 2 production tags: "
            "krow-withus-worker-mobile/prod-v0.1.0, krow-withus-worker-mobile/prod-v0.1.0+6 [KV207]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV208",
        "error",
        "a tag cannot be read",
        what=("A release tag points at no commit in this clone: it is broken, or names a file or a folder."),
        why="Its release is unknown. Builds that it shipped are not counted.",
        how=(
            "See what is broken, and take the tag of the remote into this clone:",
            sh(
                "git fsck",
                "git fetch origin "
                "'+refs/tags/krow-withus-web/prod-v1.3.0:refs/tags/krow-withus-web/prod-v1.3.0'",
            ),
        ),
        example=(
            "krow-withus-web/prod-v1.3.0: error: krow-withus-web/prod-v1.3.0 names no commit that is "
            "here, so what it released is not known [KV208]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV209",
        "warning",
        "a release branch lacks a fix",
        what=(
            "A branch of [`[hotfix] lines`](configuration.md#all-keys) lacks a fix that shipped. Contents "
            "are compared, as for main (KV204). A branch must have the fixes of its own MINOR, by its "
            "version files, and of lower ones. If it is here and on the remote, one of the two must have it."
        ),
        why="The next release from this branch does not have the fix: the fault comes back.",
        how=(
            "Bring it there with `hotfix finish --carry-to`, or merge it and keep the branch's version:",
            sh(
                "git switch release/1.5",
                "git merge krow-withus-web/prod-v1.4.1",
            ),
            (
                "A merge does not bring back what was undone. Revert the commit that the hint names (a "
                "merge commit with `-m 1`):"
            ),
            sh("git revert COMMIT"),
            "If the branch has it in another form, [ignore it](howto-ignore.md) with a reason.",
        ),
        example=(
            "krow-withus-web/prod-v1.4.1 on release/1.5: warning: release/1.5 lacks what "
            "krow-withus-web/prod-v1.4.1 fixed: the next release from there would lose it [KV209]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV210",
        "error",
        "a newer release lacks a fix",
        what=(
            "The newest production release lacks a fix that an older one shipped. Contents are compared, as "
            "for main (KV204). With `--history`, the newest releases of the 20 highest MINORs are looked at."
        ),
        why="Its users have the fault, and those who had the fix have it again.",
        how=(
            "Fix the release, too:",
            sh(
                "krow-versions hotfix start web --from krow-withus-web/prod-v1.5.0 --issue 'Crash on login' "
                "--severity HIGH --impact 'All users'",
                "git log --oneline krow-withus-web/prod-v1.4.0..krow-withus-web/prod-v1.4.1",
                "git cherry-pick -x COMMIT",
            ),
            "If nobody uses that release, or it has the fix in another form, [ignore it](howto-ignore.md).",
        ),
        example=(
            "krow-withus-web/prod-v1.4.1 in krow-withus-web/prod-v1.5.0: error: krow-withus-web/prod-v1.5.0 "
            "is in production, but it does not have what krow-withus-web/prod-v1.4.1 fixed: who has it has "
            "the fault [KV210]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV211",
        "warning",
        "a build has shipped already",
        what=(
            "Main, a branch of [`[hotfix] lines`](configuration.md#all-keys), an open hotfix branch or what "
            "is checked out has a build that is not above every build that shipped under other "
            "versions, in any stage. It is right if the version and the build are those of a production "
            "release: the next bump raises both."
        ),
        why="A store takes a build only if it is above all that it has seen: it refuses the next release.",
        how=(
            "Raise the build there, and nothing else:",
            sh(
                "git switch main",
                "krow-versions bump-build worker-mobile",
                'git commit --all --message "chore: raise the build"',
            ),
            "[A build that the store refused](howto-build.md) says more.",
        ),
        example=(
            "apps/mobile/apps/staff/pubspec.yaml:6: warning: main is at 0.2.0+6, but build 6 has shipped as "
            "0.1.1: a store refuses what is not above it [KV211]"
        ),
    ),
    FindingKind(
        "KV212",
        "warning",
        "two lines hold one build",
        what=(
            "Two of main, the branches of [`[hotfix] lines`](configuration.md#all-keys) and the open hotfix "
            "branches have different versions with the same build, which has not shipped yet."
        ),
        why="A store refuses the one that ships second.",
        how=(
            "Raise the build of the one that ships later above that of the other:",
            sh(
                "git switch main",
                "krow-versions bump-build worker-mobile --above-build 7",
                'git commit --all --message "chore: raise the build"',
            ),
        ),
        example=(
            "main and hotfix/krow-withus-worker-mobile-v0.1.1: warning: build 6 is that of two versions: "
            "main is at 0.2.0+6, hotfix/krow-withus-worker-mobile-v0.1.1 is at 0.1.1+6: a store refuses the "
            "one that ships second [KV212]"
        ),
    ),
)
