"""KV204, KV209, KV210: main, release branches and newer releases that lack a fix that shipped.

Whether they lack it was judged by contents, so a squash, a rebase or a cherry-pick of it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.audit.model import Check, CheckContext, Occurrence, day_of
from krow_versions.errors import KrowVersionsError
from krow_versions.text.escaping import printable, shell_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.snapshot import Lacked, LineState, TagState


def not_on_main(context: CheckContext) -> Iterator[Occurrence]:
    """Find the highest release, and every fix, that main lacks."""
    repo = context.state.repo
    if repo.shallow:
        return  # Ancestry is not known.
    known = [tag for tag in releases.production(context.state.tags) if tag.readable]
    highest = releases.highest(known)
    lacking = {fix.name: (line, lacked) for line, fix, lacked in _lacking(context, "main")}
    is_off = all(each.on_main is False for each in known if highest and _same(each, highest))
    main = printable(repo.main or "main")
    for tag in known:
        name, (line, lacked) = printable(tag.name), lacking.get(tag.name, (None, None))
        if tag is highest and is_off:
            what = f"{name} is in production, but not on {main}"
        elif lacked and not (highest and _same(tag, highest)):
            what = f"{name} is a fix that shipped, but is not on {main}"
        else:
            continue
        how = f"merge it there: git merge {shell_word(name)}"
        if line and lacked:
            branch = printable(_short(line))
            how = _bringing_back(lacked, branch) if lacked.undone else _bringing(context, tag, branch)
            if lacked.undone:
                what = f"{name} was on {main}, but {_by(lacked)} undid it"
        yield Occurrence(
            f"{what}: the next release from there would lose it", how, about=tag.name, day=day_of(tag.date)
        )


def _branch_lacks(context: CheckContext) -> Iterator[Occurrence]:
    for line, fix, lacked in _lacking(context, "branch"):
        if _is_older(context, line, fix):
            continue
        shown, name = printable(line.name), printable(fix.name)
        branch = printable(_short(line))
        what, how = f"{shown} lacks what {name} fixed", _bringing(context, fix, branch)
        if lacked.undone:
            what = f"{shown} had what {name} fixed, but {_by(lacked)} undid it"
            how = _bringing_back(lacked, branch)
        message = f"{what}: the next release from there would lose it"
        yield Occurrence(message, how, about=f"{fix.name} on {line.name}", day=day_of(fix.date))


def _release_lacks(context: CheckContext) -> Iterator[Occurrence]:
    for line, fix, lacked in _lacking(context, "tag"):
        shown, name = printable(line.name), printable(fix.name)
        base = releases.below(context.state.tags, fix)
        commits = printable(f"{base.name}..{fix.name}" if base else fix.name)
        what = f"it does not have what {name} fixed"
        if lacked.undone:
            what = f"{_by(lacked)} undid what {name} fixed"
        yield Occurrence(
            f"{shown} is in production, but {what}: who has it has the fault",
            f"fix it there, too: krow-versions hotfix start {context.name} --from {shell_word(shown)}, then "
            f"git cherry-pick -x the commits of the fix: git log --oneline {shell_word(commits)}",
            about=f"{fix.name} in {line.name}",
            day=day_of(fix.date),
        )


CHECKS: tuple[Check, ...] = (Check("KV209", _branch_lacks), Check("KV210", _release_lacks))


def _lacking(context: CheckContext, kind: str) -> Iterator[tuple[LineState, TagState, Lacked]]:
    tags = {tag.name: tag for tag in context.state.tags}
    for line in context.state.lines:
        if line.kind == kind:
            for lacked in line.lacks:
                yield line, tags[lacked.tag], lacked


def _by(lacked: Lacked) -> str:
    return lacked.undone_by[:12] if lacked.undone_by else "a later commit"


def _bringing(context: CheckContext, fix: TagState, line: str) -> str:
    branch = shell_word(line)
    return (
        f"bring it there: krow-versions hotfix finish {context.name} --version {fix.version} "
        f"--carry-to {branch}; or git switch {branch}, then git merge {shell_word(printable(fix.name))}"
    )


def _bringing_back(lacked: Lacked, branch: str) -> str:
    by, tag = lacked.undone_by, printable(lacked.tag)
    return releases.bringing_back("git", by, tag, by_merge=lacked.by_merge, branch=branch)


def _is_older(context: CheckContext, line: LineState, fix: TagState) -> bool:
    """Whether a branch has the product in a MINOR below that of a fix, or not at all: it ships no later.

    Where it has none of the version files of today, the releases that it contains say so.
    """
    paths = {file.path for file in context.state.files}
    found = [tag.version for tag in context.state.tags if tag.name == line.contains]
    for past in context.state.beside:
        if past.revision in line.refs and past.path in paths:
            try:
                found.append(past.version())
            except KrowVersionsError:
                return False
    return max((each.core[:2] for each in found if each), default=(-1, -1)) < releases.core_of(fix)[:2]


def _short(line: LineState) -> str:
    """Return the name of a branch without its remote."""
    ref = line.refs[0]
    return ref.split("/", 3)[3] if ref.startswith("refs/remotes/") else ref.split("/", 2)[2]


def _same(tag: TagState, other: TagState) -> bool:
    return releases.core_of(tag) == releases.core_of(other)
