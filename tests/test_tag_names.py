"""Tags of any shape: patterns of products, one reader for all, and a hotfix of such products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import tomlkit
from hypothesis import example, given, reject
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.config import load
from krow_versions.errors import KrowVersionsError, Problems
from krow_versions.names import NamePattern, NameReader, file_slug, is_slug
from krow_versions.version import Version
from support.commands import done, run
from support.repositories import Repo

if TYPE_CHECKING:
    from pathlib import Path

SLUGS = ("web", "web-admin", "a", "a1", "@acme/web", "acme/web", "Web_2", "v1", "rc.1", "1.0.0")
SHAPES = (
    "{slug}-v{version}",
    "{slug}_v{version}",
    "{slug}@{version}",
    "{slug}=={version}",
    "{slug}/v{version}",
    "{slug}-{version}",
    "v{version}",
    "{version}",
    "v{version}-{slug}",
    "{version}.{slug}",
    "{slug}/v{version}+{build}",
    "v{version}({build})",
    "{version}-{build}",
    "{version}_{build}-{slug}",
)
VERSIONS = st.builds(
    Version,
    *[st.integers(0, 30)] * 3,
    prerelease=st.sampled_from([None, None, "rc.1", "1", "web", "5-web"]),
    build=st.integers(0, 400),
)


def config_of(tags: dict[str, Any]) -> kv.Catalog:
    """Load a configuration of products by their slugs, with tags of their own."""
    products = {
        f"p{number}": {"slug": slug, "files": [f"{number}/VERSION"], "tags": patterns}
        for number, (slug, patterns) in enumerate(tags.items())
    }
    return load(tomlkit.dumps({"products": products}), path="krow-versions.toml").catalog


@given(
    st.dictionaries(
        st.sampled_from(SLUGS),
        st.fixed_dictionaries(
            {"production": st.sampled_from(SHAPES)},
            optional={"staging": st.sampled_from(SHAPES).map(lambda shape: f"beta-{shape}")},
        ),
        min_size=1,
        max_size=4,
    ),
    VERSIONS,
)
@example({"web": {"production": "v{version}-{slug}"}, "a": {"production": "v{version}"}}, Version(1, 2, 3))
def test_each_tag_is_of_the_product_and_stage_that_it_was_made_for(
    tags: dict[str, dict[str, str]], version: Version
) -> None:
    """What the configuration accepts, the reader of all products reads back; its version is production's."""
    try:
        catalog = config_of(tags)
    except (KrowVersionsError, Problems):
        reject()
    reader = catalog.tag_reader(*catalog.products)
    final = Version(*version.core, build=version.build)
    for product in catalog.products:
        for stage, patterns in catalog.patterns(product).items():
            pattern = patterns[0]
            kept = final if pattern.has_build else final.with_build(None)
            assert reader.read(catalog.tag(product, final, stage)) == (product.slug, stage, kept)


@given(st.sampled_from(SHAPES), st.sampled_from(SLUGS), VERSIONS)
def test_a_pattern_reads_what_it_writes(shape: str, slug: str, version: Version) -> None:
    """Pre-releases too: by itself, each pattern inverts ``format`` for its slug."""
    pattern = NamePattern(shape)
    kept = version if pattern.has_build else version.with_build(None)
    assert pattern.read(slug, pattern.format(slug, version)) == kept


