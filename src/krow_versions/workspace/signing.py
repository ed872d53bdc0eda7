"""The signature of a tag that is to be pushed: verified before the push, never after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git, signatures
from krow_versions.errors import Conflict, GitError, KrowVersionsError
from krow_versions.evidence import SSH, Standing, Verdict
from krow_versions.names import TAGS
from krow_versions.text.escaping import printable, shell_word
from krow_versions.workspace.signers import find_signers, roots_of, signers_on_main

if TYPE_CHECKING:
    from krow_versions.evidence import Signers, TagObject
    from krow_versions.hotfix import Facts
    from krow_versions.planning.actions import Tag
    from krow_versions.workspace.protocols import Opened


def require_signing(workspace: Opened, repository: git.Repository, facts: Facts) -> tuple[str, ...]:
    """Refuse to finish a hotfix whose tag would not be signed, where the configuration wants that.

    Returns:
        What is wrong with the signature of a tag that is out already, for people.

    Raises:
        Conflict: git signs no tags, or the tag that is here already is not signed by a known signer;
            nothing was changed.
        InputError: the signers file is not as it must be.
        GitError: the signature cannot be verified.
        FileSystemError: the signers file cannot be read.
    """
    if not workspace.config.tags.signed:
        return ()
    if facts.tag is None and not git.signs_tags(repository):
        raise Conflict(
            "production tags are to be signed ([tags] signed), and git here signs none; nothing was changed",
            hint="git config --global tag.gpgSign true; with a key of ssh: git config --global gpg.format "
            "ssh && git config --global user.signingKey ~/.ssh/id_ed25519.pub",
        )
    if facts.tag is None:
        _signers(workspace)  # A file that cannot be used is said before the tag is made.
        return ()
    try:
        made = facts.tag_object or facts.tag_at or ""
        require_signed(workspace, repository, TAGS + facts.tag.name, made, made=False)
    except (Conflict, GitError) as error:
        if facts.tag_pushed is False:
            raise
        return (error.message.removesuffix(_UNPUSHED),)
    return ()


def make_tag(workspace: Opened, repository: git.Repository, action: Tag, *, pushed: bool) -> str:
    """Make the tag of a plan and verify it; only its object, which no ref names, if it is *pushed* next.

    Returns:
        The id of the object.

    Raises:
        KrowVersionsError: as :func:`require_signed`, :func:`git.tag_object` and :func:`git.create_tag`; there
            is no tag here.
    """
    make = git.tag_object if pushed else git.create_tag
    made = make(repository, action.tag, action.commit, action.message, sign=action.signed)
    try:
        if action.signed or workspace.config.tags.signed:
            require_signed(workspace, repository, action.tag, made)
    except KrowVersionsError:
        if not pushed:
            git.update_refs(repository, [f"delete {action.tag} {made}"], message="tag: taken back")
        raise
    if pushed:
        git.require_taggable(repository, action.tag, made)
    return made


def require_signed(
    workspace: Opened, repository: git.Repository, ref: str, object_id: str, *, made: bool = True
) -> None:
    """Refuse to push a tag without a good signature.

    Where the configuration names signers it must be that of one of them, in the file here or on main. Else it
    must fit the tag, whoever has made it; of OpenPGP only the user's gpg can say that, which is not run for a
    tag that was there.

    Args:
        workspace: its configuration may name the signers.
        repository: the repository of the tag.
        ref: the full name that the tag gets.
        object_id: the object, which no ref may name yet.
        made: whether this run has made it; else the tag was there before.

    Raises:
        Conflict: it is not signed, or not so; nothing was pushed.
        InputError: the signers file is not as it must be.
        GitError: it cannot be verified; nothing was pushed.
        FileSystemError: the signers file cannot be read.
    """
    name, signers, outside = printable(ref.removeprefix(TAGS)), _signers(workspace), roots_of(workspace)
    tag = git.read_made_tag(repository, object_id)
    verdict = Verdict(Standing.UNSIGNED)
    if tag is not None and tag.signature is not None:
        if signers is not None:
            (verdict,) = signatures.verify([tag], signers, outside=outside)
            if not verdict.is_good and (newer := signers_on_main(workspace)) is not None:
                signers = newer
                (verdict,) = signatures.verify([tag], signers, outside=outside)
        elif tag.kind == SSH:
            verdict = signatures.check_ssh(tag, outside=outside)
        elif made:
            git.verify_tag(repository, object_id)  # Only the user's own program has the keys.
            return
        else:  # A preview runs no program that the repository could name.
            return
    if verdict.is_good or (signers is None and verdict.standing is Standing.UNKNOWN):
        return
    said = f" ({verdict.said})" if verdict.said else ""
    why = f"the signature of {name}: {verdict.standing.value}{said}{_UNPUSHED}"
    if verdict.standing is Standing.UNVERIFIED:
        raise GitError(why, hint="install ssh-keygen or gpg, whichever signs here, then run it again")
    raise Conflict(why, hint=_remedy(tag, verdict, signers, ref, made=made))


_UNPUSHED = "; nothing was pushed"


def _signers(workspace: Opened) -> Signers | None:
    """Read the signers file of the configuration; None where it names none."""
    if workspace.config.tags.signers is None:
        return None
    found, signers = find_signers(workspace)
    if found.error is not None:
        raise found.error
    return signers


def _remedy(tag: TagObject | None, verdict: Verdict, signers: Signers | None, ref: str, *, made: bool) -> str:
    path = printable(signers.path) if signers else ""
    match verdict.standing:
        case Standing.UNSIGNED if not made:
            return (
                f"see who made it: git show {shell_word(ref)}; if it was never pushed, delete it here and "
                "run this again, which makes a signed one"
            )
        case Standing.UNSIGNED:  # Git 2.39 ends with 0 when it cannot read a key of ssh.
            return (
                "see whether user.signingKey names a key that can be read, and which program signs: "
                "git config --get-regexp '^(gpg|user.signing|tag)'"
            )
        case Standing.UNKNOWN if tag is not None:
            mail = printable(tag.tagger.rpartition("<")[2].removesuffix(">"))
            line = f"a line with {mail} and the text of its .pub file"
            what = line if tag.kind == SSH else f"what gpg --armor --export {verdict.key} prints"
            return (
                f"if the key {verdict.key} may sign releases, add to {path} {what}; else sign with a key "
                "that is there: git config --global user.signingKey KEY"
            )
        case Standing.EXPIRED | Standing.REVOKED:
            return f"sign with a key that is valid today, or renew its line in {path}"
    return "see which program and key sign here: git config --get-regexp '^(gpg|user.signing|tag)'"
