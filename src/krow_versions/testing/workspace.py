"""Samples of KROW workspaces: files, tags, and the correct result of a bump."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
from hypothesis import strategies as st

from krow_versions.testing.builds import build_files
from krow_versions.testing.changelog import changelogs
from krow_versions.testing.samples import package_jsons, package_locks, pubspecs
from krow_versions.testing.texts import one, some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import DrawFn, SearchStrategy

    from krow_versions.testing.changelog import ChangelogSample
    from krow_versions.testing.sample import Sample

Core = tuple[int, int, int]

CONFIG = "krow-versions.toml"
_FILES = {"expo": "app.json", "text": "build.gradle", "pubspec": "pubspec.yaml"}
_ALONE = [(False,), (True,), (False, False), (False, True), (True, True)]

_STAFF = "apps/mobile/apps/staff/pubspec.yaml"
_WORKER = "apps/mobile/apps/worker/pubspec.yaml"
_CLIENT = "apps/mobile/apps/client/pubspec.yaml"
_NAMES = ("worker-mobile", "client-mobile", "web", "backend")
_SERVICES = ("api", "command-api", "core")
_LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
_STAGES = {"production": "prod", "staging": "staging", "development": "dev"}
# Files with versions that belong to no product.
_OTHERS = {
    "README.md": "version: 0.1.0\n\n| Tool | Version |\n|------|---------|\n| Dart | 3.5.0 |\n",
    "apps/mobile/pubspec.yaml": "name: krow\nversion: 0.1.0+5\n",
    "apps/mobile/packages/core/pubspec.yaml": "name: core\nversion: 0.1.0+5\n",
    "apps/web/node_modules/x/package.json": '{"name": "x", "version": "0.1.0"}\n',
    "backend/api/src/package.json": '{"name": "x", "version": "0.1.0"}\n',
}
_CORES = st.tuples(one([0, 0, 1, 10]), one([0, 1, 9, 10, 99]), one([0, 1, 9, 10, 99]))
_BUILDS = one([0, 1, 5, 9, 10, 99, 2702]) | st.integers(0, 10**6) | st.just(2_099_999_998)


@attrs.frozen
class FileSample:
    """A version file at the version that the product has in production.

    Attributes:
        path: relative to the workspace.
        sample: the document.
        moved_from: its former path, or None.
    """

    path: str
    sample: Sample
    moved_from: str | None = None

    @property
    def build(self) -> int | None:
        """Its build, or None."""
        return self.sample.build

    def at(self, core: Core, build: int | None) -> str:
        """Return the document at another version; with a build only if it has one, in the same width."""
        number = _number(core)
        _, plus, digits = self.sample.written.partition("+")
        if plus and build is not None:
            number += f"+{str(build).zfill(len(digits))}"
        return self.sample.with_version(number)


@attrs.frozen
class TagSample:
    """A release of a product.

    Attributes:
        stage: ``production``, ``staging`` or ``development``.
        core: the three numbers of its version.
        build: the build of the files with a build.
        reachable: whether HEAD contains it; else it is on another branch.
        files: the place of the version files: ``here``, ``moved`` (at their former paths) or ``gone``.
        annotated: whether it is a tag object.
    """

    stage: str
    core: Core
    build: int
    reachable: bool = True
    files: str = "here"
    annotated: bool = True


@attrs.frozen
class ProductSample:
    """A product: its version in production, files and releases.

    Attributes:
        name: its name in commands.
        core: the three numbers of the version in production.
        files: its version files.
        tags: its releases.
    """

    name: str
    core: Core
    files: tuple[FileSample, ...]
    tags: tuple[TagSample, ...]

    @property
    def slug(self) -> str:
        """Its name in tags."""
        return f"krow-withus-{self.name}"

    def tag_name(self, tag: TagSample) -> str:
        """The name of one of its tags."""
        return f"{self.slug}/{_STAGES[tag.stage]}-v{_number(tag.core)}"

    @property
    def target(self) -> Core:
        """The three numbers of the hotfix."""
        return _next(self.core)

    @property
    def build(self) -> int | None:
        """The build of the hotfix, above all builds of tags and files; None if no file has one.

        A file with only a build does not say whether it was bumped already. Where a tag says what is in
        production, it may have the build of the hotfix.
        """
        released = any(tag.stage == "production" and tag.reachable for tag in self.tags)
        builds = [
            file.build - (released and file.sample.alone) for file in self.files if file.build is not None
        ]
        shipped = [
            tag.build if tag.core == self.target else tag.build + 1
            for tag in self.tags
            if tag.files != "gone"
        ]
        return max([*shipped, *(build + 1 for build in builds)]) if builds else None


@attrs.frozen
class WorkspaceSample:
    """A KROW workspace of one repository, during a hotfix.

    Attributes:
        products: the products.
        changelogs: CHANGELOGs by path, without the row of the hotfix.
        others: other files by path, which a bump must not change.
        bumped: the paths that an interrupted bump has written, also of CHANGELOGs.
        committed: whether the bumped version files are committed.
    """

    products: tuple[ProductSample, ...]
    changelogs: Mapping[str, ChangelogSample] = attrs.field(hash=False)
    others: Mapping[str, str] = attrs.field(hash=False)
    bumped: frozenset[str] = frozenset()
    committed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the products."""
        return tuple(product.name for product in self.products)

    @property
    def before(self) -> dict[str, str]:
        """The version files by path, none of them bumped."""
        return {file.path: file.sample.text for product in self.products for file in product.files}

    @property
    def after(self) -> dict[str, str]:
        """The version files by path, all of them bumped."""
        return {
            file.path: file.at(product.target, product.build)
            for product in self.products
            for file in product.files
        }

    @property
    def files(self) -> dict[str, str]:
        """Every file on disk by path; CHANGELOGs without the new rows."""
        versions = {
            path: self.after[path] if path in self.bumped else text for path, text in self.before.items()
        }
        texts = {path: sample.text for path, sample in self.changelogs.items()}
        return {**self.others, **texts, **versions}


