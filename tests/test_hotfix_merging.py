"""The merge of a hotfix into a main that has moved on: planned without an effect, made without a trace."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import attrs
import pytest

import krow_versions as kv
from krow_versions.changelog import read_rows
from krow_versions.cli.console import Settings
from krow_versions.cli.plans import preview
from krow_versions.errors import PushRejected
from krow_versions.planning.actions import FastForward, Push, PushedRef, Tag
from krow_versions.planning.merge import Merge, MergedFile
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.workspace.hotfix.merging import PlannedMerge, merge_message, plan_merge
from support import krow
from support.repositories import Repo, executable, hook
from support.untouched import as_before, untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TABLE = "| Date | Version | Change |\n|---|---|---|\n"
MAIN = "refs/heads/main"


@attrs.frozen
class Case:
    """How a product moves on, and what its merge gives; all its files hold one version."""

    files: tuple[str, ...]
    base: str
    fix: str
    moved: str
    after: str

    @property
    def changelog(self) -> str:
        """Beside its first file."""
        return f"{self.files[0].rpartition('/')[0]}/CHANGELOG.md"


CASES = {
    "worker-mobile": Case((krow.STAFF,), "0.1.0+5", "0.1.1+6", "0.2.0+6", "0.2.0+7"),
    "client-mobile": Case((krow.CLIENT,), "0.2.3+17", "0.2.4+18", "0.3.0+30", "0.3.0+30"),
    "web": Case((krow.WEB, krow.WEB_LOCK), "1.4.0", "1.4.1", "1.5.0", "1.5.0"),
    "backend": Case((krow.API, krow.CORE), "0.3.1", "0.3.2", "1.0.0", "1.0.0"),
}


def core(version: str) -> str:
    return version.partition("+")[0]


def branch(product: str) -> str:
    return f"hotfix/krow-withus-{product}-v{core(CASES[product].fix)}"


def rows(*versions: str) -> str:
    return TABLE + "".join(f"| 2026-03-05 | {core(each)} | of {each} |\n" for each in versions)


def set_versions(repo: Repo, product: str, old: str, new: str) -> None:
    for path in CASES[product].files:
        text = (repo.path / path).read_bytes().decode()
        # Not the decoys, which repeat the first version.
        own = re.compile(
            rf'^((?:version: |.*"name": "web", "version": "|  "version": ")){re.escape(old)}', re.MULTILINE
        )
        repo.write(path, own.sub(rf"\g<1>{new}", text))


def rewrite(repo: Repo, path: str, text: str) -> None:
    """Write a file with the line ends that it has."""
    before = (repo.path / path).read_bytes()
    text = text.replace("\n", "\r\n") if b"\r\n" in before else text
    repo.write(path, text if before.endswith(b"\n") else text.rstrip("\r\n"))


def release(repo: Repo, style: str = "") -> Repo:
    """The four products, in production, each with its own CHANGELOG and code; perhaps in another style."""
    for name, case in CASES.items():
        repo.write(case.changelog, rows(case.base))
        repo.write(f"{name}.txt", "a\nb\nc\nd\ne\n")
    krow.checkout(repo, tagged=False)
    for path in (path for case in CASES.values() for path in (*case.files, case.changelog)):
        data = (repo.path / path).read_bytes()
        data = data.replace(b"\n", b"\r\n") if style == "CRLF" else data
        repo.write(path, data.rstrip(b"\n") if style == "no newline" else data)
    repo.commit("feat: line ends")
    for name, case in CASES.items():
        repo.tag(f"krow-withus-{name}/prod-v{core(case.base)}")
    return repo


def fix(repo: Repo, product: str, *, row: bool = True) -> str:
    """Make the hotfix of a product on its branch, and stay there."""
    case = CASES[product]
    repo.git(
        "switch", "--quiet", "--create", branch(product), f"krow-withus-{product}/prod-v{core(case.base)}"
    )
    repo.write(f"{product}.txt", "a\nb\nc\nd\nfixed\n")
    repo.commit("fix: crash")
    set_versions(repo, product, case.base, case.fix)
    if row:
        rewrite(repo, case.changelog, rows(case.fix, case.base))
    return repo.commit(f"chore: {case.fix}")


def move(repo: Repo, *products: str, row: bool = True) -> str:
    """Bring main forward: a new version, row and code of each product."""
    repo.git("switch", "--quiet", "main")
    for product in products:
        case = CASES[product]
        set_versions(repo, product, case.base, case.moved)
        if row:
            rewrite(repo, case.changelog, rows(case.moved, case.base))
        repo.write(f"{product}.txt", "A\nb\nc\nd\ne\n")
    return repo.commit("feat: more")


def planned(
    repo: Repo, product: str, line: str = "main", *, patch_only: bool = False, at: str = ""
) -> PlannedMerge:
    """Plan the merge of a hotfix into the line as it is here."""
    workspace = kv.Workspace.open(repo.path / at)
    view = workspace.hotfix(product, core(CASES[product].fix)).without_asking()
    seen = view.look()
    ours, theirs = repo.git("rev-parse", f"refs/heads/{line}"), str(seen.facts.tip)
    message = merge_message(view.context, seen, line)
    return plan_merge(
        view.context, seen.facts, message, line=line, ours=ours, theirs=theirs, patch_only=patch_only
    )


def plan_of(repo: Repo, product: str) -> Plan:
    """A plan that merges, and moves main here."""
    action = planned(repo, product).action
    before = repo.git("rev-parse", MAIN)
    step = HotfixStep("finish", product, kv.Version.parse(core(CASES[product].fix)))
    forward = FastForward(
        ".", MAIN, before, action.result, repo.git("rev-parse", "--abbrev-ref", "HEAD") == "main"
    )
    return Plan(actions=(action, forward), step=step)


def text(repo: Repo, path: str, revision: str = MAIN) -> str:
    return repo.git("cat-file", "blob", f"{revision}:{path}") + "\n"


def require_merged(repo: Repo, product: str) -> None:
    """Main is a merge: its own x.y.z with a higher build, both rows once, the fix and its own code."""
    case = CASES[product]
    for path in case.files:
        name = path.rpartition("/")[2]
        assert str(kv.read_version(text(repo, path), format=name)) == case.after
    found = [str(row.version) for row in read_rows(text(repo, case.changelog))]
    assert found == [core(case.fix), core(case.moved), core(case.base)]
    assert text(repo, f"{product}.txt") == "A\nb\nc\nd\nfixed\n"
    assert repo.git("rev-list", "--parents", "-1", MAIN).count(" ") == 2
    assert repo.git("merge-base", "--is-ancestor", branch(product), MAIN) == ""


@pytest.mark.parametrize("product", CASES)
@pytest.mark.parametrize("head", ["fix", "main", "detached"])
def test_each_product_is_merged(repo: Repo, product: str, head: str) -> None:
    """Versions and CHANGELOG of any product are no conflict; it does not matter what is checked out."""
    release(repo)
    fix(repo, product)
    move(repo, *CASES)
    others = {
        path: text(repo, path) for name, case in CASES.items() if name != product for path in case.files
    }
    if head == "fix":
        repo.git("switch", "--quiet", branch(product))
    elif head == "detached":
        repo.git("switch", "--quiet", "--detach", branch(product))
    plan = plan_of(repo, product)
    kv.Workspace.open(repo.path).apply(plan)
    require_merged(repo, product)
    assert {path: text(repo, path) for path in others} == others
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("log", "-1", "--format=%B", MAIN).strip() == (
        f"Merge hotfix krow-withus-{product} {core(CASES[product].fix)} into main"
    )


def test_one_hotfix_after_another(repo: Repo) -> None:
    """All four are merged in turn, each into what the one before has made; builds only go up."""
    release(repo)
    for product in CASES:
        fix(repo, product)
    move(repo, *CASES)
    for product in CASES:
        kv.Workspace.open(repo.path).apply(plan_of(repo, product))
    for product, case in CASES.items():
        assert text(repo, case.changelog).count(f"| {core(case.fix)} |") == 1
        assert text(repo, f"{product}.txt") == "A\nb\nc\nd\nfixed\n"


SHARED = """
[products.worker-mobile]
changelog = "CHANGELOG.md#Worker Mobile"
[products.web]
changelog = "CHANGELOG.md#Web"
"""


@pytest.mark.parametrize("product", ["worker-mobile", "web"])
def test_a_changelog_that_products_share(repo: Repo, product: str) -> None:
    """One file with a table for each: the row goes into the product's table, and the others stay."""
    titles = {"worker-mobile": "Worker Mobile", "web": "Web"}

    def shared(**tables: str) -> str:
        return "# Changes\n" + "".join(
            f"\n## {titles[name.replace('_', '-')]}\n\n{table}" for name, table in tables.items()
        )

    case = CASES[product]
    repo.write("krow-versions.toml", SHARED)
    first = {name.replace("-", "_"): rows(CASES[name].base) for name in titles}
    repo.write("CHANGELOG.md", shared(**first))
    release(repo)
    fix(repo, product, row=False)
    key = product.replace("-", "_")
    repo.write("CHANGELOG.md", shared(**first | {key: rows(case.fix, case.base)}))
    repo.commit("row")
    move(repo, *titles, row=False)
    repo.write(
        "CHANGELOG.md",
        shared(**{name.replace("-", "_"): rows(CASES[name].moved, CASES[name].base) for name in titles}),
    )
    repo.commit("rows")
    kv.Workspace.open(repo.path).apply(plan_of(repo, product))
    merged = text(repo, "CHANGELOG.md")
    for name, title in titles.items():
        versions = [str(row.version) for row in read_rows(merged, heading=title)]
        own = [core(case.fix)] if name == product else []
        assert versions == [*own, core(CASES[name].moved), core(CASES[name].base)]


