"""The configuration on the branch of a hotfix, which has the files of the production tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from support.commands import assert_refused, done, run
from support.releases import BASE, BRANCH, TAG, Released
from support.repositories import Repo, executable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CONFIG = """\
[products.app]
slug = "krow-withus-worker-mobile"
files = ["apps/mobile/apps/staff/pubspec.yaml"]
deploy = ["./deploy.sh", "{tag}"]

[hotfix]
contacts = { "Release Engineer" = "call 1" }
"""
START = ("hotfix", "start", "app", "--issue", "Crash", "--severity", "HIGH", "--impact", "All")


SHARED = CONFIG.replace("[hotfix]", "[hotfix]\nshare = true")
AT_MAIN = "origin/HEAD:krow-versions.toml"


def configured_late(folder: Path, config: str = CONFIG) -> Released:
    """A configuration that was committed after the production tag, and pushed."""
    made = Released.make(folder)
    made.ours.write("krow-versions.toml", config)
    made.ours.commit("chore: describe the products")
    made.ours.git("push", "--quiet", "origin", "main")
    return made


def test_what_was_in_force_counts_on_the_branch(tmp_path: Path) -> None:
    """Products, contacts and the deploy command are known on a branch that has no configuration yet."""
    made = configured_late(tmp_path)
    before = kv.Workspace.open(made.ours.path)
    assert run(*START, cwd=made.ours.path).code == 0
    assert not (made.ours.path / "krow-versions.toml").exists()

    there = kv.Workspace.open(made.ours.path)
    assert (there.catalog, there.repos, there.config) == (before.catalog, before.repos, before.config)
    assert run("hotfix", "status", "app", cwd=made.ours.path).code == 0
    assert run("bump-patch", "app", "--no-changelog", cwd=made.ours.path).code == 0


def test_it_counts_nowhere_else(tmp_path: Path) -> None:
    """On another branch without a configuration file, the built-in KROW products are used."""
    made = configured_late(tmp_path)
    run(*START, cwd=made.ours.path)
    made.ours.git("switch", "--quiet", "--create", "other")
    assert kv.Workspace.open(made.ours.path).source is None


def test_it_counts_in_a_linked_working_tree(tmp_path: Path) -> None:
    """Git's own folder is found from a linked working tree, too."""
    made = configured_late(tmp_path)
    run(*START, cwd=made.ours.path)
    branch = made.ours.git("symbolic-ref", "--short", "HEAD")
    made.ours.git("switch", "--quiet", "main")
    made.ours.git("worktree", "add", "--quiet", str(tmp_path / "linked"), branch)
    assert list(kv.Workspace.open(tmp_path / "linked")) == ["app"]


def test_one_that_was_broken_by_hand_is_named(tmp_path: Path) -> None:
    """An error in the saved configuration names its file."""
    made = configured_late(tmp_path)
    run(*START, cwd=made.ours.path)
    kept = next((made.ours.path / ".git" / "krow-versions" / "hotfix").glob("*.config.toml"))
    kept.write_text(kept.read_text() + "\n[what]\n")
    refused = run("show", cwd=made.ours.path)
    assert refused.code == 2
    assert kept.name in refused.err


def test_a_start_that_is_killed_after_the_switch_is_started_again(tmp_path: Path) -> None:
    """The configuration is saved before the switch removes its file, so that a second start can continue."""
    made = configured_late(tmp_path)
    hook = made.ours.path / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nkill -9 $(ps -o ppid= -p $PPID)\n")
    hook.chmod(0o755)
    assert run(*START, cwd=made.ours.path).code == -9
    hook.unlink()
    assert not (made.ours.path / "krow-versions.toml").exists()
    assert list(kv.Workspace.open(made.ours.path)) == ["app"]
    again = run(*START, cwd=made.ours.path)
    assert again.code == 0, again
    assert "this continues it" in again.out


def test_a_start_that_is_refused_keeps_nothing(tmp_path: Path) -> None:
    """If no branch was made, no configuration is saved."""
    made = configured_late(tmp_path)
    (made.ours.path / ".git/index.lock").touch()
    assert run(*START, cwd=made.ours.path).code == 4
    assert [*(made.ours.path / ".git/krow-versions").rglob("*.toml")] == []


