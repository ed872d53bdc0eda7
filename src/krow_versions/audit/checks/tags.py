"""KV21x: release tags as evidence of who released what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.audit.model import Check, CheckContext, Occurrence, day_of
from krow_versions.evidence import Standing, parse_person
from krow_versions.names import TAGS
from krow_versions.text.escaping import printable, quoted, quoted_whole, shell_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.evidence import Verdict
    from krow_versions.snapshot import TagState


def _unproven(context: CheckContext) -> Iterator[Occurrence]:
    for tag in releases.production(context.state.tags):
        verdict = tag.evidence and tag.evidence.verdict
        if tag.readable and verdict and not verdict.is_good:
            yield _about(tag, _said(tag, verdict), _ADVICE[verdict.standing])


def _said(tag: TagState, verdict: Verdict) -> str:
    name, key = printable(tag.name), printable(verdict.key)
    signer = f"{quoted(verdict.signer)} ({key})" if verdict.signer else key
    why = f": {printable(verdict.said)}" if verdict.said else ""
    match verdict.standing:
        case Standing.UNSIGNED if not tag.annotated:
            return f"{name} is not signed: it is a lightweight tag"
        case Standing.UNSIGNED:
            return f"{name} is not signed"
        case Standing.UNKNOWN:
            return f"{name} is signed by the key {key}, which is of no known signer"
        case Standing.EXPIRED:
            day = f" on {tag.date.date()}" if tag.date else ""
            limits = f" ({printable(verdict.said)})" if verdict.said else ""
            return f"{name} is signed by {signer}, whose key was not valid for it{day}{limits}"
        case Standing.REVOKED:
            return f"{name} is signed by {signer}, whose key is revoked"
        case Standing.UNVERIFIED:
            return f"the signature of {name} was not verified{why}"
        case _:
            return f"the signature of {name} does not fit its content{why}"


def _foreign(context: CheckContext) -> Iterator[Occurrence]:
    allowed = [parse_person(each) or ("", each) for each in context.taggers]
    for tag in releases.production(context.state.tags) if allowed else ():
        if not tag.readable or tag.evidence is None:
            continue
        tagger, name = tag.evidence.tagger, printable(tag.name)
        own_name, own_mail = parse_person(tagger) or ("", "")
        if not any(own_mail.lower() == mail.lower() and who in {"", own_name} for who, mail in allowed):
            said = f"was made by {quoted(tagger)}, whom [tags] taggers does not name"
            said = said if tagger else "does not say who made it, and [tags] taggers names who may"
            yield _about(
                tag,
                f"{name} {said}",
                f"ask who made it: {_showing(tag)}; if they may release, add them to taggers of [tags]",
            )


def _showing(tag: TagState) -> str:
    return f"git cat-file -p {shell_word(TAGS + tag.name)}"


def _about(tag: TagState, message: str, hint: str) -> Occurrence:
    return Occurrence(message, hint, about=tag.name, day=day_of(tag.date))


def _unusable(context: CheckContext) -> Iterator[Occurrence]:
    signers = context.state.repo.signers
    error = signers and signers.error
    if signers and error:
        where = f"{error.where}: " if signers.path else ""
        yield Occurrence(
            printable(f"no signature was verified: {where}{error.message}"),
            printable(error.hint or "name another file with --signers FILE"),
            about=signers.path,
        )


def _inside(context: CheckContext) -> Iterator[Occurrence]:
    signers = context.state.repo.signers
    if signers and signers.inside and not signers.error:
        yield Occurrence(
            f"the known signers are from {quoted_whole(signers.path)} in the checkout: who can push a commit "
            "can add a key there",
            "keep a file outside of the checkout, and name it: krow-versions audit --signers FILE",
            about=signers.path,
        )


def _renamed(context: CheckContext) -> Iterator[Occurrence]:
    """A signature covers the name in the object, not that of the ref."""
    for tag in context.state.tags:
        if tag.stage and tag.readable and tag.named and tag.named != tag.name:
            yield _about(
                tag,
                f"the object of {printable(tag.name)} is that of the tag {quoted(tag.named)}",
                f"see what it is and who made it: {_showing(tag)}; if it is a second name on purpose, ignore "
                "this finding with a reason",
            )


CHECKS: tuple[Check, ...] = (
    Check("KV213", _unproven),
    Check("KV214", _foreign),
    Check("KV215", _renamed),
    Check("KV216", _unusable),
    Check("KV217", _inside),
)

_ASK = "ask who made it, and compare it with the remote: krow-versions audit --remote"
_NEXT = "ship the next PATCH with a tag that a known signer has signed"
_ADVICE = {
    Standing.UNSIGNED: f"{_ASK}; {_NEXT}, and ignore this finding with a reason if the tag is right",
    Standing.UNKNOWN: f"{_ASK}; if the key is that of a colleague, add it to the signers file",
    Standing.UNFIT: f"{_ASK}; until that is clear, do not trust what it released: {_NEXT}",
    Standing.EXPIRED: f"{_ASK}; if the dates in the signers file are right, {_NEXT}",
    Standing.REVOKED: f"{_ASK}; until that is clear, do not trust what it released: {_NEXT}",
    Standing.UNVERIFIED: "install what is missing (OpenSSH 8.8 or newer for keys of ssh, GnuPG for OpenPGP), "
    "and audit again",
}
