"""Workspaces that a configuration describes: found, checked, and over several repositories at once."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions.config import load, schema
from krow_versions.errors import ConfigError, FileSystemError, KrowVersionsError, UnsafePath, UsageError
from support import child, krow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.child import Result
    from support.repositories import Repo

THREE = """\
[repos]
mobile = "krow-mobile"
web = "krow-web"
backend = "krow-backend"

[products.worker-mobile]
repo = "mobile"

[products.web]
repo = "web"

[products.backend]
repo = "backend"
"""
PRODUCTS = ("worker-mobile", "web", "backend")
BEFORE = {path: text for path, text in krow.files().items() if path != krow.CLIENT}
AFTER = krow.files(worker="0.1.1+6", web="1.4.1", api="0.3.2")
REPO_OF = {"apps/mobile": "krow-mobile", "apps/web": "krow-web", "backend": "krow-backend"}


def place(path: str) -> str:
    """The path of a version file from the folder of the configuration."""
    return next(f"{repo}/{path}" for prefix, repo in REPO_OF.items() if path.startswith(prefix))


def three(folder: Path, make: type[Repo]) -> Path:
    """Three repositories beside one configuration, each product tagged in its own."""
    for repo, tag in (
        ("krow-mobile", f"{krow.SLUG}/prod-v0.1.0"),
        ("krow-web", "krow-withus-web/prod-v1.4.0"),
        ("krow-backend", "krow-withus-backend/prod-v0.3.1"),
    ):
        made = make(folder / repo)
        for path, text in BEFORE.items():
            if place(path).startswith(f"{repo}/"):
                made.write(path, text)
        made.commit("feat: first")
        made.tag(tag)
    (folder / "krow-versions.toml").write_text(THREE)
    return folder


@pytest.fixture(scope="session")
def make(new_repo: Callable[[], Repo]) -> type[Repo]:
    """Makes a repository in a folder of one's choice."""
    return type(new_repo())


@pytest.fixture
def workspace(tmp_path: Path, make: type[Repo]) -> Path:
    """The folder of a workspace of three repositories."""
    return three(tmp_path / "krow", make)


def held(folder: Path) -> dict[str, str]:
    return {path: (folder / place(path)).read_bytes().decode() for path in BEFORE}


def run(folder: Path, *args: str, **env: str) -> Result:
    return child.run(folder, *args, env=env)


def wanted() -> dict[str, str]:
    return {path: AFTER[path] for path in BEFORE}


# --- several repositories ----------------------------------------------------------------------


def test_one_plan_over_three_repositories(workspace: Path) -> None:
    """One command bumps products of three repositories, from any of their folders, and twice the same."""
    ws = kv.Workspace.open(workspace / "krow-web" / "apps")
    plan = ws.plan_bump(*PRODUCTS)
    assert {change.repo for change in plan.changes} == {"mobile", "web", "backend"}
    assert str(plan).startswith("mobile:apps/mobile/")
    ws.apply(plan)
    assert held(workspace) == wanted()
    assert ws.plan_bump(*PRODUCTS).is_empty


@settings(max_examples=8)
@given(done=st.sets(st.sampled_from(sorted(BEFORE))))
def test_any_half_bumped_mix_converges_over_repositories(
    tmp_path_factory: pytest.TempPathFactory, make: type[Repo], done: set[str]
) -> None:
    """Whatever was written before a crash, in whichever repository, one run ends in the same bytes."""
    folder = three(tmp_path_factory.mktemp("krow"), make)
    for path in done:
        (folder / place(path)).write_text(AFTER[path])
    ws = kv.Workspace.open(folder)
    ws.apply(ws.plan_bump(*PRODUCTS))
    assert held(folder) == wanted()


@pytest.mark.fault(106)
def test_a_broken_file_in_one_repository_stops_all(workspace: Path) -> None:
    """What cannot be planned in one repository is written in none; the error names repository and file."""
    (workspace / place(krow.CORE)).write_text("{")
    with pytest.raises(KrowVersionsError) as caught:
        kv.Workspace.open(workspace).plan_bump(*PRODUCTS)
    assert caught.value.path == f"backend:{krow.CORE}"
    assert {path: text for path, text in held(workspace).items() if path != krow.CORE} == {
        path: text for path, text in BEFORE.items() if path != krow.CORE
    }


@pytest.mark.fault(106)
def test_a_failure_in_the_last_repository_restores_the_first(workspace: Path) -> None:
    """When writing fails in one repository, what was written in the others is as before."""
    ws = kv.Workspace.open(workspace)
    plan = ws.plan_bump(*PRODUCTS)
    (workspace / place(krow.STAFF)).chmod(0o444)
    with pytest.raises(FileSystemError):
        ws.apply(plan)
    assert held(workspace) == BEFORE