def test_a_workspace_in_a_folder_of_its_repository(tmp_path: Path) -> None:
    """Changed paths are relative to the workspace's folder; a path outside it is outside the product."""
    ours = Repo(tmp_path / "top")
    ours.write("ws/app/pubspec.yaml", "name: app\nversion: 1.2.3+4\n")
    ours.write("ws/krow-versions.toml", '[products.app]\nslug = "app"\nfiles = ["app/pubspec.yaml"]\n')
    ours.write("other/x", "1\n")
    ours.commit("feat: first")
    ours.git("tag", "--annotate", "--message=x", "app/prod-v1.2.3")
    folder = ours.path / "ws"
    assert run(*START, cwd=folder).code == 0
    ours.write("ws/app/main.dart", "fixed\n")
    ours.commit("fix: it")
    assert scope(folder) == ("passed", "all inside app")
    ours.write("other/x", "2\n")
    ours.commit("chore: other")
    assert scope(folder) == ("failed", "outside the product: ../other/x")


def scope(folder: Path) -> tuple[str, str]:
    """What the gate of what is outside the product says."""
    gates = run("hotfix", "check", "app", "--json", cwd=folder).data["gates"]
    return next((gate["verdict"], gate["found"]) for gate in gates if gate["id"] == "scope")


def test_one_in_a_folder_counts_there(tmp_path: Path) -> None:
    """Its paths are relative to the folder that it was in, below the top of the repository."""
    made = Released.make(tmp_path)
    made.ours.write("apps/krow-versions.toml", CONFIG.replace("apps/mobile", "mobile"))
    made.ours.commit("chore: describe the products")
    made.ours.git("push", "--quiet", "origin", "main")
    apps = made.ours.path / "apps"
    before = kv.Workspace.open(apps)
    assert run(*START, cwd=apps).code == 0
    assert not (apps / "krow-versions.toml").exists()
    there = kv.Workspace.open(apps)
    assert (there.catalog, there.repos) == (before.catalog, before.repos)
    assert run("hotfix", "status", "app", cwd=apps).code == 0


BUILT_IN = """\
[products.worker-mobile]
deploy = ["./deploy.sh", "{tag}"]

[products.client-mobile]

[products.web]

[products.backend]
"""
PYPROJECT = """\
[tool.krow-versions.products.worker-mobile]
deploy = ["./deploy.sh", "{tag}"]
"""


def shipped(folder: Path, late: Mapping[str, str], early: str = "") -> Released:
    """A hotfix by hand that is tagged and pushed, of a release before the configuration."""
    made = Released.make(folder)
    if early:
        made.ours.write("krow-versions.toml", early)
        made.ours.commit("chore: describe the products")
        made.ours.git("tag", "--force", "--annotate", "--message=x", BASE)
    made.start_by_hand()
    made.fix()
    made.ours.tag(TAG)
    made.ours.git("switch", "--quiet", "main")
    for path, text in late.items():
        made.ours.write(path, text)
    made.ours.commit("chore: describe the products")
    made.ours.git("push", "--quiet", "origin", "main", BRANCH, TAG)
    made.ours.git("switch", "--quiet", BRANCH)
    return made


NAMED = CONFIG.replace("products.app", "products.worker-mobile")
OLD = BUILT_IN.replace("deploy =", "aliases = ['x'] #")


@pytest.mark.parametrize(
    ("late", "early"),
    [
        ({"krow-versions.toml": BUILT_IN}, ""),
        ({"krow-versions.toml": BUILT_IN}, OLD),
        ({"krow-versions.toml": NAMED}, ""),
        ({"krow-versions.toml": NAMED}, OLD),
        ({"pyproject.toml": PYPROJECT}, ""),
    ],
)
def test_the_deploy_command_is_found_on_main(tmp_path: Path, late: dict[str, str], early: str) -> None:
    """On a hotfix branch with no configuration, or one without the command, it is that of the remote's main.

    Nothing is kept in this clone. Where the command comes from is said before it runs, and it does run.
    """
    made = shipped(tmp_path, late, early)
    clone = made.remote.clone(tmp_path / "second", "--branch", BRANCH)
    executable(clone.path / "deploy.sh", "#!/bin/sh\necho deployed $1\n")
    file = next(iter(late))
    status = done(run("hotfix", "status", "worker-mobile", cwd=clone.path))
    shown = done(run("hotfix", "deploy", "worker-mobile", cwd=clone.path))
    assert "no command is configured" not in status.out
    assert f"origin/HEAD:{file}" in shown.err
    assert f"./deploy.sh {TAG}" in shown.out
    assert "deployed" not in shown.out.replace(TAG, "")
    ran = done(run("hotfix", "deploy", "worker-mobile", "--run", "--yes", cwd=clone.path))
    assert f"deployed {TAG}" in ran.out + ran.err


