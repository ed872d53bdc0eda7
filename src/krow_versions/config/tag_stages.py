"""Read the texts around a version in a tag: what they name, which stage, and the pattern that writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions.config.fields import TAG_PATTERN
from krow_versions.regexes import regex
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.config.tag_shapes import Shape

PRODUCTION, STAGING, DEVELOPMENT = "production", "staging", "development"


@frozen
class Reading:
    """One way to read a shape.

    Attributes:
        slug: the name of a product in it, as it is spelled there; empty if there is none.
        stage: the stage of its releases.
        before: the text before the version, with ``{slug}`` in place of the slug.
        after: the text behind version and build, likewise.
    """

    slug: str
    stage: str
    before: str
    after: str = ""

    def pattern(self, build: str = "") -> str:
        """Write the pattern of such tags, with *build* behind the version."""
        return f"{self.before}{{version}}{build}{self.after}"


def readings(shape: Shape) -> tuple[Reading, ...]:
    """Return all ways to read a shape; those that take more of it as a name come first.

    >>> from krow_versions.config.tag_shapes import find_shapes
    >>> (shape,) = find_shapes(["web/prod-v1.2.3"]).shapes
    >>> [(each.slug, each.stage, each.pattern()) for each in readings(shape)]
    [('web/prod', 'production', '{slug}-v{version}'), ('web', 'production', '{slug}/prod-v{version}')]
    """
    whole = Reading("", PRODUCTION, shape.before, shape.after)
    if any(TAG_PATTERN.problem(whole.pattern(build)) for build in shape.builds or ("",)):
        return ()  # No pattern can read such tags, or none that a configuration may hold.
    found = tuple(dict.fromkeys(_readings(shape.before, shape.after)))
    return tuple(evolve(each, stage=PRODUCTION) for each in found) if shape.is_empty_word else found


def _readings(before: str, after: str) -> Iterator[Reading]:
    behind = after.lstrip(_SEPARATORS)
    gap = after[: len(after) - len(behind)]
    stage_behind = _STAGES.get(behind.lower())
    stage = stage_behind or PRODUCTION
    if behind and not stage_behind:
        for own in _plain_stages(before):
            yield Reading(behind, own, before, f"{gap}{{slug}}")
    for name, tail in _cuts(before):
        if name:
            yield Reading(name, stage, f"{{slug}}{tail}", after)
            for peeled in _peeled(name):
                slug, its_stage, text = peeled
                yield Reading(slug, its_stage if not stage_behind else stage, f"{text}{tail}", after)
        else:
            yield Reading("", stage, tail, after)


_SEPARATORS = "-_/@:.=+ "
_PLAIN = regex(r"[-_/@:.=]*+(?:version|ver|v)?+[-_/.]*+", re.IGNORECASE)
_GAP = regex(r"(?:==|[-_/@:.=])(?:v|version|ver)?[-_.]?$", re.IGNORECASE)
_JOINED = regex(r"(?:v|version|ver)[-_./]?$", re.IGNORECASE)


def _cuts(before: str) -> Iterator[tuple[str, str]]:
    """Yield a name and the text between it and the version; two if no separator says where it ends."""
    if _PLAIN.fullmatch(before):
        yield "", before
        return
    gap = _GAP.search(before)
    joined = _JOINED.search(before)
    if gap is not None:
        yield before[: gap.start()], before[gap.start() :]
        return
    yield before, ""
    if joined is not None:
        yield before[: joined.start()], before[joined.start() :]


_STAGES = {
    **dict.fromkeys(("prod", "production", "release", "releases", "rel", "stable", "live", "r"), PRODUCTION),
    **dict.fromkeys(
        ("staging", "stage", "stg", "beta", "rc", "uat", "qa", "pre", "preprod", "preview", "testflight"),
        STAGING,
    ),
    **dict.fromkeys(
        ("dev", "develop", "development", "alpha", "canary", "nightly", "internal", "snapshot"),
        DEVELOPMENT,
    ),
}
_FIRST = regex(rf"(?P<stage>{'|'.join(_STAGES)})(?P<gap>[-_/.@:])(?P<name>.+)", re.IGNORECASE)
_LAST = regex(rf"(?P<name>.+?)(?P<gap>[-_/.@:])(?P<stage>{'|'.join(_STAGES)})", re.IGNORECASE)


def _peeled(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield slug, stage and pattern of a name that has a stage in it."""
    if name.lower() in _STAGES:
        yield "", _STAGES[name.lower()], name
    for pattern in (_LAST, _FIRST):
        found = pattern.fullmatch(name)
        if found is not None:
            text = f"{name[: found.start('name')]}{{slug}}{name[found.end('name') :]}"
            yield found["name"], _STAGES[found["stage"].lower()], text


def _plain_stages(before: str) -> Iterator[str]:
    """Yield the stage of a text that names no product; none if it names one."""
    for name, _ in _cuts(before):
        if not name:
            yield PRODUCTION
        elif name.lower() in _STAGES:
            yield _STAGES[name.lower()]