def test_a_product_may_have_files_in_two_repositories(workspace: Path) -> None:
    """``web:path`` names a file of another repository; its tags are in the product's own."""
    text = THREE + '\n[products.suite]\nslug = "suite"\nrepo = "web"\nfiles = ["VERSION", "mobile:VERSION"]\n'
    (workspace / "krow-versions.toml").write_text(text)
    for repo in ("krow-web", "krow-mobile"):
        (workspace / repo / "VERSION").write_text("1.0.0\n")
    ws = kv.Workspace.open(workspace)
    ws.apply(ws.plan_bump("suite", from_="1.0.0"))
    assert [(workspace / repo / "VERSION").read_text() for repo in ("krow-web", "krow-mobile")] == [
        "1.0.1\n"
    ] * 2


@pytest.mark.fault(83, 86)
def test_repositories_in_every_state(workspace: Path, make: type[Repo]) -> None:
    """A linked worktree, a detached HEAD and a plain folder are like any other."""
    backend = make(workspace / "krow-backend")
    backend.git("worktree", "add", "--quiet", "--detach", str(workspace / "linked"))
    (workspace / "plain").mkdir()
    (workspace / "plain" / "VERSION").write_text("1.0.0")
    text = THREE.replace("krow-backend", "linked").replace(
        "[products.worker", 'plain = "plain"\n[products.worker', 1
    )
    (workspace / "krow-versions.toml").write_text(
        text + '[products.tool]\nslug = "tool"\nrepo = "plain"\nfiles = ["VERSION"]\n'
    )
    ws = kv.Workspace.open(workspace)
    plan = ws.plan_bump("backend", "tool")
    assert [product.baseline.source for product in plan.products] == ["tag", "file"]
    ws.apply(plan)
    assert (workspace / "linked" / krow.API).read_text() == AFTER[krow.API]
    assert (workspace / "krow-backend" / krow.API).read_text() == BEFORE[krow.API]
    assert (workspace / "plain" / "VERSION").read_text() == "1.0.1"


@pytest.mark.fault(86)
def test_a_submodule_is_a_repository(workspace: Path, make: type[Repo]) -> None:
    """A repository inside another, as a submodule, has its own tags."""
    outer = make(workspace / "outer")
    web = (workspace / "krow-web").as_uri()
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", web, "site")
    (workspace / "krow-versions.toml").write_text(THREE.replace("krow-web", "outer/site"))
    assert kv.Workspace.open(workspace)["web"].baseline.revision == "krow-withus-web/prod-v1.4.0"


def test_a_repository_may_be_a_folder_below_the_top(workspace: Path) -> None:
    """A repository's path may lead below the top of its git repository; git is asked all the same."""
    text = '[repos]\nweb = "krow-web/apps"\n[products.web]\nrepo = "web"\nfiles = ["web/package.json"]\n'
    (workspace / "krow-versions.toml").write_text(text)
    ws = kv.Workspace.open(workspace)
    ws.apply(ws.plan_bump("web"))
    assert (workspace / place(krow.WEB)).read_text() == AFTER[krow.WEB]


@pytest.mark.parametrize(
    "pattern", ["{slug}-v{version}", "release/{slug}/{version}", "prod-{slug}-v{version}"]
)
def test_tags_of_any_pattern_give_baseline_and_builds(repo: Repo, pattern: str) -> None:
    """The baseline and the builds already shipped are found whatever folder tags are in, or in none."""
    repo.write("krow-versions.toml", f'[products.worker-mobile]\n[tags]\nproduction = "{pattern}"\n')
    for version in ("0.0.9+40", "0.1.0+5"):
        repo.write(krow.STAFF, krow.pubspec(version))
        repo.commit()
        tag = pattern.replace("{slug}", krow.SLUG).replace("{version}", version.partition("+")[0])
        repo.tag(tag)
    plan = kv.Workspace.open(repo.path).plan_bump("worker-mobile").products[0]
    assert (plan.baseline.revision, str(plan.target)) == (tag, "0.1.1+41")


# --- finding the configuration ------------------------------------------------------------------


def test_the_nearest_configuration_counts(workspace: Path) -> None:
    """One in the repository itself is nearer than the one beside it."""
    (workspace / "krow-web" / "krow-versions.toml").write_text("[products.web]\n")
    assert list(kv.Workspace.open(workspace / "krow-web" / "apps")) == ["web"]
    assert list(kv.Workspace.open(workspace)) == list(PRODUCTS)


