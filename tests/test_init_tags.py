"""``init`` on repositories with tags: what it proposes reads every tag as the product that made it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.config import load, look, look_around, propose
from krow_versions.formats import set_version
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    from krow_versions.config import Proposal
    from krow_versions.settings import Config

PRODUCTION = (
    *("{}-v{}", "{}_v{}", "{}@{}", "{}@v{}", "{}=={}", "{}/v{}", "{}/{}", "{}-{}", "{}_{}"),
    *("{}/prod-v{}", "{}/production/{}", "prod-{}-v{}", "release/{}/v{}", "{}-v{}-production"),
)
STAGING = ("{}/staging-v{}", "{}-rc-v{}", "beta/{}/{}", "{}-v{}-staging")
DEVELOPMENT = ("{}/dev-v{}", "dev_{}_v{}", "nightly-{}-{}")
STAGES = {"production": PRODUCTION, "staging": STAGING, "development": DEVELOPMENT}
PLAIN = ("v{}", "{}", "release-{}", "prod-v{}", "V{}")
BUILDS = ("", "+{}", "({})", "-{}", "_{}", ".{}", "-build.{}")
MANIFESTS = {
    "pubspec.yaml": "name: {name}\nversion: {version}\n",
    "package.json": '{{"name": "{name}", "version": "{version}"}}\n',
    "Cargo.toml": '[package]\nname = "{name}"\nversion = "{version}"\n',
    "pyproject.toml": '[project]\nname = "{name}"\nversion = "{version}"\n',
}


@attrs.frozen
class Made:
    """A package, and the tags of its releases by stage."""

    path: str
    text: str
    tags: dict[str, tuple[str, ...]]


@st.composite
def packages(draw: st.DrawFn) -> list[Made]:
    """Draw packages, and for each the shapes of its tags: by stage, an old and a new one, with builds."""
    made: list[Made] = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)):
        scoped = name.startswith("@")
        file = "package.json" if scoped else draw(st.sampled_from(sorted(MANIFESTS)))
        by_folder = not scoped and draw(st.booleans())
        tags: dict[str, tuple[str, ...]] = {}
        build = draw(st.sampled_from(BUILDS))
        stages = draw(st.sets(st.sampled_from(sorted(STAGES)))) | {"production"}
        for stage in sorted(stages):
            shapes = draw(st.lists(st.sampled_from(STAGES[stage]), min_size=1, max_size=2, unique=True))
            tags[stage] = tuple(
                shape.format(name, f"{major}.{minor}.0")
                + (build.format(minor + 7) if shape.endswith("}") else "")
                for major, shape in enumerate(shapes, 1)
                for minor in range(1, 4)
            )
        version = f"{len(tags['production']) // 3}.3.0"
        beside = by_folder or draw(st.booleans())
        folder = f"packages/{name.rpartition('/')[2]}" if beside else f"lib/x{len(made)}"
        own = f"other{len(made)}" if by_folder else name
        made.append(Made(f"{folder}/{file}", MANIFESTS[file].format(name=own, version=version), tags))
    return made


NAMES = ("web", "bloc_test", "@shop/web-kit", "http2_adapter", "core", "api-client", "flutter_bloc", "bloc")


def proposal_of(made: list[Made], more: tuple[str, ...] = ()) -> tuple[Proposal, Config]:
    """What ``init`` proposes for these packages, and what that means."""
    tags = [tag for each in made for some in each.tags.values() for tag in some]
    found = [look(each.path, each.text) for each in made]
    proposal = propose(found, [*tags, *more], [], today=dt.date(2026, 3, 1))
    return proposal, load(proposal.text, path="krow-versions.toml")


@given(packages())
def test_every_tag_is_read_as_the_product_that_made_it(made: list[Made]) -> None:
    """Whatever the shapes, the proposed patterns read each tag as the product and stage that made it."""
    _, config = proposal_of(made, ("nightly", "1.0", "latest"))
    reader = config.catalog.tag_reader(*config.catalog.products)
    slugs = {file.path: product.slug for product in config.catalog.products for file in product.files}
    for each in made:
        for stage, tags in each.tags.items():
            for tag in tags:
                read = reader.read(tag)
                assert read is not None, tag
                assert read[:2] == (slugs[each.path], stage), tag


def slugs_of(files: dict[str, str], tags: list[str]) -> dict[str, str]:
    """The main files of the proposed products, by their slugs; every tag in *tags* must be read."""
    found = [look(path, text) for path, text in files.items()]
    config = load(propose(found, tags, []).text, path="krow-versions.toml")
    reader = config.catalog.tag_reader(*config.catalog.products)
    assert [tag for tag in tags if reader.read(tag) is None] == []
    return {
        product.slug: " ".join(file.path for file in product.files) for product in config.catalog.products
    }


def package(name: str, version: str, *, private: bool = False) -> str:
    """A package.json."""
    return f'{{"name": "{name}", "version": "{version}"{", " + PRIVATE if private else ""}}}\n'


PRIVATE = '"private": true'


def test_a_product_alone_needs_no_slug() -> None:
    """Its pattern stands in [tags], and its files are those of its version."""
    files = {"package.json": package("tool", "1.2.3"), "examples/a/package.json": package("a", "1.0.0")}
    proposal = propose([look(path, text) for path, text in files.items()], ["v1.2.3", "v1.2.2"], [])
    assert '[tags]\nproduction = "v{version}"\n' in proposal.text
    assert "slug =" not in proposal.text
    assert slugs_of(files, ["v1.2.3"]) == {"tool": "package.json"}


def test_packages_of_one_version_are_one_product() -> None:
    """Where tags name no package, those with the version of the newest tag move together."""
    files = {
        "package.json": package("root", "0.0.0", private=True),
        "packages/a/package.json": package("@x/a", "2.4.1"),
        "packages/b/package.json": package("@x/b", "2.4.1"),
        "packages/c/package.json": package("@x/c", "0.3.0"),
    }
    tags = ["v2.4.0", "v2.4.1", "v2.3.0"]
    assert slugs_of(files, tags) == {"x": "packages/a/package.json packages/b/package.json"}


def test_packages_beside_a_version_of_their_own_have_the_name_of_all() -> None:
    """A lerna.json at the top names no package: the product is called as the scope, or the repository, is."""
    for scope, called in (("@x/", "x"), ("", "shop")):
        files = {"lerna.json": '{"version": "2.4.1"}\n'} | {
            f"packages/{name}/package.json": package(f"{scope}{name}", "2.4.1") for name in "ab"
        }
        found = [look(path, text) for path, text in files.items()]
        (product,) = propose(found, ["v2.3.0", "v2.4.0", "v2.4.1"], [], name="shop").products
        assert product.name == called


@pytest.mark.parametrize(
    ("settings", "place", "text", "entry"),
    [
        (
            '[tool.hatch.version]\npath = "cli/__init__.py"\n',
            "cli/__init__.py",
            '"""Tool."""\n\n__version__ = "1.2.3"\n',
            '{path = "libs/cli/cli/__init__.py", format = "text", key = "__version__ = \\"{version}\\""}',
        ),
        (
            '[tool.setuptools.dynamic]\nversion = {attr = "cli.about.VERSION"}\n',
            "src/cli/about.py",
            "VERSION: str = '1.2.3'\n",
            '{path = "libs/cli/src/cli/about.py", format = "text", key = "VERSION: str = \'{version}\'"}',
        ),
        (
            '[tool.setuptools.dynamic]\nversion = {file = ["VERSION"]}\n',
            "VERSION",
            "1.2.3\n",
            '{path = "libs/cli/VERSION", format = "text"}',
        ),
    ],
)
def test_a_version_that_a_manifest_takes_from_a_file_beside_it_is_written_there(
    settings: str, place: str, text: str, entry: str
) -> None:
    """The tags name the package of the pyproject.toml; the version file is the one that holds the version."""
    manifest = f'[project]\nname = "shop-cli"\ndynamic = ["version"]\n{settings}'
    beside = {f"libs/cli/{place}": text}
    found = [
        look_around("libs/cli/pyproject.toml", manifest, beside.get),
        look("libs/core/pyproject.toml", MANIFESTS["pyproject.toml"].format(name="core", version="2.0.0")),
    ]
    made = propose(found, ["cli==1.2.3", "cli==1.2.2", "core==2.0.0"], [])
    assert f"files = [{entry}]  # 1.2.3\n" in made.text
    config = load(made.text, path="krow-versions.toml")
    (file,) = config.catalog.product("cli").files
    assert set_version(text, "1.2.4", format=file.format or "", key=file.key) == text.replace(
        "1.2.3", "1.2.4"
    )


@pytest.mark.parametrize("path", ["../../VERSION", "/VERSION", "x/*.py", "gone.py", "cli.py"])
def test_a_version_that_is_not_found_beside_a_manifest_is_none(path: str) -> None:
    """A path outside of the repository is not read; a file without a version gives none."""
    manifest = f'[project]\nname = "x"\ndynamic = ["version"]\n[tool.hatch.version]\npath = "{path}"\n'
    read: list[str] = []

    def beside(name: str) -> str | None:
        read.append(name)
        return None if name.endswith("gone.py") else "import os\n"

    assert look_around("libs/x/pyproject.toml", manifest, beside) == look("libs/x/pyproject.toml", manifest)
    assert set(read) <= {"libs/x/gone.py", "libs/x/cli.py"}


def test_packages_below_a_folder_that_tags_name_are_one_product() -> None:
    """Such as ``experimental/v0.5.1``; the others keep the tags without a name."""
    files = {f"packages/{name}/package.json": package(name, "2.0.1") for name in "ab"}
    files |= {f"experimental/packages/{name}/package.json": package(name, "0.5.1") for name in "cd"}
    tags = ["v2.0.0", "v2.0.1", "v1.9.0", "experimental/v0.5.0", "experimental/v0.5.1", "experimental/v0.4.0"]
    assert slugs_of(files, tags) == {
        "a": "packages/a/package.json packages/b/package.json",
        "experimental": "experimental/packages/c/package.json experimental/packages/d/package.json",
    }


def test_plain_tags_of_before_are_read_for_the_product_that_goes_on() -> None:
    """A repository that had one package has plain tags up to where the tags with a name begin."""
    files = {
        "dio/pubspec.yaml": "name: dio\nversion: 5.1.0\n",
        "cookie/pubspec.yaml": "name: cookie\nversion: 2.1.0\n",
    }
    tags = ["3.0.0", "4.0.6", "dio_v5.0.0", "dio_v5.1.0", "cookie_v2.0.0", "cookie_v2.1.0"]
    assert slugs_of(files, tags) == {"dio": "dio/pubspec.yaml", "cookie": "cookie/pubspec.yaml"}


def test_an_older_shorter_name_is_read_too() -> None:
    """A product whose tags were renamed keeps its history."""
    files = {"desktop/package.json": package("ente", "1.7.26"), "web/package.json": package("web", "3.1.0")}
    tags = ["photosd-v1.7.23", "photosd-v1.7.24", "photos-desktop-v1.7.25", "web-v3.1.0"]
    assert slugs_of(files, tags) == {"photos-desktop": "desktop/package.json", "web": "web/package.json"}


def test_tags_of_packages_that_are_gone_are_said() -> None:
    """A package that is no longer there is no product, and its tags are not those of a similar one."""
    files = {"packages/bloc/pubspec.yaml": "name: bloc\nversion: 9.0.0\n"}
    proposal = propose(
        [look(path, text) for path, text in files.items()], ["bloc-v9.0.0", "cubit-v0.1.2"], []
    )
    assert proposal.left_out["Tags of no package here"] == ("cubit-v* (1 release, newest cubit-v0.1.2)",)
    assert [product.name for product in proposal.products] == ["bloc"]


def test_a_tagged_package_without_a_version_is_said_first() -> None:
    """A release whose version is kept elsewhere cannot be bumped; the reason is at the top of the list."""
    files = {
        "packages/a/pyproject.toml": '[project]\nname = "a"\ndynamic = ["version"]\n',
        "packages/b/pyproject.toml": '[project]\nname = "b"\nversion = "1.0.0"\n',
    }
    proposal = propose([look(path, text) for path, text in files.items()], ["a-1.0.0", "b-1.0.0"], [])
    heading, lines = next(iter(proposal.left_out.items()))
    assert heading == "Left out, although it has release tags"
    assert "dynamic" in lines[0]
    assert [product.name for product in proposal.products] == ["b"]


def test_packages_that_now_ship_together_keep_no_tags_of_before() -> None:
    """Tags with their names are history where the newest plain tag has the version of all packages."""
    names = ("client", "worker", "activity")
    files = {f"packages/{name}/package.json": package(f"@t/{name}", "1.9.0") for name in names}
    old = [f"@t/{name}@0.2.{patch}" for name in names for patch in (1, 2)]
    tags = ["v1.8.0", "v1.9.0", "v1.7.0"]
    assert list(slugs_of(files, tags)) == ["t"]
    proposal = propose([look(path, text) for path, text in files.items()], [*tags, *old], [])
    assert [product.name for product in proposal.products] == ["t"]
    assert len(proposal.left_out["Tags from before the packages got tags together"]) == len(names)


def test_where_all_releases_are_called_beta_the_word_is_a_part_of_the_pattern() -> None:
    """The version in the file does not have it."""
    tags = [f"v0.2{minor}.1-beta" for minor in range(6)]
    assert slugs_of({"package.json": package("tube", "0.25.1")}, tags) == {"tube": "package.json"}
    proposal = propose([look("package.json", package("tube", "0.25.1"))], tags, [])
    assert 'production = "v{version}-beta"' in proposal.text


def test_a_version_of_python_that_is_none_of_ours_is_a_product_with_tags() -> None:
    """On main a Python project is often at a pre-release that PEP 440 writes and semver.org does not."""
    file = '[project]\nname = "poetry"\nversion = "2.5.0.dev0"\n'
    assert slugs_of({"pyproject.toml": file}, ["2.4.0", "2.4.1"]) == {"poetry": "pyproject.toml"}


@pytest.mark.parametrize("name", ["web", "backend", "worker-mobile", "client-mobile"])
def test_nothing_of_krow_leaks_into_another_repository(name: str) -> None:
    """A product that is called like one of KROW's has its own slug, title and aliases."""
    found = [look(f"apps/{name}/package.json", package("x", "1.0.0"))]
    for tags in ([], ["v1.0.0"], [f"{name}-v1.0.0"]):
        (product,) = load(propose(found, tags, []).text, path="krow-versions.toml").catalog.products
        assert (product.slug, product.aliases) == (name, ("x",))
        assert "krow" not in f"{product.title}{product.slug}".lower()


