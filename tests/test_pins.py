"""Pins: a package that requires exactly the version of a sibling is named, or moves with it."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

import krow_versions as kv
from krow_versions.formats import MIB, format_named, parse
from support.commands import assert_refused, done, run
from support.npm import CONFIG, ROOT_LOCK, A, B, C, fill, lock_of, manifest, members

if TYPE_CHECKING:
    from support.repositories import Repo


def texts(repo: Repo, *paths: str) -> dict[str, str]:
    return {path: (repo.path / path).read_text(encoding="utf-8") for path in paths}


def plan(repo: Repo, *names: str, **options: Any) -> kv.Plan:
    return kv.Workspace.open(repo.path).plan_bump(*names, **{"changelog": False, **options})


def bump(repo: Repo, *names: str, **options: Any) -> kv.Plan:
    made = plan(repo, *names, **options)
    kv.Workspace.open(repo.path).apply(made)
    return made


PINS = {
    "1.4.0": "1.4.1",
    "=1.4.0": "=1.4.1",
    "v1.4.0": "v1.4.1",
    "= v1.4.0": "= v1.4.1",
    " 1.4.0 ": " 1.4.1 ",
    "workspace:1.4.0": "workspace:1.4.1",
    "workspace:=1.4.0": "workspace:=1.4.1",
    "1.4.0+5": "1.4.1",
}
RANGES = (
    *("^1.4.0", "~1.4.0", "*", "", "1.x", "1.4.x", "1.4", ">=1.4.0", "1.4.0 - 1.5.0", "1.4.0 || 1.4.1"),
    *(
        "workspace:*",
        "workspace:^1.4.0",
        "file:../b",
        "link:../b",
        "npm:b@1.4.0",
        "latest",
        "01.4.0",
    ),
)


@pytest.mark.parametrize(("spec", "after"), PINS.items())
def test_an_exact_pin_is_refused_or_moved(repo: Repo, spec: str, after: str) -> None:
    """Without --pins it is named with file and line, nothing is changed; with it only the version moves."""
    fill(repo, members(b=spec))
    assert_refused(run("bump-patch", "b", cwd=repo.path), f"{A}:5:", "dependencies.b", "--pins")
    assert repo.git("status", "--porcelain") == ""
    done(run("bump-patch", "b", "--pins", "--no-changelog", cwd=repo.path))
    assert texts(repo, A, B, ROOT_LOCK) == {
        A: members(b=after)[A],
        B: manifest("b", "1.4.1"),
        ROOT_LOCK: lock_of(members(version="1.4.1", b=after)),
    }


@pytest.mark.parametrize("spec", RANGES)
def test_a_range_is_no_pin(repo: Repo, spec: str) -> None:
    """What the next PATCH satisfies, or what is no version at all, stays as it is, and nothing is refused."""
    fill(repo, members(b=spec))
    for moving in (False, True):
        made = plan(repo, "b", pins=moving)
        assert [str(change) for change in made.changes] == [
            f"{ROOT_LOCK}: 1.4.0 -> 1.4.1",
            f"{B}: 1.4.0 -> 1.4.1",
        ]


@pytest.mark.parametrize(("version", "is_pin"), [("0.0.3", True), ("0.1.3", False), ("1.0.3", False)])
def test_a_caret_of_a_patch_of_0_0_is_a_pin(repo: Repo, version: str, is_pin: bool) -> None:
    """``^0.0.3`` has no other version than 0.0.3: node-semver, "Caret Ranges"."""
    fill(repo, members(version=version, b=f"^{version}"))
    bump(repo, "b", pins=True)
    target = str(kv.Version.parse(version).next_patch())
    assert texts(repo, A) == {A: members(b=f"^{target}" if is_pin else f"^{version}")[A]}


SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_and_its_copy_move(repo: Repo, section: str, version: int) -> None:
    """The lock repeats the sections of a member, and npm ci compares them."""

    def given(number: str) -> dict[str, str]:
        return members(version=number) | {C: manifest("c", None, **{section: {"b": number, "x": "1.4.0"}})}

    fill(repo, given("1.4.0"), lock_of(given("1.4.0"), version))
    bump(repo, "b", pins=True)
    expected = given("1.4.1")
    assert texts(repo, C, ROOT_LOCK) == {C: expected[C], ROOT_LOCK: lock_of(expected, version)}


OVERRIDES = {
    "npm": {"overrides": {"b": "1.4.0"}},
    "npm, nested": {"overrides": {"a": {"b": "1.4.0"}}},
    "npm, itself": {"overrides": {"b": {".": "1.4.0", "x": "1.4.0"}}},
    "npm, of a version": {"overrides": {"b@^1": "1.4.0"}},
    "Yarn": {"resolutions": {"**/b": "1.4.0"}},
    "pnpm": {"pnpm": {"overrides": {"a>b": "1.4.0"}}},
}


@pytest.mark.parametrize("section", OVERRIDES.values(), ids=OVERRIDES)
def test_overrides_are_pins(repo: Repo, section: dict[str, Any]) -> None:
    """A place that says which version everybody gets is moved, wherever it names the package."""
    spaces = {"workspaces": ["packages/*"]}
    fill(repo, members(root=spaces | section))
    with pytest.raises(kv.Conflict):
        plan(repo, "b")
    bump(repo, "b", pins=True)
    (name,) = (repo.path / "package.json").read_text().split('"1.4.1"')[:-1]
    assert name.rstrip(": ").endswith('"')
    assert "1.4.0" not in name


MEMBERS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "a list": ({"workspaces": ["libs/*", "packages/*"]}, {}),
    "an object": ({"workspaces": {"packages": ["libs/c", "packages/*"]}}, {}),
    "spelled": ({"workspaces": ["./libs/c/", "packages//b"]}, {}),
    "deep": ({"workspaces": ["**"]}, {}),
    "braces": ({"workspaces": ["{libs/c,packages/{a,b}}"]}, {}),
    "pnpm": ({}, {"pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n  - libs/c # it\n"}),
    "lerna": ({}, {"lerna.json": '{"packages": ["packages/*", "libs/*"]}'}),
}


@pytest.mark.parametrize(("root", "more"), MEMBERS.values(), ids=MEMBERS)
def test_all_members_of_the_workspace_are_looked_at(
    repo: Repo, root: dict[str, Any], more: dict[str, str]
) -> None:
    """However the members are named, one that is no product is found, and the root itself."""
    given = members(root=root) | {C: manifest("c", None, dependencies={"b": "1.4.0"})}
    given["package.json"] = manifest("root", None, **root, devDependencies={"b": "1.4.0"})
    fill(repo, given | more, "{}\n")
    with pytest.raises(kv.Problems) as refused:
        plan(repo, "b")
    assert sorted(str(getattr(error, "path", "")) for error in refused.value.exceptions) == [
        C,
        "package.json",
    ]


HOSTILE = {
    "2^40 of them": "{a,b}" * 40,
    "nested": "{a," * 300 + "}" * 300,
    "deeper than the stack": "{a}" * 5000,
    "never closed": "{" * 100_000,
}


@pytest.mark.parametrize("glob", HOSTILE.values(), ids=HOSTILE)
def test_braces_without_end_are_bounded(repo: Repo, glob: str) -> None:
    """A checkout cannot keep a bump busy, or stop it, by the globs of its workspace; others count."""
    given = members(root={"workspaces": ["libs/*", "packages/*", glob]})
    fill(repo, given | {C: manifest("c", None, dependencies={"b": "1.4.0"})}, "{}\n")
    with pytest.raises(kv.Conflict) as refused:
        plan(repo, "b")
    assert refused.value.path == C


@pytest.mark.parametrize(
    "globs", [["packages/*"], ["libs/*", "packages/*", "!libs/c"], ["../*", "packages/*"]]
)
def test_what_is_no_member_and_no_product_is_not_looked_at(repo: Repo, globs: list[str]) -> None:
    """A folder that the workspace leaves out installs from elsewhere."""
    given = members(root={"workspaces": globs}) | {C: manifest("c", None, dependencies={"b": "1.4.0"})}
    fill(repo, given, "{}\n")
    assert [change.path for change in plan(repo, "b").changes] == [B]


def test_products_outside_of_a_workspace_are_looked_at(repo: Repo) -> None:
    """Every version file of the catalog counts, also where no package manager joins them."""
    fill(repo, members(root={}, b="1.4.0"), "{}\n")
    with pytest.raises(kv.Conflict) as refused:
        plan(repo, "b")
    assert (refused.value.path, refused.value.line, refused.value.key) == (A, 5, "dependencies.b")


def test_both_packages_of_one_product_move(repo: Repo) -> None:
    """Packages of one product are pinned to each other, and are bumped with the pins between them."""
    config = '[products.all]\nfiles = ["packages/*/package.json"]\n'

    def given(version: str) -> dict[str, str]:
        return members() | {
            A: manifest("a", version, dependencies={"b": version}),
            B: manifest("b", version, devDependencies={"a": version}),
        }

    fill(repo, given("1.4.0"), config=config)
    bump(repo, "all", pins=True)
    after = given("1.4.1")
    assert texts(repo, A, B, ROOT_LOCK) == {A: after[A], B: after[B], ROOT_LOCK: lock_of(after)}


def test_every_half_of_a_bump_with_pins_is_finished(repo: Repo) -> None:
    """Whichever files are written already, the same call gives the same texts, and then plans nothing."""
    fill(repo, members(b="1.4.0"))
    before = texts(repo, ROOT_LOCK, A, B)
    bump(repo, "b", "a", pins=True)
    after = texts(repo, ROOT_LOCK, A, B)
    assert after == {
        A: manifest("a", "2.0.1", dependencies={"b": "1.4.1"}),
        B: manifest("b", "1.4.1"),
        ROOT_LOCK: lock_of(
            members(version="1.4.1") | {A: manifest("a", "2.0.1", dependencies={"b": "1.4.1"})}
        ),
    }
    for number in range(len(after) + 1):
        for written in itertools.combinations(after, number):
            for path in after:
                repo.write(path, (after if path in written else before)[path])
            bump(repo, "a", "b", pins=True)
            assert texts(repo, *after) == after, written
            assert plan(repo, "a", "b", pins=True).is_empty
            assert plan(repo, "a", "b").is_empty


def test_the_lock_follows_a_pin_that_was_moved_by_hand(repo: Repo) -> None:
    """The other remedy of the refusal works: correct the pin, and the same call goes on without --pins."""
    fill(repo, members(b="1.4.0"))
    repo.write(A, members(b="1.4.1")[A])
    bump(repo, "b")
    assert texts(repo, ROOT_LOCK) == {ROOT_LOCK: lock_of(members(version="1.4.1", b="1.4.1"))}


@pytest.mark.parametrize("spec", ["1.3.0", "1.4.0-rc.1"])
def test_a_pin_of_another_release_stays(repo: Repo, spec: str) -> None:
    """It is no pin of what is here: a warning says where it is, and it is not moved."""
    fill(repo, members(b=spec))
    made = bump(repo, "b", pins=True)
    assert texts(repo, A) == {A: members(b=spec)[A]}
    (warning,) = made.warnings
    assert warning.startswith(f"{A}:5 ")
    assert spec in warning


def test_a_file_whose_pins_are_not_known_is_a_warning(repo: Repo) -> None:
    """A member that does not parse, or is too large, is named: its pins may break the install."""
    for text in ("{", manifest("c", None, x="0" * MIB)):
        fill(repo, members() | {C: text}, "{}\n")
        (warning,) = plan(repo, "b").warnings
        assert warning.startswith(C)
        assert "pins are not known" in warning


@pytest.mark.parametrize(
    "text",
    ['{"dependencies": {"b": "1\\u002e4.0"}}', '{"dependencies": {"b": "1.4.0",\n"b": "1.4.0"}}'],
    ids=["escapes", "twice"],
)
def test_a_pin_that_cannot_be_edited_is_refused(repo: Repo, text: str) -> None:
    """It is named, also with --pins, and nothing is changed."""
    fill(repo, members() | {C: text}, "{}\n")
    result = run("bump-patch", "b", "--pins", cwd=repo.path)
    assert_refused(result, C)
    assert repo.git("status", "--porcelain") == ""


def test_pins_can_be_configured(repo: Repo) -> None:
    """``pins = true`` in the product does what --pins does, for that product."""
    fill(repo, members(b="1.4.0"), config=CONFIG.replace("[products.b]", "[products.b]\npins = true"))
    bump(repo, "b")
    assert texts(repo, A) == {A: members(b="1.4.1")[A]}


def test_the_plan_shows_each_pin(repo: Repo) -> None:
    """As a line, in the diff, in the table and as data; --check writes nothing and exits 1."""
    fill(repo, members(b="=1.4.0"))
    shown = run("bump-patch", "b", "--pins", "--no-changelog", "--check", cwd=repo.path)
    assert shown.code == 1
    assert f"{A}: pin of b 1.4.0 -> 1.4.1" in shown.out
    data = json.loads(run("bump-patch", "b", "--pins", "--no-changelog", "-n", "--json", cwd=repo.path).out)
    (product,) = data["products"]
    pins = [file for file in product["files"] if file.get("pin") == "b"]
    assert pins[0] == {
        "repo": ".",
        "path": A,
        "format": "package-json",
        "before": "1.4.0",
        "after": "1.4.1",
        "changed": True,
        "places": [
            {"key": "dependencies.b", "kind": "version", "line": 5, "before": "1.4.0", "after": "1.4.1"}
        ],
        "pin": "b",
    }
    assert [(pin["path"], pin["places"][0]["key"]) for pin in pins[1:]] == [
        (ROOT_LOCK, 'packages."packages/a".dependencies.b')
    ]
    made = plan(repo, "b", pins=True)
    assert '-    "b": "=1.4.0"\n+    "b": "=1.4.1"\n' in made.diff()
    assert "(pin of b)" in str(made.to_table())
    assert repo.git("status", "--porcelain") == ""


def test_show_says_that_a_pin_is_in_the_way(repo: Repo) -> None:
    """What a bump would refuse is not shown as a next version."""
    fill(repo, members(b="1.4.0"))
    result = run("show", "b", cwd=repo.path)
    assert "1.4.1" not in result.out
    assert f"{A}:5" in result.err


def test_a_key_of_a_pin_reads_and_writes_only_the_version(repo: Repo) -> None:
    """The pure functions know the place, too: text in, text out."""
    text = '{"dependencies": {"b": "workspace:=1.4.0"}, "name": "a"}'
    chosen = format_named("package-json")
    assert chosen.packaging is not None
    assert [pin.key for pin in chosen.packaging.pins(parse(text, chosen))] == ["dependencies.b"]
    assert kv.read_version(text, format="package-json", key="dependencies.b") == kv.Version.parse("1.4.0")
    after = kv.set_version(text, "1.4.1", format="package-json", key="dependencies.b")
    assert after == text.replace("1.4.0", "1.4.1")