def test_a_section_of_pyproject_is_a_configuration(workspace: Path) -> None:
    """``[tool.krow-versions]`` says the same; a pyproject.toml without it, or a broken one, says nothing."""
    section = THREE.replace("[", "[tool.krow-versions.", 4)
    (workspace / "krow-versions.toml").unlink()
    (workspace / "pyproject.toml").write_text(f'[project]\nname = "x"\n{section}')
    (workspace / "krow-web" / "pyproject.toml").write_text("# krow-versions\n= broken")
    (workspace / "krow-web" / "apps" / "pyproject.toml").write_bytes(b"\xff")
    ws = kv.Workspace.open(workspace / "krow-web" / "apps")
    assert ws.source == str((workspace / "pyproject.toml").resolve())
    assert list(ws) == list(PRODUCTS)


def test_both_forms_in_one_folder_are_refused(workspace: Path) -> None:
    """Two configurations in one folder are refused."""
    (workspace / "pyproject.toml").write_text("[tool.krow-versions]\n")
    with pytest.raises(UsageError, match="two configurations"):
        kv.Workspace.open(workspace)


def test_a_configuration_can_be_named(workspace: Path, tmp_path: Path) -> None:
    """``--config`` wins over KROW_VERSIONS_CONFIG, which wins over the nearest."""
    one = workspace / "one.toml"
    one.write_text('[repos]\nweb = "krow-web"\n[products.web]\nrepo = "web"\n')
    assert run(tmp_path, "config", "path", "--config", str(one)).out == f"{one}\n"
    assert run(workspace, "config", "path", KROW_VERSIONS_CONFIG=str(one)).out == f"{one}\n"
    main = workspace / "krow-versions.toml"
    assert (
        run(workspace, "--config", str(main), "config", "path", KROW_VERSIONS_CONFIG=str(one)).out
        == f"{main}\n"
    )
    assert run(workspace, "config", "path", "--config", "nowhere.toml").code == 2


@pytest.mark.fault(61, 62, 116)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[repos]\nweb = 3\n[products.web]\nfile = []\n",
            ["repos.web", "products.web.file", "did you mean files"],
        ),
        ('[products.web]\nfiles = ["../secret"]\n', ["products.web.files[0]"]),
        ('[products.web]\nfiles = ["/etc/passwd"]\n', ["products.web.files[0]"]),
        ('[products.web]\nfiles = [".git/config"]\n', ["products.web.files[0]"]),
        ('[tags]\nproduction = "release"\n', ["tags.production", "{version}"]),
        ('[products.web]\nslug = "-x"\n', ["products.web.slug"]),
        (
            '[products.a]\nslug = "x"\nfiles = ["VERSION"]\n[products.b]\nslug = "x"\nfiles = ["B"]\n',
            ["slug"],
        ),
        ("[products\n", ["krow-versions.toml:1"]),
    ],
)
def test_mistakes_are_reported_with_their_keys(repo: Repo, text: str, words: list[str]) -> None:
    """Every mistake at once, with file and key path; exit 2, whatever the command."""
    krow.checkout(repo)
    repo.write("krow-versions.toml", text)
    for command in (("config", "check"), ("show",), ("bump-patch", "web")):
        done = run(repo.path, *command)
        assert done.code == 2, done
        assert [word for word in words if word not in done.err] == []
        assert "Traceback" not in done.err


def test_a_repository_that_is_not_there_is_named(workspace: Path) -> None:
    """A path in [repos] that is no folder is reported with its key."""
    (workspace / "krow-versions.toml").write_text(THREE.replace("krow-web", "krow-wob"))
    with pytest.raises(UsageError) as caught:
        kv.Workspace.open(workspace)
    assert caught.value.key == "repos.web"


def test_a_pattern_that_matches_nothing_is_refused(repo: Repo) -> None:
    """A configured file that is not there is never passed over; other products are not held up by it."""
    krow.checkout(repo)
    repo.write("krow-versions.toml", '[products.web]\nfiles = ["apps/wob/*.json"]\n[products.backend]\n')
    ws = kv.Workspace.open(repo.path)
    with pytest.raises(UsageError, match="matches no file") as caught:
        ws.plan_bump("web")
    assert caught.value.key == "products.web.files"
    assert ws.plan_bump("backend").changes
    assert run(repo.path, "config", "check").code == 2


@pytest.mark.fault(116)
def test_a_file_in_two_products_is_refused(repo: Repo) -> None:
    """One version file belongs to one product, by whatever pattern or link it is reached."""
    krow.checkout(repo)
    (repo.path / "link.json").symlink_to(krow.WEB)
    repo.write(
        "krow-versions.toml",
        '[products.web]\n[products.other]\nslug = "other"\n'
        'files = [{path = "link.json", format = "package-json"}]\n',
    )
    for command in (("config", "check"), ("bump-patch", "web"), ("show", "other")):
        done = run(repo.path, *command)
        assert done.code == 2
        assert "is in two products" in done.err