def test_a_main_that_moved_elsewhere_gets_what_git_makes(repo: Repo) -> None:
    """Where main did not touch the product, git's merge is right as it is, and nothing is replaced."""
    release(repo)
    fix(repo, "worker-mobile")
    move(repo, "web")
    found = planned(repo, "worker-mobile")
    assert (found.action.files, str(found.version)) == ((), "0.1.1+6")
    kv.Workspace.open(repo.path).apply(plan_of(repo, "worker-mobile"))
    assert kv.read_version(text(repo, krow.STAFF), format="pubspec") == kv.Version.parse("0.1.1+6")


def test_the_build_is_above_every_tag(repo: Repo) -> None:
    """A build that only a staging tag shipped counts, too."""
    release(repo)
    fix(repo, "worker-mobile")
    repo.git("switch", "--quiet", "--detach")
    repo.write(krow.STAFF, krow.pubspec("0.1.1+11"))
    repo.commit("build")
    repo.tag("krow-withus-worker-mobile/staging-v0.1.1")
    move(repo, "worker-mobile")
    assert str(planned(repo, "worker-mobile").version) == "0.2.0+12"


def test_a_file_that_main_has_moved(repo: Repo) -> None:
    """The catalog knows two places of the file; git follows the rename."""
    release(repo)
    fix(repo, "worker-mobile")
    move(repo, "worker-mobile")
    repo.git("mv", krow.STAFF.rpartition("/")[0], krow.WORKER.rpartition("/")[0])
    repo.commit("feat: rename")
    kv.Workspace.open(repo.path).apply(plan_of(repo, "worker-mobile"))
    assert str(kv.read_version(text(repo, krow.WORKER), format="pubspec")) == "0.2.0+7"


