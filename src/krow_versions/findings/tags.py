"""KV21x: release tags as evidence."""

from __future__ import annotations

from krow_versions.findings.model import FindingKind, sh, toml

KINDS = (
    FindingKind(
        "KV213",
        "error",
        "a production tag is not by a known signer",
        what=(
            "A production tag is not signed, or has no valid signature of somebody who was a known "
            "signer on the day of the tag. Checked if [`[tags] signed`](configuration.md#all-keys) or "
            "`signers` is "
            "configured, or with `--signers FILE`. The message names the key, or says why the signature "
            "does not count."
        ),
        why=(
            "Whoever can push a tag can release: only a signature proves that it was one of those who may. A "
            "signature that does not fit means that the tag was changed after it was signed."
        ),
        how=(
            "See the tag, and whether the remote has the same one:",
            sh(
                "git cat-file tag krow-withus-web/prod-v1.4.0",
                "krow-versions audit --remote",
            ),
            (
                "Ask the one who made it. If the key is that of a colleague, add it to the signers file. "
                "Until you know, do not trust what the tag released: ship the next PATCH, with a signed tag."
            ),
            (
                "A published tag stays as it is: if it is known to be right, [ignore it](howto-ignore.md) "
                "with the reason, or let [`[audit] since`](configuration.md#all-keys) begin after it."
            ),
        ),
        example=("krow-withus-web/prod-v1.4.0: error: krow-withus-web/prod-v1.4.0 is not signed [KV213]"),
        of_past=True,
    ),
    FindingKind(
        "KV214",
        "error",
        "a production tag is by an unknown tagger",
        what=(
            "The tagger of a production tag is not one of [`[tags] "
            "taggers`](configuration.md#all-keys), or the tag is lightweight and does not say who made "
            "it."
        ),
        why=(
            "A release was made by somebody who should not make one, or by a program under another name. The "
            "name is only text, which anybody can write: a signature (KV213) proves it."
        ),
        how=(
            "See the tag, and ask the one who made it:",
            sh("git cat-file tag krow-withus-web/prod-v1.4.0"),
            "If they may release, name them:",
            toml(
                "[tags]",
                'taggers = ["ada@example.org", "Release Bot <bot@example.org>"]',
            ),
            "A published tag stays as it is: [ignore it](howto-ignore.md) with a reason.",
        ),
        example=(
            "krow-withus-web/prod-v1.4.0: error: krow-withus-web/prod-v1.4.0 was made by 'Release "
            "Engineer <release@example.org>', whom [tags] taggers does not name [KV214]"
        ),
        of_past=True,
    ),
    FindingKind(
        "KV215",
        "error",
        "a tag has another name in its object",
        what=(
            "An annotated release tag has a name in its object, which a signature covers. That name is "
            "not the name of the tag here."
        ),
        why=(
            "Whoever made the tag released something else. A signature is still good under another "
            "name, so an old release can be shown as a new one."
        ),
        how=(
            "See which release the object names, and who made it:",
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
    FindingKind(
        "KV216",
        "error",
        "the signers file cannot be used",
        what=(
            "Production tags must be signed, but the file of the known signers is missing, cannot be read, "
            "names nobody, has a line that ssh-keygen or gpg would not accept, or is not configured."
        ),
        why="No signature was verified. So an audit without other findings proves nothing about who signed.",
        how=(
            (
                "Correct the line that the message names. A file may have lines of allowed signers of ssh, "
                "as `gpg.ssh.allowedSignersFile` of git has, and armored OpenPGP keys:"
            ),
            sh(
                'echo "ada@example.org $(cut -d " " -f 1,2 ada.pub)" >> signers',
                "gpg --armor --export bob@example.org >> signers",
            ),
            "Name it in the configuration, or better name one outside of the checkout:",
            sh("krow-versions audit --signers /etc/krow/signers"),
        ),
        example=(".: error: no signature was verified: no signers are named [KV216]"),
        of_repository=True,
    ),
    FindingKind(
        "KV217",
        "note",
        "the signers file is part of the checkout",
        what=(
            "Signatures of production tags were verified with a file in the checkout: that of "
            "[`[tags] signers`](configuration.md#all-keys), or one that `--signers` names there."
        ),
        why=(
            "Whoever can push a commit can add a key to that file, and then sign tags with it. The audit "
            "proves only that the checkout agrees with itself."
        ),
        how=(
            "Keep a file of the known signers where only those who decide can change it, and name it:",
            sh("krow-versions audit --signers /etc/krow/signers"),
        ),
        example=(
            "signers: note: the known signers are from 'signers' in the checkout: who can push a commit can "
            "add a key there [KV217]"
        ),
        of_repository=True,
    ),
)