@st.composite
def workspaces(draw: DrawFn, *, own_builds: bool = False) -> WorkspaceSample:
    """Draw workspaces with some of KROW's products, their releases, and an interrupted bump.

    Args:
        draw: given by Hypothesis.
        own_builds: whether products have files whose builds stand in places of their own; a configuration
            in the workspace names the files then.
    """
    names = [name for name in _NAMES if draw(st.integers(0, 3))] or ["worker-mobile"]
    products = tuple(draw(_products(name, own_builds)) for name in names)
    paths = [file.path for product in products for file in product.files]
    beside = sorted({f"{path.rpartition('/')[0]}/CHANGELOG.md" for path in paths})
    logs = {path: draw(changelogs(heading=False)) for path in draw(some(["CHANGELOG.md", *beside], 2))}
    others = {path: _OTHERS[path] for path in draw(some(sorted(_OTHERS), 3))}
    if own_builds:
        others[CONFIG] = "\n".join(map(_configured, products))
    bumped = frozenset(path for path in (*paths, *logs) if draw(st.booleans()))
    # Without a production tag, the committed version is the one in production.
    tagged = all(("production", True) in {(tag.stage, tag.reachable) for tag in p.tags} for p in products)
    return WorkspaceSample(products, logs, others, bumped, tagged and draw(st.booleans()))


@st.composite
def _products(draw: DrawFn, name: str, own_builds: bool) -> ProductSample:
    core = draw(_CORES)
    files = tuple(draw((_own_builds if own_builds else _files)(name, _number(core))))
    tags = []
    released = draw(st.integers(0, 4)) > 0
    if released:
        tags.append(draw(_tags(st.just("production"), st.just(core), st.just(True))))
    near = st.just(core) | st.just(_next(core)) | st.just((core[0], core[1] + 1, 0)) | _CORES
    for tag in draw(st.lists(_tags(one(sorted(_STAGES)), near, st.booleans()), max_size=3)):
        new = (tag.stage, tag.core) not in {(other.stage, other.core) for other in tags}
        # The baseline is the highest production tag that HEAD contains, and none elsewhere is above it.
        fits = (released and tag.core < core) if tag.reachable else tag.core <= core
        if new and (fits or tag.stage != "production"):
            tags.append(tag)
    return ProductSample(name, core, files, tuple(tags))


def _tags(
    stages: SearchStrategy[str], cores: SearchStrategy[Core], reachable: SearchStrategy[bool]
) -> SearchStrategy[TagSample]:
    places = one(["here", "here", "here", "moved", "gone"])
    return st.builds(TagSample, stages, cores, _BUILDS, reachable, places, st.booleans())


@st.composite
def _files(draw: DrawFn, name: str, number: str) -> list[FileSample]:
    builds = _with_build(number)
    if name == "worker-mobile":
        here, there = draw(st.permutations([_STAFF, _WORKER]))
        return [FileSample(here, draw(pubspecs(builds)), there)]
    if name == "client-mobile":
        return [FileSample(_CLIENT, draw(pubspecs(builds)))]
    folders = ["apps/web"]
    if name == "backend":
        folders = [f"backend/{service}" for service in draw(some(_SERVICES, 2)) or ["api"]]
    texts = builds if draw(st.integers(0, 9)) == 0 else st.just(number)
    files = []
    for folder in folders:
        files.append(FileSample(f"{folder}/package.json", draw(package_jsons(texts))))
        if lock := draw(one(["", *_LOCKS])):
            files.append(FileSample(f"{folder}/{lock}", draw(package_locks(texts))))
    return files


@st.composite
def _own_builds(draw: DrawFn, name: str, number: str) -> list[FileSample]:
    """Draw files of which one has a version at least, and one a build of its own."""
    padded = st.builds("{}+{}{}".format, st.just(number), one(["", "", "0", "000"]), _BUILDS)
    samples = [draw(build_files(padded, alone=alone)) for alone in draw(one(_ALONE))]
    if all(sample.alone for sample in samples) or draw(st.booleans()):
        samples.append(draw(pubspecs(_with_build(number))))
    return [
        FileSample(f"apps/{name}/{index}/{_FILES[sample.format]}", sample)
        for index, sample in enumerate(samples)
    ]


def _configured(product: ProductSample) -> str:
    """Write the table of a product; strings of JSON are strings of TOML."""
    lines = [f"[products.{product.name}]", f'slug = "{product.slug}"', "files = ["]
    for file in product.files:
        values = {"path": file.path, "format": file.sample.format, "key": file.sample.key}
        given = (f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None)
        lines.append(f"    {{ {', '.join(given)} }},")
    return "\n".join([*lines, "]", ""])


@st.composite
def _with_build(draw: DrawFn, number: str) -> str:
    if draw(st.integers(0, 4)) == 0:
        return number
    return f"{number}+{draw(one(['', '', '0', '000']))}{draw(_BUILDS)}"


def _next(core: Core) -> Core:
    return (core[0], core[1], core[2] + 1)


def _number(core: Core) -> str:
    return ".".join(str(part) for part in core)