def test_a_workspace_below_the_top(repo: Repo) -> None:
    """Paths of a merge are from the top of git's working tree, wherever the workspace is."""
    repo.write(
        "below/krow-versions.toml", '[products.web]\nslug = "krow-withus-web"\nfiles = ["package.json"]\n'
    )
    repo.write("below/package.json", krow.package("1.4.0"))
    repo.write("below/CHANGELOG.md", rows("1.4.0"))
    repo.commit("feat: first")
    repo.tag("krow-withus-web/prod-v1.4.0")
    for name, version in (("hotfix/krow-withus-web-v1.4.1", "1.4.1"), ("main", "1.5.0")):
        repo.git("switch", "--quiet", *([] if name == "main" else ["--create"]), name)
        repo.write("below/package.json", krow.package(version))
        repo.write("below/CHANGELOG.md", rows(version, "1.4.0"))
        repo.commit(version)
    found = planned(repo, "web", at="below")
    assert [file.path for file in found.action.files] == ["below/package.json", "below/CHANGELOG.md"]
    forward = FastForward(".", MAIN, found.action.ours, found.action.result, checked_out=True)
    kv.Workspace.open(repo.path / "below").apply(Plan(actions=(found.action, forward)))
    assert (repo.path / "below/CHANGELOG.md").read_text().count("\n| 2026") == 3


