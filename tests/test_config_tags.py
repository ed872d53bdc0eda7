"""The shapes of tags, and the packages that they name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.config.pairing import Package, Pairing, fit, pair_shapes
from krow_versions.config.tag_shapes import find_shapes
from krow_versions.version import Version

NUMBERS = st.integers(0, 99)
VERSIONS = st.builds(Version, NUMBERS, NUMBERS, NUMBERS)
LEADS = st.sampled_from(
    ("-v", "_v", "@", "@v", "==", "/v", "/", "-", "_", "/prod-v", "/production/v", "-release-")
)
BUILDS = st.sampled_from(("", "+{}", "({})", ".{}", "_{}", "-build.{}", "-{}", "/{}"))
ENDS = st.sampled_from(("", "-production", "-web", "-ios", "_signed"))
STRANGE = ("nightly", "1.0", "v2", "2021.01.05", "latest", "build-7", "1.2", "01.2.3")


@given(
    st.lists(VERSIONS, min_size=1, max_size=5, unique=True),
    st.tuples(st.sampled_from(("web", "http2_adapter", "@a/b", "")), LEADS).map("".join),
    BUILDS,
    ENDS,
    st.lists(st.sampled_from(STRANGE), unique=True),
)
def test_tags_of_one_shape_are_one_shape(
    versions: list[Version], before: str, build: str, end: str, strange: list[str]
) -> None:
    """Tags that differ in version and build only are one shape, whose texts and versions are theirs."""
    names = [f"{before}{version}{build.format(7)}{end}" for version in versions]
    found = find_shapes([*names, *strange])
    (shape,) = found.shapes
    assert (shape.before, shape.after) == (before, end)
    assert shape.releases == tuple(sorted(versions))
    assert shape.newest == f"{before}{max(versions)}{build.format(7)}{end}"
    assert shape.builds == (build.format("{build}"),)
    assert found.others == tuple(sorted(strange))
    assert not found.unreleased


@pytest.mark.parametrize(
    "tail",
    ["-rc.1", "-beta", "rc1", "a2", ".dev3", "-nightly.20230101.abc", "b1", "-alpha4", "-0.3.7", "-x.7.z.92"],
)
def test_a_prerelease_is_no_release(tail: str) -> None:
    """What semver.org or PEP 440 calls a pre-release is counted, and in production it is nothing."""
    found = find_shapes([f"web-v2.0.0{tail}", "web-v1.0.0"])
    assert [(str(each.version), each.prereleases) for each in found.shapes] == [("1.0.0", 1)]
    assert find_shapes([f"web-v2.0.0{tail}"]).shapes == ()
    assert len(find_shapes([f"web-v2.0.0{tail}"]).unreleased) == 1


def test_a_number_behind_a_hyphen_is_a_build_if_releases_have_one() -> None:
    """By semver.org it is a pre-release; where most releases have one, and the newest, it is a build."""
    assert find_shapes(["1.0.0-4", "1.1.0-5", "0.9.0"]).shapes[0].builds == ("-{build}", "")
    assert find_shapes(["1.0.0-4", "1.0.0", "1.1.0"]).shapes[0].builds == ("",)
    assert find_shapes(["1.0.0-4", "1.0.0", "1.1.0"]).shapes[0].prereleases == 1


NAMES = {
    "bloc_test": Package("packages/bloc_test", ("bloc_test",)),
    "@shop/web": Package("packages/web-kit", ("@shop/web",)),
    "photos": Package("mobile/apps/photos", ("ente_photos",)),
    "prefect-aws": Package("src/integrations/aws", ("prefect-aws",)),
    "Http.Client": Package("src/http", ("http-client",)),
    "sdk/metric": Package("sdk/metric"),
}
STAGES = {
    "{}-v": "production",
    "{}_v": "production",
    "{}@": "production",
    "{}==": "production",
    "{}/v": "production",
    "{}/prod-v": "production",
    "{}/production/": "production",
    "prod-{}-v": "production",
    "{}/staging-v": "staging",
    "{}-rc-": "staging",
    "beta/{}/v": "staging",
    "{}/dev-v": "development",
    "dev_{}_v": "development",
}


@given(
    st.lists(st.tuples(st.sampled_from(sorted(NAMES)), st.sampled_from(sorted(STAGES)), BUILDS), min_size=1)
)
def test_a_shape_is_paired_with_the_package_that_it_names(tags: list[tuple[str, str, str]]) -> None:
    """Every name, whatever is around it, is spelled by its slug, and its pattern writes the tag again."""
    packages = tuple(NAMES.values())
    for name, spelled, build in tags:
        tag = f"{spelled.format(name)}1.2.3{build.format(4)}"
        found = pair_shapes(find_shapes([tag]).shapes, packages)
        ((pair),) = found.pairs
        assert packages[pair.package] == NAMES[name]
        assert pair.reading.stage == STAGES[spelled]
        assert pair.reading.slug == name
        pattern = pair.reading.pattern(pair.shape.builds[0])
        assert pattern.replace("{slug}", name).replace("{version}", "1.2.3").replace("{build}", "4") == tag


def named(tags: list[str], *packages: Package) -> Pairing:
    """Pair some tags."""
    return pair_shapes(find_shapes(tags).shapes, packages)


def test_the_name_in_the_manifest_comes_before_the_folder() -> None:
    """A folder that is called like another package does not get its tags."""
    found = named(["web-v1.0.0"], Package("packages/web", ("shop",)), Package("packages/shop", ("web",)))
    assert [pair.package for pair in found.pairs] == [1]


def test_a_stage_that_is_a_package_is_the_package() -> None:
    """A whole name comes before a part of it that is a stage."""
    found = named(
        ["@a/pre@1.0.0", "release-utils@1.0.0"], Package("p/pre", ("@a/pre",)), Package("p/release-utils")
    )
    assert {(pair.package, pair.reading.stage) for pair in found.pairs} == {
        (0, "production"),
        (1, "production"),
    }


def test_a_folder_and_a_name_together_are_a_name() -> None:
    """An extension called like its package, and a template in a folder of such, are different packages."""
    found = named(
        ["bloc-v1.0.0", "vscode_bloc-v1.0.0", "bloc_brick-v1.0.0"],
        Package("packages/bloc", ("bloc",)),
        Package("extensions/vscode", ("bloc",)),
        Package("bricks/bloc"),
    )
    assert {pair.shape.before: pair.package for pair in found.pairs} == {
        "bloc-v": 0,
        "vscode_bloc-v": 1,
        "bloc_brick-v": 2,
    }


def test_a_part_of_a_name_needs_a_version_that_fits() -> None:
    """A tag of a package that is gone is not read as one of a similar package."""
    at = Version(2, 1, 0)
    found = named(
        ["relay-v2.0.3", "x-web-v2.1.0"], Package("crates/buzz-relay", (), at), Package("web", (), at)
    )
    assert [(pair.package, pair.is_sure) for pair in found.pairs] == [(0, False), (1, False)]
    gone = named(
        ["relay-v1.0.3", "x-web-v0.4.0"], Package("crates/buzz-relay", (), at), Package("web", (), at)
    )
    assert [shape.before for shape in gone.unknown] == ["relay-v", "x-web-v"]


def test_an_example_is_named_by_tags_only_if_its_version_fits() -> None:
    """Fixtures are often called like packages."""
    old = Package("test/fixtures/web", ("web",), Version(1, 0, 0), is_aside=True)
    assert named(["web-v3.0.0"], old).unknown
    assert named(["web-v1.0.0"], old).pairs


def test_a_plain_tag_names_nothing() -> None:
    """Whichever stage it is of."""
    tags = ["v1.2.3", "1.2.3", "release-1.2.3", "prod-v1.2.3", "v1.2.3-production", "rc1.2.3-4", "v.1.2.3"]
    found = named(tags, Package("web", ("web",)))
    assert len(found.plain) == len(tags)
    assert not found.unknown


@pytest.mark.parametrize(
    ("version", "released", "expected"),
    [
        ("1.2.3", "1.2.3", 3),
        ("1.2.3-rc.1", "1.2.3", 3),
        ("1.2.4", "1.2.3", 2),
        ("1.3.0", "1.2.3", 2),
        ("2.0.0", "1.2.3", 2),
        ("1.7.0", "1.2.3", 1),
        ("1.2.2", "1.2.3", 1),
        ("1.1.0", "1.2.3", 1),
        ("2.1.0", "1.2.3", 0),
        ("1.0.0", "0.9.3", 0),
        ("0.1.0", "0.9.3", 0),
        (None, "1.2.3", 0),
    ],
)
def test_the_fit_of_a_version(version: str | None, released: str, expected: int) -> None:
    """The version of a file is that of its last release, or what comes next."""
    parsed = None if version is None else Version.parse(version)
    assert fit(parsed, Version.parse(released)) == expected