@given(st.sets(st.from_regex(r"@?[a-z0-9]{1,3}(?:[/._-][a-z0-9]{1,2}){0,2}", fullmatch=True), max_size=6))
def test_the_file_of_a_slug_is_no_path_and_of_no_other(slugs: set[str]) -> None:
    """Records are kept in files that are called after slugs."""
    names = {file_slug(slug) for slug in slugs if is_slug(slug)}
    assert len(names) == len([slug for slug in slugs if is_slug(slug)])
    assert not any("/" in name for name in names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("v1.2.3", ("app", "production", "1.2.3")),
        ("v1.2.3+45", ("app", "production", "1.2.3+45")),
        ("v1.2.3+0045", ("app", "production", "1.2.3+45")),
        ("v1.2.3-web", ("web", "production", "1.2.3")),
        ("v1.2.3-rc.1", ("app", "production", "1.2.3-rc.1")),
        ("beta-v1.2.3", ("app", "staging", "1.2.3")),
        ("v1.2", None),
        ("x-v1.2.3", None),
        ("v1.2.3" + "0" * 600, None),
    ],
)
def test_the_pattern_with_the_most_fixed_text_counts(name: str, expected: tuple[str, ...] | None) -> None:
    """``v1.2.3-web`` is of ``v{version}-web``; a build in the name is read only by ``{build}``."""
    reader = NameReader(
        (
            ("app", "production", NamePattern("v{version}")),
            ("app", "production", NamePattern("v{version}+{build}")),
            ("web", "production", NamePattern("v{version}-{slug}")),
            ("app", "staging", NamePattern("beta-v{version}")),
        )
    )
    found = reader.read(name)
    assert (found and (*found[:2], str(found[2]))) == expected


CONFIG = """\
[products.app]
files = ["app/pubspec.yaml"]
tags = { production = ["v{version}+{build}", "v{version}"] }
[products.cli]
slug = "@acme/cli"
files = ["cli/package.json"]
tags = { production = "{slug}@{version}" }
"""


@pytest.fixture
def mixed(tmp_path: Path) -> Repo:
    """An app with builds in its tags beside a scoped package; an older tag of the app has no build."""
    remote = Repo(tmp_path / "origin.git", bare=True)
    repo = Repo(tmp_path / "mono")
    repo.write("krow-versions.toml", CONFIG)
    repo.write("app/pubspec.yaml", "name: app\nversion: 0.9.0+7\n")
    repo.write("cli/package.json", '{"name": "@acme/cli", "version": "2.0.0"}\n')
    repo.commit("Begin")
    repo.tag("v0.9.0")
    repo.write("app/pubspec.yaml", "name: app\nversion: 1.0.0+8\n")
    repo.commit("App 1.0.0")
    repo.tag("v1.0.0+12")  # Built by a server that counts by itself.
    repo.tag("@acme/cli@2.0.0")
    repo.git("remote", "add", "origin", str(remote.path))
    repo.git("push", "--quiet", "--tags", "origin", "main")
    return repo


def test_baselines_are_those_of_the_own_tags(mixed: Repo) -> None:
    """Each product has its own tags; the build in the name of a tag has shipped."""
    workspace = kv.Workspace.open(mixed.path)
    plan = workspace.plan_bump("app", "cli", changelog=False)
    assert [str(each.target) for each in plan.products] == ["1.0.1+13", "2.0.1"]
    releases = workspace.history("app").releases
    assert [(each.tag, each.build) for each in releases] == [("v1.0.0+12", 12), ("v0.9.0", 7)]


@pytest.mark.parametrize(
    ("name", "branch", "tag", "file"),
    [
        ("app", "hotfix/app-v1.0.1", "v1.0.1+13", "app/main.dart"),
        ("cli", "hotfix/@acme/cli-v2.0.1", "@acme/cli@2.0.1", "cli/main.js"),
    ],
)
def test_a_hotfix_ships_under_the_tags_of_its_product(
    mixed: Repo, name: str, branch: str, tag: str, file: str
) -> None:
    """Start to finish, with a build that only the files at the tip have, and with a slug of two parts."""

    def said(*arguments: str) -> str:
        return done(run(*arguments, cwd=mixed.path)).out

    said("hotfix", "start", name, "--issue", "Crash", "--severity", "critical", "--impact", "all")
    assert mixed.git("symbolic-ref", "--short", "HEAD") == branch
    mixed.write(file, "fixed\n")
    said("bump-patch", name, "--no-changelog")
    mixed.commit(
        "fix: Crash on start\n\nHOTFIX for production\nIssue: Crash\nSolution: Check\nTested: by hand"
    )
    assert tag in said("hotfix", "finish", name, "--yes", "--without-approval", "It burns")
    assert tag in mixed.git("ls-remote", "--tags", "origin")
    assert tag in said("hotfix", "status", name)
    mixed.git("switch", "--quiet", "main")
    (product,) = kv.Workspace.open(mixed.path).plan_bump(name, changelog=False).products
    assert product.baseline.revision == tag