OLD = """
import os, sys
if "merge-tree" in sys.argv:
    sys.exit(129)
os.execv({!r}, ["git", *sys.argv[1:]])
"""


@pytest.mark.parametrize("product", CASES)
def test_an_older_git_makes_the_same_merge(repo: Repo, product: str, program: Callable[[str], Path]) -> None:
    """Before 2.38 the sides come from the common ancestor; what is in conflict shows when it is applied."""
    release(repo)
    fix(repo, product)
    move(repo, product)
    new = planned(repo, product)
    program(OLD.format(shutil.which("git")))
    old = planned(repo, product)
    assert old.action == attrs.evolve(new.action, tree="")
    kv.Workspace.open(repo.path).apply(plan_of(repo, product))
    require_merged(repo, product)


def test_an_older_git_refuses_a_conflict_when_it_is_applied(
    repo: Repo, program: Callable[[str], Path]
) -> None:
    """The error has the same way out."""
    release(repo)
    code_conflict(repo)
    with pytest.raises(kv.Conflict) as known:
        planned(repo, "worker-mobile")
    program(OLD.format(shutil.which("git")))
    plan = plan_of(repo, "worker-mobile")
    with as_before(repo), pytest.raises(kv.Conflict, match=r"'worker-mobile\.txt'") as error:
        kv.Workspace.open(repo.path).apply(plan)
    assert error.value.hint == known.value.hint


# --- refused ---------------------------------------------------------------------------------------


def code_conflict(repo: Repo) -> None:
    fix(repo, "worker-mobile")
    repo.write("worker-mobile.txt", "Ä\nb\nc\nd\nfixed\n")
    repo.commit("fix: the same line as main")
    move(repo, "worker-mobile")


def dependency_conflict(repo: Repo) -> None:
    fix(repo, "worker-mobile")
    for name, number in ((branch("worker-mobile"), "8"), ("main", "9")):
        repo.git("switch", "--quiet", name)
        path = repo.path / krow.STAFF
        path.write_text(path.read_text().replace("other: 0.1.0+5", f"other: {number}"))
        repo.commit("dependency")
    move(repo, "worker-mobile")


def deleted(repo: Repo) -> None:
    fix(repo, "worker-mobile")
    repo.git("switch", "--quiet", "main")
    (repo.path / krow.STAFF).unlink()
    repo.commit("feat: without")
    repo.git("switch", "--quiet", branch("worker-mobile"))


def damaged(repo: Repo) -> None:
    fix(repo, "worker-mobile")
    move(repo, "worker-mobile")
    repo.write(krow.STAFF, b"version: 0.2.0+6\n\xff\n")
    repo.commit("feat: Latin-1")


def too_high(repo: Repo) -> None:
    fix(repo, "worker-mobile")
    move(repo, "worker-mobile")
    repo.write(krow.STAFF, krow.pubspec("0.2.0+2100000001"))
    repo.commit("feat: build")