@pytest.mark.fault(70)
def test_a_file_that_has_two_spellings_is_one_file(repo: Repo) -> None:
    """Where case does not count, two products may name one file: the system says that it is one."""
    repo.write("VERSION", "1.0.0\n")
    repo.write("version", "")
    mount = ["mount", "--bind", str(repo.path / "VERSION"), str(repo.path / "version")]
    if not child.ROOT or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting needs root")
    try:
        repo.write(
            "krow-versions.toml",
            "".join(
                f'[products.{name}]\nslug = "{name}"\nfiles = [{{path = "{path}", format = "text"}}]\n'
                for name, path in (("one", "VERSION"), ("two", "version"))
            ),
        )
        done = run(repo.path, "config", "check")
        assert (done.code, "'version' is in two products: one and two" in done.err) == (2, True), done
    finally:
        subprocess.run(["umount", str(repo.path / "version")], check=True)


@pytest.mark.fault(61)
def test_a_link_out_of_the_repository_is_refused(repo: Repo, tmp_path: Path) -> None:
    """A configured path that is a link out of its repository is not followed."""
    (tmp_path / "outside").write_text("1.0.0")
    krow.checkout(repo)
    (repo.path / "VERSION").symlink_to(tmp_path / "outside")
    repo.write("krow-versions.toml", '[products.tool]\nslug = "tool"\nfiles = ["VERSION"]\n')
    with pytest.raises(UnsafePath):
        kv.Workspace.open(repo.path).plan_bump("tool", from_="1.0.0")
    assert (tmp_path / "outside").read_text() == "1.0.0"


# --- config and init ----------------------------------------------------------------------------


def test_config_show_is_a_configuration(workspace: Path) -> None:
    """What ``config show`` prints means what is in force, KROW's own defaults included."""
    shown = run(workspace, "config", "show").out
    assert load(shown, path="shown").catalog == kv.Workspace.open(workspace).catalog


def test_config_schema_is_json(tmp_path: Path) -> None:
    """The schema is printed anywhere, with or without a workspace."""
    assert json.loads(run(tmp_path, "config", "schema").out) == schema()


def test_config_of_a_krow_checkout(repo: Repo) -> None:
    """Without a file, ``check`` is fine, ``show`` shows KROW's catalog and ``path`` says there is none."""
    krow.checkout(repo)
    assert run(repo.path, "config", "check").code == 0
    assert "krow-withus-worker-mobile" in run(repo.path, "config", "show").out
    assert run(repo.path, "config", "path").code == 2


def test_init_proposes_what_check_accepts(repo: Repo) -> None:
    """``init`` writes a configuration that means what KROW's own does here, and never overwrites it."""
    krow.checkout(repo)
    before = kv.Workspace.open(repo.path).plan_bump(*PRODUCTS).to_json()
    assert run(repo.path / "apps", "init").code == 0
    assert run(repo.path, "config", "check").code == 0
    text = (repo.path / "krow-versions.toml").read_text()
    assert kv.Workspace.open(repo.path).plan_bump(*PRODUCTS).to_json() == before
    done = run(repo.path, "init")
    assert done.code == 3
    assert (repo.path / "krow-versions.toml").read_text() == text


def test_init_needs_something_to_propose(repo: Repo) -> None:
    """A repository without any product is refused with the reasons, and nothing is written."""
    repo.write("README.md", "nothing here\n")
    repo.write("tests/data/package.json", '{"version": "1.0.0"}')
    done = run(repo.path, "init")
    assert done.code == 3
    assert "no product was found" in done.err
    assert "tests, examples" in done.err
    assert not (repo.path / "krow-versions.toml").exists()


def test_init_makes_sense_of_every_layout(shared: Path, make: type[Repo], tmp_path: Path) -> None:
    """What ``init`` proposes for real monorepos is accepted by ``config check``."""
    import shutil

    for layout in sorted((shared / "corpus" / "layouts").iterdir()):
        folder = tmp_path / layout.name
        shutil.copytree(layout, folder, copy_function=shutil.copyfile)
        made = make(folder)
        made.commit("import")
        done = run(folder, "init")
        assert done.code == 0, (layout.name, done.err)
        checked = run(folder, "config", "check")
        assert checked.code == 0, (layout.name, checked.err)
        assert run(folder, "show").out.count("\n") > 1


def test_a_mistaken_configuration_is_one_error_class(repo: Repo) -> None:
    """Importers catch ConfigError, which is a UsageError."""
    repo.write("krow-versions.toml", "colour = 1\n")
    with pytest.raises(ConfigError) as caught:
        kv.Workspace.open(repo.path)
    assert isinstance(caught.value, UsageError)
