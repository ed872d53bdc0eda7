"""How a workspace is shown: the tables of ``products`` and ``show``, and the display in Jupyter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.baseline import find_baseline
from krow_versions.builds import refused_after, shipped_as
from krow_versions.errors import GitMissing, KrowVersionsError, PrereleaseVersion, members
from krow_versions.planning.commands import Calls
from krow_versions.planning.next_version import find_next
from krow_versions.planning.refusals import refusals
from krow_versions.products import repo_path, require_names
from krow_versions.snapshot import Snapshot
from krow_versions.tables import Data, Table, markup
from krow_versions.text.escaping import printable
from krow_versions.text.words import counted
from krow_versions.values import frozen
from krow_versions.version import with_highest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from krow_versions.baseline import Baseline
    from krow_versions.hotfix import Status
    from krow_versions.products import Catalog
    from krow_versions.snapshot import FileState, ProductState
    from krow_versions.version import Version
    from krow_versions.workspace.protocols import Opened


@frozen
class ProductOverview:
    """One product at one moment, with its next version.

    Attributes:
        state: its files and tags.
        baseline: what is in production, or None if that is not known.
        next: the version that a bump would give, or None if it would be refused.
        error: why one of them is not known, if that is an error.
        warnings: one sentence each.
    """

    state: ProductState
    baseline: Baseline | None = None
    next: Version | None = None
    error: KrowVersionsError | None = None
    warnings: tuple[str, ...] = ()


def look_at(snapshot: Snapshot) -> tuple[ProductOverview, ...]:
    """Find the next version of every product of *snapshot*; errors are kept, not raised."""
    return tuple(_look(snapshot, state) for state in snapshot.products)


def errors_of(looks: Sequence[ProductOverview]) -> list[KrowVersionsError]:
    """Return every error once: those of files first, then those of baselines; a pre-release is none."""
    errors = [error for look in looks for error in _faults(look.state)]
    errors += [look.error for look in looks if look.error is not None]
    return [*dict.fromkeys(errors)]  # What a whole repository lacks, each of its products reports.


def products_of(workspace: Opened) -> Table:
    """Make one row per version file: slug, repository, file and CHANGELOG of its product."""
    rows: dict[tuple[str, ...], dict[str, object]] = {}
    changelogs = changelogs_of(workspace)
    for view in map(workspace.__getitem__, workspace):
        product = view.product
        whose = (product.name, ", ".join(product.aliases), product.slug)
        changelog = changelogs[product.name]
        for file in workspace.find_files(product):
            shown = (*whose, file.repo or "", file.path, changelog or "none")
            rows[shown] = {
                "product": product.name,
                "aliases": ", ".join(product.aliases),
                "slug": product.slug,
                "repo": file.repo,
                "path": file.path,
                "changelog": changelog,
            }
    columns = ("product", "also", "slug", "repo", "file", "changelog")
    return Table(columns, tuple(rows), "Products", Data.of(_PRODUCTS, rows.values()))


def changelogs_of(workspace: Opened) -> dict[str, str | None]:
    """Return the path of the CHANGELOG of each product, or None where there is none of its own.

    Files and git are read only if a CHANGELOG at the top of a repository may be of something else.
    """
    found = {name: workspace[name].find_changelog() for name in workspace}
    unsure = [name for name, state in found.items() if state and state.assumed]
    own = {}
    if unsure:
        own = {
            state.product.name: state.changelog for state in workspace.snapshot(unsure, log=False).products
        }
    its = {name: own.get(name) if name in unsure else state for name, state in found.items()}
    return {name: state.path if state else None for name, state in its.items()}


def show_of(workspace: Opened, names: tuple[str, ...]) -> Table:
    """See :meth:`Workspace.show`."""
    require_names(names, "show")
    return versions_of(look_at(workspace.snapshot(names or None, log=False)))


def versions_of(looks: Iterable[ProductOverview]) -> Table:
    """Make one row per version file: its version, the baseline, the next version, the baseline's source.

    Places of one file with one version, such as the packages of a lock, are one row.
    """
    rows: dict[tuple[str, ...], dict[str, object]] = {}
    for look in looks:
        for file in look.state.files:
            place = repo_path(file.repo, file.path)
            row = (look.state.product.name, place, file.shown or "?", *_baseline(look))
            rows.setdefault(row, _document(look, file))
    columns = ("product", "file", "version", "baseline", "next", "baseline from")
    return Table(columns, tuple(rows), "Versions", Data.of(_VERSIONS, rows.values()))


def places_of(looks: Iterable[ProductOverview]) -> Table:
    """Make one row per place of the files in which not all are places of a version, as in locks."""
    rows = [
        (repo_path(file.repo, file.path), each["key"], each["kind"], each["line"], each["value"])
        for look in looks
        for file in look.state.files
        if file.located is not None and any(place.kind in _APART for place in file.located.places)
        for each in file.located.described()
    ]
    return Table(("file", "place", "kind", "line", "value"), tuple(rows), "Places of versions and builds")


def display_of(workspace: Opened) -> str:
    """Render the versions of all products as HTML; places, and errors and warnings are in tables below."""
    return _display(*_look_at_all(workspace))


def display_of_product(catalog: Catalog, read: Callable[[], ProductState]) -> str:
    """Render the versions of one product as HTML; *read* gives its state, or raises what is shown."""
    try:
        return _display(look_at(Snapshot(catalog, (read(),))), [])
    except KrowVersionsError as error:
        return _display((), members(error))


def display_of_status(read: Callable[[], Status]) -> str:
    """Render the status of a hotfix as HTML; *read* gives it, or raises what is shown."""
    try:
        return read()._repr_html_()
    except KrowVersionsError as error:
        return markup.display(_problems(map(_problem, members(error))))


def _display(looks: Sequence[ProductOverview], errors: Iterable[KrowVersionsError]) -> str:
    problems = [_problem(error) for error in (*errors_of(looks), *errors)]
    problems += [("! warning", "", warning, None) for look in looks for warning in look.warnings]
    found = (places_of(looks), _problems(problems))
    return markup.display(versions_of(looks), *(each for each in found if each.rows))


def _problems(rows: Iterable[tuple[str, str, str, str | None]]) -> Table:
    return Table(("problem", "where", "what", "what to do"), tuple(rows), "Problems")


def line_of(workspace: Opened) -> str:
    """Describe a workspace in one line, without reading the disk."""
    products = counted(len(workspace.catalog.products), "product")
    repos = counted(len(workspace.repos), "repository")
    if workspace.source is not None:
        return f"<Workspace: {products} in {repos}, by {printable(workspace.source)}>"
    roots = ", ".join(printable(root) for root in workspace.repos.values())
    return f"<Workspace: a catalog of {products}, {repos}: {roots}>"


_APART = {"build", "quad"}
# Of the data: as the documents of `products` and `show` call them.
_PRODUCTS = "product aliases slug repo path changelog"
_VERSIONS = (
    "product repo path format line:whole version build:whole error baseline next baseline_source "
    "baseline_revision"
)


def _look(snapshot: Snapshot, state: ProductState) -> ProductOverview:
    baseline = None
    burned = tuple(_burned(snapshot, state))
    try:
        baseline = find_baseline(state)
        found = find_next(snapshot.catalog, state)
    except GitMissing as error:  # The versions in files can still be shown.
        return ProductOverview(state, warnings=(f"the baseline is not known: {error.message}",))
    except PrereleaseVersion as error:  # Not released yet, which is no fault.
        return ProductOverview(state, baseline, warnings=(*burned, _without_next(state, error)))
    except KrowVersionsError as error:
        return ProductOverview(state, baseline, error=error, warnings=burned)
    own = _faults(state)  # Shown as errors of files.
    refused = [error for error in refusals(snapshot.catalog, state, found) if error not in own]
    warnings = tuple(_without_next(state, error) for error in refused)
    target = None if refused or own else found.outcome.target
    return ProductOverview(state, baseline, target, warnings=found.warnings + burned + warnings)


def _faults(state: ProductState) -> list[KrowVersionsError]:
    """Return the errors of its files; main is at a pre-release between two releases, which is none."""
    errors = [file.error for file in state.files if file.error is not None]
    return [error for error in errors if not isinstance(error, PrereleaseVersion)]


def _without_next(state: ProductState, error: KrowVersionsError) -> str:
    return f"{state.product.name} has no next version: {error}"


def _burned(snapshot: Snapshot, state: ProductState) -> Iterator[str]:
    """Warn about a build that has shipped under another version, as KV211 does."""
    held = [file.located.held for file in state.files if file.build is not None and file.located]
    version = max((file.version for file in state.files if file.version), default=None)
    shown = with_highest(version, held) if version else None
    after = refused_after(snapshot.catalog, state, shown) if shown else None
    if after is not None:
        name = state.product.name
        yield (
            f"{name} is at {shown}, but {shipped_as(after)}: a store refuses what is not above it; "
            f"{Calls(name).other('bump-build')} raises the build"
        )


def _baseline(look: ProductOverview) -> tuple[str, str, str]:
    if look.baseline is None:
        return ("?", "?", "?")
    baseline = look.baseline
    return (str(baseline.version), str(look.next or "?"), baseline.revision or baseline.source)


def _document(look: ProductOverview, file: FileState) -> dict[str, object]:
    baseline = look.baseline
    return {
        "product": look.state.product.name,
        "repo": file.repo,
        "path": file.path,
        "format": file.format,
        "line": file.located.line if file.located else None,
        "version": file.shown or None,
        "build": file.build,
        "error": file.error.message if file.error else None,
        "baseline": str(baseline.version) if baseline else None,
        "next": str(look.next) if look.next else None,
        "baseline_source": baseline.source if baseline else None,
        "baseline_revision": baseline.revision if baseline else None,
    }


def _look_at_all(workspace: Opened) -> tuple[tuple[ProductOverview, ...], list[KrowVersionsError]]:
    """Read all products together, or one by one if an error of one hides the others."""
    try:
        return look_at(workspace.snapshot(log=False)), []
    except KrowVersionsError:
        looks: list[ProductOverview] = []
        errors: list[KrowVersionsError] = []
    for product in workspace.catalog.products:
        try:
            if workspace.source is not None or workspace.find_files(product):
                looks += look_at(workspace.snapshot([product.name], log=False))
        except KrowVersionsError as error:
            errors += members(error)
    return tuple(looks), errors


def _problem(error: KrowVersionsError) -> tuple[str, str, str, str | None]:
    return ("✗ error", error.where, error.message, error.hint)