REFUSED: dict[Callable[[Repo], None], str] = {
    code_conflict: "git cannot merge 'worker-mobile.txt'",
    dependency_conflict: f"{krow.STAFF}: besides the version, both sides changed the same lines",
    deleted: f"git cannot merge '{krow.STAFF}'",
    damaged: f"{krow.STAFF}:2: byte 0xff",
    too_high: f"{krow.STAFF}: the build 2100000001 would be over the limit",
}


@pytest.mark.parametrize("prepare", REFUSED)
def test_what_needs_a_person_is_refused_before_anything(repo: Repo, prepare: Callable[[Repo], None]) -> None:
    """The error names the file and why; nothing is changed."""
    release(repo)
    prepare(repo)
    with untouched(repo), pytest.raises(kv.Conflict) as error:
        planned(repo, "worker-mobile")
    assert REFUSED[prepare] in error.value.message
    assert error.value.message.endswith("; nothing was changed")


def test_the_way_out_of_a_conflict_works(repo: Repo, tmp_path: Path) -> None:
    """Typing what the hint says, and correcting the files, merges the hotfix."""
    release(repo)
    remote = Repo(tmp_path / "remote.git", bare=True)
    repo.git("remote", "add", "origin", str(remote.path))
    code_conflict(repo)
    repo.git("push", "--quiet", "--set-upstream", "origin", "main")
    repo.git("switch", "--quiet", branch("worker-mobile"))
    with pytest.raises(kv.Conflict) as error:
        planned(repo, "worker-mobile")
    assert error.value.hint is not None
    assert "keep the version 0.2.0+7 and the CHANGELOG rows of both sides" in error.value.hint
    merging, pushing = re.fullmatch(
        r"merge it by hand: (.*?); keep .* sides, (.*), and run this again", error.value.hint
    ).groups()  # type: ignore[union-attr]
    done = subprocess.run(["bash", "-c", merging], cwd=repo.path, capture_output=True, check=False)
    assert b"CONFLICT" in done.stdout
    repo.write("worker-mobile.txt", "A\nb\nc\nd\nfixed\n")
    repo.write(krow.STAFF, krow.pubspec("0.2.0+7"))
    repo.write(CASES["worker-mobile"].changelog, rows("0.1.1", "0.2.0", "0.1.0"))
    env = {**os.environ, "GIT_EDITOR": "true"}
    for command in pushing.split(", "):
        subprocess.run(["bash", "-c", command], cwd=repo.path, env=env, check=True, capture_output=True)
    require_merged(repo, "worker-mobile")
    assert remote.git("rev-parse", MAIN) == repo.git("rev-parse", MAIN)


# --- other lines -----------------------------------------------------------------------------------


def test_a_release_line_keeps_its_version(repo: Repo) -> None:
    """The line of the next release gets the fix under its own x.y.z, and a build above the shipped one."""
    release(repo)
    fix(repo, "worker-mobile")
    move(repo, "worker-mobile")
    repo.git("branch", "release/0.2")
    found = planned(repo, "worker-mobile", "release/0.2", patch_only=True)
    assert str(found.version) == "0.2.0+7"
    assert found.action.message == "Merge hotfix krow-withus-worker-mobile 0.1.1 into release/0.2\n"


def test_a_line_of_an_older_minor_is_refused(repo: Repo) -> None:
    """A merge would bring it the newer line's version, which no hotfix may."""
    release(repo)
    repo.write(krow.STAFF, krow.pubspec("0.0.9+3"))
    repo.commit("an older line")
    repo.git("branch", "release/0.0")
    repo.git("switch", "--quiet", "--detach", "HEAD^")
    fix(repo, "worker-mobile")
    with untouched(repo), pytest.raises(kv.Conflict, match="a hotfix raises nothing but PATCH"):
        planned(repo, "worker-mobile", "release/0.0", patch_only=True)


# --- shown and done --------------------------------------------------------------------------------


@pytest.fixture
def moved(repo: Repo) -> Repo:
    """A hotfix of worker-mobile that is checked out, and a main that has moved on."""
    release(repo)
    fix(repo, "worker-mobile")
    move(repo, *CASES)
    repo.git("switch", "--quiet", branch("worker-mobile"))
    return repo


