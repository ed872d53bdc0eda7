"""KV7xx: what is overdue after incidents, if the records of hotfixes were read."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, sh

KINDS = (
    FindingKind(
        "KV701",
        "warning",
        "a post-mortem is overdue",
        what=(
            "A hotfix was resolved more than 24 hours ago, and its incident is not documented. If "
            "nobody said when it was resolved, it counts as resolved 2 hours after its deployment, or "
            "after its tag."
        ),
        why="What is not written down within a day is forgotten, and the same fault comes back.",
        how=(
            "See what is missing, say it, and say that the document is final:",
            sh(
                "krow-versions hotfix report web --version 1.4.1",
                'krow-versions hotfix report web --version 1.4.1 --say root-cause="..." --state final',
            ),
            "If the incident is documented elsewhere, tick that:",
            sh("krow-versions hotfix status web --version 1.4.1 --done incident-documented"),
        ),
        example=(
            "1.4.1: warning: the post-mortem of 1.4.1 was due at 2026-02-03 16:00 +00:00: it was resolved "
            "at 2026-02-02 16:00 +00:00 [KV701]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV702",
        "warning",
        "an action item is overdue",
        what="The last day of an action item of an incident has passed, and nobody said that it is done.",
        why="Only work that is done prevents the same incident from happening again; a plan does not.",
        how=(
            "When it is done, say so:",
            sh("krow-versions hotfix report web --version 1.4.1 --close-action a-129555"),
            "If it needs more time, give it another day:",
            sh("krow-versions hotfix report web --version 1.4.1 --action a-129555 --due 2026-04-01"),
        ),
        example=(
            "1.4.1 a-129555: warning: 'Test the login with an expired token' was to be done by Ada until "
            "2026-02-20, after the incident of 1.4.1 [KV702]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV703",
        "warning",
        "the record of a hotfix cannot be read",
        what="The file of a record is damaged, was edited wrongly, or was written by a newer krow-versions.",
        why="No command for this hotfix works, and whether anything of it is overdue is not known.",
        how=(
            "See what is wrong with it, and correct it by hand:",
            sh("krow-versions hotfix status web --version 1.4.1"),
        ),
        example=(
            "1.4.1: warning: what is recorded of the hotfix 1.4.1 cannot be read: schema must be 2 [KV703]"
        ),
    ),
)
