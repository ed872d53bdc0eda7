"""Which builds of a product leave no next one below its limit, and what helps."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions.errors import InputError, KrowVersionsError
from krow_versions.formats.model import dotted
from krow_versions.products import ANDROID_MAX_BUILD, repo_path
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.baseline import Baseline
    from krow_versions.bump_rule import Outcome
    from krow_versions.products import Product
    from krow_versions.snapshot import PastFile, ProductState


def over_limit(
    state: ProductState,
    baseline: Baseline,
    outcome: Outcome,
    build: int | None = None,
    above_build: int | None = None,
) -> list[KrowVersionsError]:
    """Return an error for each build that brings the next one over ``max_build``.

    Args:
        state: the product.
        baseline: what is in production.
        outcome: that of the bump rule without a limit and without *build*.
        build: the build that the caller wants.
        above_build: the build that the caller wants the next one to be above.
    """
    name, limit = state.product.name, state.product.max_build
    floor = -1 if outcome.floor is None else outcome.floor
    needed = outcome.target.build if build is None else max(floor, build)
    if outcome.target.build is None or needed is None or needed <= limit:
        return []
    raising = _raising(state.product, needed)
    if build is not None and floor <= limit:
        message = f"{name}: build {build} is over the limit of {limit} (max_build)"
        return [InputError(message, hint=f"give {limit} or less; {raising}")]
    if above_build is not None and above_build >= limit:
        return [raised_over_limit(state, above_build + 1, f"the build above {above_build}")]
    sources = [each for each in _sources(state, baseline, outcome, build) if each.next > limit]
    on_disk = {each.path for each in sources}
    sources = [each for each in sources if each.path.removeprefix("HEAD:") not in on_disk - {each.path}]
    lower = "" if any(each.shipped for each in sources) else _LOWER
    return [each.error(name, limit, lower + raising) for each in sources]


def raised_over_limit(state: ProductState, build: int, what: str, *, held: bool = False) -> KrowVersionsError:
    """Make the error of a build that is over ``max_build``, at the file that it was to be written to.

    Args:
        state: the product.
        build: the build.
        what: what it is.
        held: whether it is over the limit because a file has it, not because one like it has shipped.
    """
    name, limit = state.product.name, state.product.max_build
    with_build = (file for file in state.files if file.located and file.build is not None)
    file = max(with_build, key=lambda each: each.build or 0, default=None)
    return InputError(
        f"{name}: {what} is {build}, over the limit of {limit} (max_build)",
        path=repo_path(file.repo, file.path) if file else None,
        line=file.located.build_line if file and file.located else None,
        hint=(_LOWER if held else "") + _raising(state.product, build),
    )


_LOWER = "if it never shipped, write a lower one there, and commit it; "


@frozen
class _Source:
    """A build, the lowest that may follow it, and where it stands."""

    build: int
    next: int
    path: str = ""
    line: int | None = None
    shipped: bool = False

    def error(self, name: str, limit: int, hint: str) -> KrowVersionsError:
        what = f"the build {self.build}" if self.build > limit else f"the next build after {self.build}"
        message = f"{name}: {what} is over the limit of {limit} (max_build)"
        return InputError(message, path=self.path or None, line=self.line, hint=hint)


def _raising(product: Product, needed: int) -> str:
    enough = ANDROID_MAX_BUILD if needed <= ANDROID_MAX_BUILD else 10 ** len(str(needed)) - 1
    table = dotted(("products", product.name))
    return (
        f"where its stores take higher ones, set max_build = {enough} in [{table}] of the configuration "
        f"(Google Play takes none above {ANDROID_MAX_BUILD}, the App Store none of over 18 digits)"
    )


def _sources(
    state: ProductState, baseline: Baseline, outcome: Outcome, build: int | None
) -> Iterator[_Source]:
    """Yield what decides the next build: files, unless *build* replaces theirs, the baseline, and one tag."""
    current = {baseline.version.core: 1, outcome.target.core: 0}
    for file in state.files if build is None else ():
        if file.located is not None and file.build is not None:
            above = current.get(file.version.core) if file.version else 0
            if above is not None:
                where = repo_path(file.repo, file.path)
                yield _Source(file.build, file.build + above, where, file.located.build_line)
    if baseline.source == "from" and baseline.version.build is not None:
        yield _Source(baseline.version.build, baseline.version.build + 1)
    for past in state.committed if baseline.source == "head" else ():
        yield from _read(past)
    for past in sorted(state.released, key=lambda each: each.build_bound, reverse=True):
        if found := list(_read(past, shipped=True)):
            yield from found
            return


def _read(past: PastFile, *, shipped: bool = False) -> Iterator[_Source]:
    with contextlib.suppress(KrowVersionsError):  # A warning names a tag that cannot be read.
        build = past.highest_build()
        if build is not None:
            line = past.located().build_line
            yield _Source(build, build + 1, f"{past.revision}:{past.path}", line, shipped)
