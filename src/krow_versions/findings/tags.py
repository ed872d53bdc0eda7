"""KV21x: release tags as evidence."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, sh

KINDS = (
    FindingKind(
        "KV215",
        "error",
        "a tag has another name in its object",
        what=(
            "An annotated release tag has a name in its object, which a signature covers. That name is "
            "not the name of the tag here."
        ),
        why=(
            "Whoever made the tag released something else. A signature is still good under another name, so "
            "an old release can be passed off as a new one."
        ),
        how=(
            "See which release the object is of, and who made it:",
            sh("git cat-file tag krow-withus-web/prod-v1.4.1"),
            (
                "A published tag stays as it is. If it is a second name on purpose, as `git tag NEW OLD` "
                "makes it, [ignore it](howto-ignore.md) with that reason."
            ),
        ),
        example=(
            "krow-withus-web/prod-v1.4.1: error: the object of krow-withus-web/prod-v1.4.1 is that of the "
            "tag 'krow-withus-web/prod-v1.4.0' [KV215]"
        ),
        of_past=True,
    ),
)