@pytest.mark.parametrize("version", ["2.5.0-dev.1", "2.5.0.dev0", "2.5.0rc1"])
@pytest.mark.parametrize("tagged", [False, True])
def test_a_product_at_a_pre_release_is_shown_with_a_warning(
    tmp_path: Path, version: str, tagged: bool
) -> None:
    """Main is there between two releases, or before the first: nothing is wrong, nothing to bump."""
    repo = Repo(tmp_path)
    repo.write(
        "krow-versions.toml", '[products.app]\nfiles = ["pyproject.toml"]\ntags.production = "{version}"\n'
    )
    for each in ("2.4.1", version) if tagged else (version,):
        repo.write("pyproject.toml", f'[project]\nname = "app"\nversion = "{each}"\n')
        repo.commit()
        if each == "2.4.1":
            repo.tag(each)
    shown = done(run("show", cwd=repo.path))
    assert "app has no next version" in shown.err
    assert version in shown.err
    assert ("2.4.1" in shown.out) == tagged
    assert run("bump-patch", "app", cwd=repo.path).code == 3


def test_no_hotfix_starts_whose_tag_could_not_be_named(tmp_path: Path) -> None:
    """Each pattern needs a build, and no file has one: refused at the start, and the hint helps."""
    repo = Repo(tmp_path)
    repo.write("package.json", '{"version": "1.0.0"}\n')
    for patterns in ('"v{version}+{build}"', '"v{version}+{build}", "v{version}"'):
        config = f'[products.app]\nfiles = ["package.json"]\ntags = {{ production = [{patterns}] }}\n'
        repo.write("krow-versions.toml", config)
        repo.commit()
        if "," not in patterns:
            repo.tag("v1.0.0+3")
        arguments = ("--issue", "Crash", "--severity", "critical", "--impact", "all")
        started = run("hotfix", "start", "app", *arguments, cwd=repo.path)
        assert started.code == (0 if "," in patterns else 3), started
        assert ("need a build" in started.err) == ("," not in patterns)


def test_a_hotfix_whose_branch_needs_a_build_gets_a_name(tmp_path: Path) -> None:
    """Its configuration has only a pattern with a build: the hint of ``finish`` leads to a tag."""
    remote, repo = Repo(tmp_path / "origin.git", bare=True), Repo(tmp_path / "work")
    repo.write("app/package.json", '{"name": "app", "version": "1.0.0"}\n')
    config = '[products.app]\nfiles = ["app/package.json"]\ntags = { production = [%s] }\n'
    repo.write("krow-versions.toml", config % '"v{version}+{build}"')
    repo.commit()
    repo.tag("v1.0.0+3")
    repo.git("remote", "add", "origin", str(remote.path))
    repo.git("push", "--quiet", "--tags", "origin", "main")
    repo.git("switch", "--quiet", "--create", "hotfix/app-v1.0.1", "v1.0.0+3")
    repo.write("app/package.json", '{"name": "app", "version": "1.0.1"}\n')
    repo.write("app/main.js", "fixed\n")
    repo.commit("fix: Crash\n\nHOTFIX for production\nIssue: Crash\nSolution: Check\nTested: by hand")
    finish = ("hotfix", "finish", "app", "--yes", "--without-approval", "It burns")
    refused = run(*finish, cwd=repo.path)
    assert (refused.code, 'also = ["krow-versions.toml"]' in refused.err) == (3, True)
    also = '[hotfix]\nalso = ["krow-versions.toml"]\n'
    repo.write("krow-versions.toml", config % '"v{version}+{build}", "v{version}"' + also)
    repo.commit("chore: Name the tag without a build")
    done(run(*finish, cwd=repo.path))
    assert "refs/tags/v1.0.1" in repo.git("ls-remote", "--tags", "origin")