def test_a_plan_with_a_merge_is_a_value(moved: Repo) -> None:
    """It is equal, hashable and picklable; its JSON and table have the command, its diff what main gets."""
    plan, same = (plan_of(moved, "worker-mobile") for _ in range(2))
    assert (plan, hash(plan)) == (same, hash(same))
    assert pickle.loads(pickle.dumps(plan)) == plan
    merge = json.loads(json.dumps(plan.to_json()))["actions"][0]
    assert (merge["action"], merge["command"]) == ("merge", plan.commands[0])
    assert [file["path"] for file in merge["files"]] == [krow.STAFF, CASES["worker-mobile"].changelog]
    assert plan.to_table().to_records()[0]["command"] == plan.commands[0]
    changed = [line for line in plan.diff().splitlines() if re.match(r"[-+](?![-+])", line)]
    assert changed == [
        "-version: 0.2.0+6 # shipped 0.1.0+5",
        "+version: 0.2.0+7 # shipped 0.1.0+5",
        "+| 2026-03-05 | 0.1.1 | of 0.1.1+6 |",
    ]
    assert "0.2.0+7" in plan._repr_html_()


def test_planning_a_merge_changes_nothing(moved: Repo) -> None:
    """Neither here nor anywhere: every byte stays, git's objects aside."""
    with untouched(moved):
        plan_of(moved, "worker-mobile")


@pytest.mark.parametrize("product", CASES)
@pytest.mark.parametrize("kind", ["conflict", "clean", "no newline", "CRLF"])
def test_typing_a_merge_does_the_same(repo: Repo, tmp_path: Path, product: str, kind: str) -> None:
    """The commands, typed in a shell, give the same tree, parents and message, and leave no working tree."""
    release(repo, kind)
    fix(repo, product)
    move(repo, *([] if kind == "clean" else [product]))
    plan = plan_of(repo, product)
    typed = tmp_path / "typed"
    shutil.copytree(repo.path, typed, symlinks=True)
    kv.Workspace.open(repo.path).apply(plan)
    there = Repo(typed)
    there.git("status")  # Git notes the new times of the files in the index.
    env = {**os.environ, "GIT_EDITOR": "false"}
    for command in plan.commands:
        subprocess.run(["bash", "-c", command], cwd=typed, env=env, check=True, capture_output=True)
    for form in ("%T", "%P", "%B"):
        assert there.git("log", "-1", f"--format={form}", MAIN) == repo.git(
            "log", "-1", f"--format={form}", MAIN
        )
    assert len(there.git("worktree", "list").splitlines()) == 1
    assert there.git("status", "--porcelain") == ""
    if kind != "clean":
        (data,) = {
            each.count("\r\n") == each.count("\n") for each in map(repo_bytes(repo), CASES[product].files)
        }
        assert data == (kind == "CRLF")


def tabbed(version: str, end: str = "\n") -> str:
    return f'{{\n\t"version": "{version}"\n}}\n'.replace("\n", end)


def forked(repo: Repo, ours: str, theirs: str, after: str) -> Plan:
    """The plan of a merge of two commits in which package.json is given."""
    repo.write("package.json", tabbed("1.0.0"))
    repo.commit("release")
    repo.git("switch", "--quiet", "--create", "fix")
    repo.write("package.json", theirs)
    fixed = repo.commit("fix: crash")
    repo.git("switch", "--quiet", "main")
    repo.write("package.json", ours)
    moved = repo.commit("feat: more")
    merge = Merge(".", moved, fixed, "Merge\n", (MergedFile("package.json", ours, after),))
    forward = FastForward(".", MAIN, moved, merge.result, checked_out=True)
    return Plan(actions=(merge, forward), step=HotfixStep("finish", PRODUCT, kv.Version.parse("1.0.1")))


