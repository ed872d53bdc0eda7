"""Compute the plan of a bump from a snapshot; nothing is written."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions.errors import InputError, KrowVersionsError, UsageError, members, raise_all
from krow_versions.formats import find_version, new_values, replace_version, unproven
from krow_versions.names import HEADS
from krow_versions.planning.changelog_row import Texts, no_changelog, plan_changelog_row
from krow_versions.planning.changes import FileChange, PlaceChange
from krow_versions.planning.expectations import HeadAt, TagsAt
from krow_versions.planning.next_version import NextVersion, find_next
from krow_versions.planning.overrides import left_behind
from krow_versions.planning.plan import Plan, ProductPlan
from krow_versions.planning.refusals import decided, pins_beside, refusals, unready
from krow_versions.products import repo_path
from krow_versions.snapshot import Snapshot
from krow_versions.values import evolve
from krow_versions.version import Version

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator

    from krow_versions.formats import Located
    from krow_versions.planning.expectations import Expectation
    from krow_versions.snapshot import FileState, ProductState
    from krow_versions.version import Held


def plan_bump(
    snapshot: Snapshot,
    *,
    from_: Version | None = None,
    build: int | None = None,
    above_build: int | None = None,
    message: str | None = None,
    date: dt.date | None = None,
    pins: bool = False,
    proven: bool = True,
) -> Plan:
    """Plan the PATCH of every product in *snapshot*, with its CHANGELOG row when a *date* is given.

    Args:
        snapshot: the state of the files and of git.
        from_: the baseline, instead of the one that tags and commits give; for one product only.
        build: the build to ship, instead of the computed one; for one product only.
        above_build: the highest build that its store has seen; for one product only.
        message: the text of the row; None takes the subject of the only ``fix:`` commit.
        date: the day of a new row; None leaves the CHANGELOG unchanged.
        pins: whether to move pins of every product, not only of those that are configured so.
        proven: whether the new texts are proved; else the plan shows what would change, and is not applied.

    Raises:
        UsageError: *from_*, *build* or *above_build* with several products, or both of these.
        KrowVersionsError: the products cannot be bumped; all problems at once.
        TypeError: *snapshot* is none, as where the workspace's method of this name is meant.
    """
    given_snapshot: object = snapshot
    if not isinstance(given_snapshot, Snapshot):
        kind = type(given_snapshot).__name__
        raise TypeError(f"plan_bump takes a snapshot: plan_bump(workspace.snapshot(['web'])), not a {kind}")
    given = {"from_": from_, "build": build, "above_build": above_build}
    require_one(snapshot, *(name for name, value in given.items() if value is not None))
    if build is not None and above_build is not None:
        raise UsageError("build and above_build contradict each other", hint="leave one of them out")
    texts: Texts = {}

    def plan(state: ProductState) -> ProductPlan:
        with _beside_row(state, message, date, texts):
            found = find_next(snapshot.catalog, state, from_, build, above_build)
            raise_all(refusals(snapshot.catalog, state, found, pins=pins))
        planned = _plan_product(state, found, texts, pins=pins, proven=proven)
        if date is None:
            return planned
        row, warnings = plan_changelog_row(state, planned.target, date, message, texts)
        note = f"{planned.product}: there is no CHANGELOG, so no row is written"
        notes = (*planned.notes, note) if state.changelog is None and not warnings else planned.notes
        return evolve(planned, changelog=row, notes=notes, warnings=planned.warnings + warnings)

    return evolve(plan_all(snapshot, plan), proven=proven)


def plan_changelog(
    snapshot: Snapshot, date: dt.date, *, message: str | None = None, version: Version | None = None
) -> Plan:
    """Plan only the CHANGELOG rows of the products in *snapshot*.

    Args:
        snapshot: the state of the files and of git.
        date: the day of a new row.
        message: the text of the row; None takes the subject of the only ``fix:`` commit.
        version: the version of the row; None takes the target of a bump.

    Raises:
        InputError: there is no CHANGELOG, not exactly one table, or no text.
    """
    texts: Texts = {}

    def plan(state: ProductState) -> ProductPlan:
        name = state.product.name
        with _beside_row(state, message, date, texts, optional=False):
            found = find_next(snapshot.catalog, state)
            errors: list[KrowVersionsError] = (
                [no_changelog(state, optional=False)] if state.changelog is None else []
            )
            if version is None:
                errors += refusals(snapshot.catalog, state, found, changing=False, pins=True)
                if found.baseline.source != "tag":
                    unknown = f"{name}: without a production tag, the version of the row is not known"
                    errors.append(InputError(unknown, hint="name the version of the row"))
            raise_all(errors)
        target = version or found.outcome.target
        row, warnings = plan_changelog_row(state, target, date, message, texts, optional=False)
        if row is None:
            raise InputError(warnings[0])
        return ProductPlan(name, found.baseline, target, (), row, found.notes, found.warnings)

    return plan_all(snapshot, plan)


def plan_all(snapshot: Snapshot, plan: Callable[[ProductState], ProductPlan]) -> Plan:
    """Plan every product; raise the errors of all of them at once, that of a common file only once."""
    plans: list[ProductPlan] = []
    errors: list[KrowVersionsError] = []
    for state in snapshot.products:
        try:
            plans.append(plan(state))
        except KrowVersionsError as error:
            errors += members(error)
    _raise_different(errors)
    made = Plan.of_products(plans)
    return made if made.is_empty else evolve(made, expects=(*made.expects, *_seen(snapshot.products)))


def _seen(products: Iterable[ProductState]) -> Iterable[Expectation]:
    """Give what a version and its build were decided from: HEAD, and the tags of each product."""
    seen: dict[Expectation, None] = {}
    for state in products:
        repo, name = state.repo, state.product.repo
        if repo.head or repo.branch:
            seen[HeadAt(name, HEADS + repo.branch if repo.branch else None, repo.head)] = None
            tags = tuple((tag.name, tag.commit) for tag in state.tags)
            seen[TagsAt(name, state.product.name, tags)] = None
    return seen


def require_one(snapshot: Snapshot, *arguments: str) -> None:
    """Refuse arguments for one product, such as the build that its store has seen, with several products.

    Raises:
        UsageError: there are several products, and arguments.
    """
    if arguments and len(snapshot.products) > 1:
        are = "is" if len(arguments) == 1 else "are"
        raise UsageError(
            f"{' and '.join(arguments)} {are} for one product", hint="run it once for each of the products"
        )


def _raise_different(errors: Iterable[KrowVersionsError]) -> None:
    raise_all({str(error): error for error in errors}.values())


@contextlib.contextmanager
def _beside_row(
    state: ProductState, message: str | None, date: dt.date | None, texts: Texts, *, optional: bool = True
) -> Iterator[None]:
    """Add to the errors of the block those of files, so that none hides another."""
    try:
        yield
    except KrowVersionsError as error:
        errors = [*unready(state), *members(error)]
        if date is not None and state.changelog is not None:
            try:  # Of any version: what is wrong with the CHANGELOG is wrong for each.
                plan_changelog_row(state, Version(0, 0, 0), date, message, {**texts}, optional=optional)
            except KrowVersionsError as other:
                errors += members(other)
        _raise_different(errors)
        raise


def _plan_product(
    state: ProductState, found: NextVersion, texts: Texts, *, pins: bool, proven: bool
) -> ProductPlan:
    changes = tuple(
        change_of(file, where, after, texts, proven=proven) for file, where, after in decided(state, found)
    )
    moved = pins_beside(state, found, texts, move=pins)
    name, target = state.product.name, found.outcome.target
    warnings = (*found.warnings, *moved.warnings, *left_behind(state))
    return ProductPlan(name, found.baseline, target, changes, None, found.notes, warnings, moved.changes)


def change_of(
    file: FileState, located: Located, after: Held, texts: Texts, *, proven: bool = True
) -> FileChange:
    """Change one version, on top of what this plan has already changed in the same file."""
    where = (file.repo, file.path)
    if texts.setdefault(where, located.text) != located.text:
        located = find_version(texts[where], located.format)
    try:
        changed = replace_version(located, after) if proven else unproven(located, after)
    except KrowVersionsError as error:
        raise error.in_file(repo_path(*where)) from None
    texts[where] = changed
    return FileChange(
        file.repo,
        file.path,
        file.format,
        before=located.held,
        after=after,
        places=tuple(
            PlaceChange(place.name, place.kind, located.line_of(place), place.scalar.value, value)
            for place, value in zip(located.places, new_values(located, after), strict=True)
        ),
        text_before=located.text,
        text_after=changed,
    )