def test_a_template_is_not_the_package_that_it_is_called_like() -> None:
    """The tags of a package that is gone stay without a product, though a template has its name."""
    files = {
        "bricks/cubit/brick.yaml": "name: cubit\nversion: 0.3.0\n",
        "packages/bloc/pubspec.yaml": "name: bloc\nversion: 9.0.0\n",
    }
    tags = ["cubit_brick-v0.1.0", "cubit_brick-v0.3.0", "bloc-v9.0.0"]
    assert slugs_of(files, tags) == {
        "cubit_brick": "bricks/cubit/brick.yaml",
        "bloc": "packages/bloc/pubspec.yaml",
    }
    proposal = propose([look(path, text) for path, text in files.items()], [*tags, "cubit-v0.2.2"], [])
    assert proposal.left_out["Tags of no package here"] == ("cubit-v* (1 release, newest cubit-v0.2.2)",)


@pytest.mark.parametrize(("version", "found"), [("0.0.1", False), ("0.2.3", True), ("0.2.4", True)])
def test_a_folder_far_behind_the_tags_of_its_name_is_something_else(version: str, found: bool) -> None:
    """Another program of that name has these releases: its folder has no version file."""
    relay = Made("crates/relay/Cargo.toml", f'[package]\nname = "tool"\nversion = "{version}"\n', {})
    web = Made("web/package.json", '{"name": "web", "version": "1.4.0"}\n', {"production": ("web-v1.4.0",)})
    proposal, config = proposal_of([relay, web], ("relay-v0.2.2", "relay-v0.2.3"))
    assert ("relay" in {product.slug for product in config.catalog.products}) == found
    assert ("relay-v*" in str(proposal.left_out)) != found