@pytest.mark.parametrize("after", ["1.1.0", "1.1.1"])
def test_the_shown_script_keeps_tabs_and_works(
    repo: Repo, after: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a dry run prints can be typed, also where main keeps its text and the diff is empty."""
    plan = forked(repo, tabbed("1.1.0"), tabbed("1.0.1"), tabbed(after))
    preview(Settings(), plan, as_json=False, undone="")
    shown = capsys.readouterr()
    assert "cannot be applied" not in shown.err
    typed = subprocess.run(["bash", "-c", shown.out], cwd=repo.path, check=True, capture_output=True)
    assert b"error: " not in typed.stderr
    assert text(repo, "package.json") == tabbed(after)
    assert repo.git("rev-list", "--parents", "-1", MAIN).count(" ") == 2


@pytest.mark.parametrize("odd", ["\r", "\x1b[2K"])
def test_a_shown_script_that_cannot_be_typed_is_said(
    repo: Repo, odd: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a character of the diff was escaped, a warning names the file."""
    end = f"{odd}\n"
    plan = forked(repo, tabbed("1.1.0", end), tabbed("1.0.1", end), tabbed("1.1.1", end))
    preview(Settings(), plan, as_json=False, undone="")
    shown = capsys.readouterr()
    assert odd not in shown.out
    assert "package.json: its diff shows characters escaped, and so cannot be applied" in shown.err


def repo_bytes(repo: Repo) -> Callable[[str], str]:
    """Give how to read a file of main."""
    return lambda path: repo.git("cat-file", "blob", f"{MAIN}:{path}")


# --- with other actions ----------------------------------------------------------------------------

PRODUCT = "worker-mobile"
TAG = "refs/tags/krow-withus-worker-mobile/prod-v0.1.1"


@pytest.fixture
def server(moved: Repo, tmp_path: Path) -> Repo:
    """A remote that has the moved main."""
    remote = Repo(tmp_path / "remote.git", bare=True)
    moved.git("remote", "add", "origin", "../remote.git")
    moved.git("push", "--quiet", "origin", "main", "--tags")
    return remote


def whole_plan(repo: Repo) -> Plan:
    """Merge, tag the tip that was tested, push both, and bring main here forward."""
    action = planned(repo, PRODUCT).action
    tag = Tag(".", TAG, action.theirs, "HOTFIX: Crash")
    push = Push(".", "origin", (PushedRef(MAIN, action.result), PushedRef(TAG, TAG)))
    forward = FastForward(".", MAIN, action.ours, action.result, required=False)
    return Plan(actions=(action, tag, push, forward), step=HotfixStep("finish", PRODUCT, kv.Version(0, 1, 1)))


def test_main_and_tag_arrive_together(moved: Repo, server: Repo) -> None:
    """The merge is on main, here and there; the tag is at the tip; nothing else is made."""
    before = moved.git("for-each-ref", "--format=%(refname)").splitlines()
    plan = whole_plan(moved)
    assert kv.Workspace.open(moved.path).apply(plan).actions == plan.actions
    require_merged(moved, PRODUCT)
    assert server.git("rev-parse", MAIN) == moved.git("rev-parse", MAIN)
    assert server.git("rev-parse", f"{TAG}^{{commit}}") == moved.git("rev-parse", branch(PRODUCT))
    assert moved.git("for-each-ref", "--format=%(refname)").splitlines() == sorted([*before, TAG])


def test_a_refused_push_leaves_nothing_of_the_merge(moved: Repo, server: Repo) -> None:
    """The tag is taken back, no ref names the commit, and the error does not call it done."""
    hook(server, "pre-receive", "echo protected; exit 1")
    plan = whole_plan(moved)
    with as_before(moved), untouched(server), pytest.raises(PushRejected) as error:
        kv.Workspace.open(moved.path).apply(plan)
    assert not getattr(error.value, "__notes__", [])


def test_a_tag_is_taken_back_when_the_merge_fails(moved: Repo, server: Repo) -> None:
    """Whatever comes first: without the merge nothing is kept."""
    plan = whole_plan(moved)
    merge, tag, *rest = plan.actions
    hook(moved, "commit-msg", "exit 1")
    with as_before(moved), untouched(server), pytest.raises(kv.GitError, match="commit failed"):
        kv.Workspace.open(moved.path).apply(attrs.evolve(plan, actions=(tag, merge, *rest)))


def test_the_typed_plan_does_the_same(moved: Repo, server: Repo, tmp_path: Path) -> None:
    """Later commands find the merge by the name that its command gives it."""
    plan = whole_plan(moved)
    for command in plan.commands:
        env = {**os.environ, "GIT_EDITOR": "echo HOTFIX >"}
        subprocess.run(["bash", "-c", command], cwd=moved.path, env=env, check=True, capture_output=True)
    require_merged(moved, PRODUCT)
    assert server.git("rev-parse", MAIN) == moved.git("rev-parse", MAIN)
    assert "KROW_MERGE" not in moved.git("for-each-ref", "--format=%(refname)")


def test_a_merge_takes_few_processes(moved: Repo, spy: Callable[[], list[list[str]]]) -> None:
    """Two to plan it and four to make it, whatever the number of files; the configuration is read once."""
    workspace = kv.Workspace.open(moved.path)
    view = workspace.hotfix(PRODUCT).without_asking()
    seen = view.look()
    ours = moved.git("rev-parse", MAIN)
    spy()
    found = plan_merge(view.context, seen.facts, "m\n", line="main", ours=ours, theirs=str(seen.facts.tip))
    assert [args[4] for args in spy() if args[0] == "-c"] == ["merge-tree", "cat-file"]
    workspace.apply(Plan(actions=(found.action,)))
    made = [args[4] for args in spy() if args[0] == "-c"]
    assert made == ["rev-parse", "config", "worktree", "merge", "commit", "cat-file"]


# --- killed ----------------------------------------------------------------------------------------

REAL = shutil.which("git")
# At one call: git is killed before it does anything, in the middle, or all when it has done its work.
WRAPPER = f"""#!/bin/sh
echo >> "$KV_CALLS"
if [ "$(wc -l < "$KV_CALLS")" = "$KV_AT" ]; then
  [ "$KV_HOW" = git ] && kill -9 $$
  {REAL} "$@"
  kill -9 $PPID $$
fi
exec {REAL} "$@"
"""
SCRIPT = """
import pickle, sys
import krow_versions as kv
try:
    kv.Workspace.open(sys.argv[1]).apply(pickle.load(open(sys.argv[2], "rb")))
except kv.KrowVersionsError as error:
    sys.exit(4)
"""


@pytest.mark.parametrize("how", ["git", "all"])
def test_a_merge_that_is_killed_anywhere_is_made_by_the_next_run(
    moved: Repo, tmp_path: Path, how: str
) -> None:
    """Killed at any call of git: HEAD, index, files and branches are untouched, and the same plan works
    afterwards, with no working tree, lock or ref left."""
    plan = attrs.evolve(plan_of(moved, PRODUCT), actions=plan_of(moved, PRODUCT).actions[:1])
    (tmp_path / "plan").write_bytes(pickle.dumps(plan))
    calls, wrapper = tmp_path / "calls", executable(tmp_path / "bin/git", WRAPPER)
    path = f"{wrapper.parent}:{os.environ['PATH']}"

    def run(at: int) -> int:
        calls.write_bytes(b"")
        env = {"PATH": path, "KV_CALLS": str(calls), "KV_AT": str(at), "KV_HOW": how}
        command = [sys.executable, "-c", SCRIPT, str(moved.path), str(tmp_path / "plan")]
        return subprocess.run(command, env={**os.environ, **env}, check=False, capture_output=True).returncode

    assert run(0) == 0
    number = len(calls.read_bytes())
    assert number > 5
    for at in range(1, number + 1):
        with as_before(moved):
            assert run(at) in ({0, 4} if how == "git" else {-9}), at
            assert run(0) == 0, at
        assert [*(moved.path / ".git/krow-versions").iterdir()] == []
        assert [*(moved.path / ".git/worktrees").iterdir()] == []
        assert [*(moved.path / ".git").rglob("*.lock")] == []
