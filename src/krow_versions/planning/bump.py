"""Compute the plan of a bump from a snapshot; nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import releases
from krow_versions.errors import Conflict, InputError, KrowVersionsError, UsageError, members, raise_all
from krow_versions.formats import find_version, new_values, replace_version
from krow_versions.planning.changelog_row import Texts, no_changelog, plan_changelog_row
from krow_versions.planning.commands import Calls
from krow_versions.planning.next_version import NextVersion, find_next
from krow_versions.planning.plan import FileChange, PlaceChange, Plan, ProductPlan
from krow_versions.products import repo_path

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from krow_versions.formats import Located
    from krow_versions.products import Catalog
    from krow_versions.snapshot import FileState, ProductState, Snapshot
    from krow_versions.version import Held, Version


def plan_bump(
    snapshot: Snapshot,
    *,
    from_: Version | None = None,
    build: int | None = None,
    above_build: int | None = None,
    message: str | None = None,
    date: dt.date | None = None,
) -> Plan:
    """Plan the PATCH of every product in *snapshot*, with its CHANGELOG row when a *date* is given.

    Args:
        snapshot: the state of the files and of git.
        from_: the baseline, instead of the one that tags and commits give; for one product only.
        build: the build to ship, instead of the computed one; for one product only.
        above_build: the highest build that its store has seen; for one product only.
        message: the text of the row; None takes the subject of the only ``fix:`` commit.
        date: the day of a new row; None leaves the CHANGELOG unchanged.

    Raises:
        UsageError: *from_*, *build* or *above_build* with several products, or both of these.
        KrowVersionsError: the products cannot be bumped; all problems at once.
    """
    given = {"--from": from_, "--build": build, "--above-build": above_build}
    require_one(snapshot, *(name for name, value in given.items() if value is not None))
    if build is not None and above_build is not None:
        raise UsageError("--build and --above-build contradict each other", hint="leave one of them out")
    plans: list[ProductPlan] = []
    errors: list[KrowVersionsError] = []
    texts: Texts = {}
    for state in snapshot.products:
        try:
            planned = _plan_product(
                snapshot.catalog, state, texts, from_=from_, build=build, above_build=above_build
            )
            if date is not None:
                row, warnings = plan_changelog_row(state, planned.target, date, message, texts)
                planned = attrs.evolve(planned, changelog=row, warnings=planned.warnings + warnings)
                if state.changelog is None:
                    note = f"{planned.product}: there is no CHANGELOG, so no row is written"
                    planned = attrs.evolve(planned, notes=(*planned.notes, note))
            plans.append(planned)
        except KrowVersionsError as error:
            errors.append(error)
    raise_all(errors)
    return Plan.of_products(plans)


def refusals(catalog: Catalog, state: ProductState, found: NextVersion) -> tuple[KrowVersionsError, ...]:
    """Return the reasons for which a bump to the version that was *found* is refused."""
    try:
        changing = any(where.held != after for _, where, after in _decided(state, found))
        _check_target_is_free(catalog, state, found, changing=changing)
    except KrowVersionsError as error:
        return tuple(members(error))
    return ()


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
    plans = []
    for state in snapshot.products:
        if state.changelog is None:
            raise no_changelog(state.product.name)
        found = find_next(snapshot.catalog, state)
        if version is None:
            _decided(state, found)
            _check_target_is_free(snapshot.catalog, state, found, changing=False)
            if found.baseline.source != "tag":
                raise InputError(
                    f"{state.product.name}: without a production tag, the version of the row is not known",
                    hint="name it with --version",
                )
        target = version or found.outcome.target
        row, warnings = plan_changelog_row(state, target, date, message, texts)
        if row is None:
            raise InputError(warnings[0])
        name = state.product.name
        plans.append(ProductPlan(name, found.baseline, target, (), row, found.notes, found.warnings))
    return Plan.of_products(plans)


def require_one(snapshot: Snapshot, *options: str) -> None:
    """Refuse options for one product, such as the build that its store has seen, with several products.

    Raises:
        UsageError: there are several products, and options.
    """
    if options and len(snapshot.products) > 1:
        are = "is" if len(options) == 1 else "are"
        raise UsageError(
            f"{' and '.join(options)} {are} for one product", hint="run it once for each of the products"
        )


def _plan_product(
    catalog: Catalog,
    state: ProductState,
    texts: Texts,
    *,
    from_: Version | None,
    build: int | None,
    above_build: int | None,
) -> ProductPlan:
    found = find_next(catalog, state, from_, build, above_build)
    changes = tuple(change_of(file, where, after, texts) for file, where, after in _decided(state, found))
    _check_target_is_free(catalog, state, found, changing=any(change.changed for change in changes))
    name, target = state.product.name, found.outcome.target
    warnings = (*found.warnings, *left_behind(state))
    return ProductPlan(name, found.baseline, target, changes, None, found.notes, warnings)


def left_behind(state: ProductState) -> Iterator[str]:
    """Warn about what other build tools ship in the place of a pubspec's version."""
    audit = Calls(state.product.name).other("audit")
    for override in state.overrides:
        path = repo_path(override.repo, override.path)
        if override.error is not None:
            yield f"{override.error.where}: not read, so it may override {override.source.path}: see {audit}"
        for key, line in {value.key: value.line for value in reversed(override.values)}.items():
            yield f"{path}:{line}: {key} is written out there, so this bump does not raise it: see {audit}"