@pytest.mark.parametrize(
    "tag",
    [
        "we{b}1.7.3",
        "{slug}-v1.7.3",
        "we\u202eb-v1.7.3",
        f"{'web' * 70}-v1.7.3",
        "web1.7.3",
        "web-1.7.3/.lock",
    ],
)
@pytest.mark.parametrize("name", ["web", "we\u202eb", "web" * 70])
def test_a_tag_that_no_pattern_can_hold_keeps_the_proposal_valid(tag: str, name: str) -> None:
    """What a configuration refuses in a pattern is proposed as none, and nothing of it is shown raw."""
    web = Made("web/package.json", json.dumps({"name": name, "version": "1.7.3"}), {})
    proposal, config = proposal_of([web], (tag,))
    assert [product.files[0].path for product in config.catalog.products] == ["web/package.json"]
    assert proposal.text == printable(proposal.text, keep="\n")


def test_two_products_never_get_one_slug() -> None:
    """Where tags of two shapes spell the names of two packages alike, one of them has them literally."""
    files = {
        "a/Cargo.toml": '[package]\nname = "aapi"\nversion = "2.2.2"\n',
        "apps/a/Cargo.toml": '[package]\nname = "aapi"\nversion = "1.4.0"\n',
    }
    tags = ["aapi@2.2.2", "aapi1.4.0"]
    assert {*slugs_of(files, tags).values()} == {*files}