def test_products_of_main_are_known_in_a_second_clone(tmp_path: Path) -> None:
    """A product that only main's configuration describes has its hotfix in a second clone, too."""
    made = shipped(tmp_path, {"krow-versions.toml": CONFIG})
    clone = made.remote.clone(tmp_path / "second", "--branch", BRANCH)
    there = kv.Workspace.open(clone.path)
    assert (list(there), there.found_at) == (["app"], "origin/HEAD:krow-versions.toml")
    said = done(run("hotfix", "status", "app", cwd=clone.path))
    assert "origin/HEAD:krow-versions.toml" in said.err
    clone.git("switch", "--quiet", "--create", "feature/1.2.3")
    assert kv.Workspace.open(clone.path).source is None


def test_only_a_start_is_a_start(tmp_path: Path) -> None:
    """In a clone that joins a hotfix, no command that records something turns off what main configures."""
    made = joined(tmp_path)
    place = made.theirs.path / ".git/krow-versions/hotfix"
    corrected = ("amend", "--severity", "medium", "--yes")
    for command in (
        corrected,
        ("report", "--say", "notes=x", "--yes"),
        ("status", "--done", "review", "--yes"),
    ):
        done(run("hotfix", *command, cwd=made.theirs.path))
        there = kv.Workspace.open(made.theirs.path)
        assert (there.found_at, there.config.hotfix.share) == (AT_MAIN, True), command
        assert [each.name for each in place.iterdir()] == ["krow-withus-worker-mobile-v0.1.1.toml"]
    assert "MEDIUM" in done(run("hotfix", "list", cwd=made.ours.path)).out


@pytest.mark.parametrize("place", [f"origin/{BRANCH}", TAG])
def test_a_job_knows_what_main_configures(tmp_path: Path, place: str) -> None:
    """At a hotfix, a detached HEAD has products, contacts and sharing of main, and its records are shared."""
    made = joined(tmp_path)
    done(run("hotfix", "status", "app", "--done", "approval", "--yes", cwd=made.ours.path))
    done(run("hotfix", "finish", "app", "--yes", cwd=made.ours.path))
    job = made.remote.clone(tmp_path / "job")
    executable(job.path / "deploy.sh", "#!/bin/sh\n")
    job.git("checkout", "--quiet", "--detach", place)
    there = kv.Workspace.open(job.path)
    assert (list(there), there.found_at, there.config.hotfix.share) == (["app"], AT_MAIN, True)
    listed = done(run("hotfix", "list", cwd=job.path))
    assert ("HIGH" in listed.out, AT_MAIN in listed.err) == (True, True)
    done(run("hotfix", "deploy", "--run", "--yes", cwd=job.path))
    (attempt,) = done(run("hotfix", "status", "app", "--json", cwd=made.ours.path)).data["deployments"]
    assert attempt["exit_code"] == 0


def test_elsewhere_a_detached_head_is_as_before(tmp_path: Path) -> None:
    """Main's configuration counts at hotfixes and production tags alone, unless the commit has its own."""
    made = configured_late(tmp_path)
    made.ours.git("switch", "--quiet", "--detach", BASE)
    assert kv.Workspace.open(made.ours.path).found_at == "origin/main:krow-versions.toml"
    made.ours.write("x", "")
    made.ours.commit("chore: x")
    assert kv.Workspace.open(made.ours.path).source is None
    made.ours.tag("krow-withus-worker-mobile/staging-v0.1.1")
    made.ours.tag("another-product/prod-v0.1.1")
    assert kv.Workspace.open(made.ours.path).source is None
    made.ours.write("krow-versions.toml", CONFIG)
    made.ours.commit("chore: configure")
    made.ours.tag(TAG)
    assert kv.Workspace.open(made.ours.path).found_at == ""


def joined(folder: Path) -> Released:
    """A hotfix that is shared and pushed, and a colleague on its branch; only main has the configuration."""
    made = configured_late(folder, SHARED)
    done(run(*START, "--yes", cwd=made.ours.path))
    made.fix()
    made.ours.git("push", "--quiet", "origin", BRANCH)
    made.theirs.git("fetch", "--quiet", "origin")
    made.theirs.git("switch", "--quiet", BRANCH)
    return made


def test_the_configuration_of_main_here_counts_without_a_remote(tmp_path: Path) -> None:
    """Where there is no remote, the main branch of this clone is asked."""
    made = shipped(tmp_path, {"krow-versions.toml": CONFIG})
    made.ours.git("remote", "remove", "origin")
    assert kv.Workspace.open(made.ours.path).found_at == "main:krow-versions.toml"


def test_a_wrong_configuration_on_main_is_named(tmp_path: Path) -> None:
    """A mistake in it is an error that names the branch and the file."""
    made = shipped(tmp_path, {"krow-versions.toml": "[products.x]\n"})
    refused = run("hotfix", "status", "worker-mobile", cwd=made.ours.path)
    assert_refused(refused, "origin/main:krow-versions.toml", code=2)