def _decided(state: ProductState, found: NextVersion) -> list[tuple[FileState, Located, Held]]:
    """Give what each file must hold; raise all errors and conflicts at once."""
    located = ready(state)
    decided = list(zip(located, found.outcome.files, strict=True))
    raise_all(_at(file, where, after) for (file, where), after in decided if isinstance(after, Conflict))
    return [(file, where, after) for (file, where), after in decided if not isinstance(after, Conflict)]


def ready(state: ProductState) -> list[tuple[FileState, Located]]:
    """Return the version files of a product, if all can be read and nothing is under way in git.

    Raises:
        KrowVersionsError: the errors of files; all at once.
        Conflict: a merge or another operation of git is under way.
    """
    raise_all(file.error for file in state.files if file.error is not None)
    if state.repo.under_way is not None:
        raise Conflict(
            f"a {state.repo.under_way} is under way in this repository",
            path=state.repo.root,
            hint="finish or abort it first: git status shows how",
        )
    return [(file, file.located) for file in state.files if file.located is not None]


def _check_target_is_free(
    catalog: Catalog, state: ProductState, found: NextVersion, *, changing: bool
) -> None:
    """Refuse a target that was shipped, or that is not the version of this hotfix branch."""
    slug, target = state.product.slug, found.outcome.target.with_build(None)
    for tag in releases.production(state.tags):
        if tag.version == target and not releases.is_contained(tag):
            raise Conflict(
                f"{target} is taken: there is the tag {tag.name}, and HEAD does not contain it",
                hint="somebody has shipped this version from elsewhere: start from that tag",
            )
        if tag.version == target and changing:
            raise Conflict(
                f"{target} has been shipped: there is the tag {tag.name}, and the files here are behind it",
                hint=f"name the version that is in production, such as --from {target}",
            )
    reserved = {
        name: own[1] for name in state.repo.on if (own := catalog.branch.parse(name)) and own[0] == slug
    }
    if any(version.core == target.core for version in reserved.values()):
        return  # HEAD may be detached at several branches.
    for name, version in reserved.items():
        if version.core == found.baseline.version.core:
            raise Conflict(
                f"the branch {name} is done: {version} is in production",
                hint=f"there is nothing to bump; the next hotfix is {catalog.branch.format(slug, target)}",
            )
        raise Conflict(
            f"the branch {name} is for {version}, but the next version is {target}",
            hint=f"switch to {catalog.branch.format(slug, target)}, or name the baseline{_before(version)}",
        )


def _before(version: Version) -> str:
    """Give the ``--from`` option whose bump results in *version*."""
    return f" with --from {attrs.evolve(version, patch=version.patch - 1)}" if version.patch else ": --from"


def _at(file: FileState, located: Located, conflict: Conflict) -> KrowVersionsError:
    conflict.line = located.line
    if located.format.is_lock:
        conflict.advise(f"a lock out of step: {located.format.lock_command}", keep=True)
    return conflict.in_file(repo_path(file.repo, file.path))


def change_of(file: FileState, located: Located, after: Held, texts: Texts) -> FileChange:
    """Change one version, on top of what this plan has already changed in the same file."""
    where = (file.repo, file.path)
    if texts.setdefault(where, located.text) != located.text:
        located = find_version(texts[where], located.format)
    changed = replace_version(located, after)
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
