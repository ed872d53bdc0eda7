"""How often git, the disk and the parsers are asked: once for each question, whatever there is."""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
import functools
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import krow_versions as kv
from krow_versions import git
from krow_versions.formats import BUILT_IN
from krow_versions.workspace.containment import Question, ask
from krow_versions.workspace.hotfix.finding import open_hotfix
from krow_versions.workspace.hotfix.listing import under_way
from support import krow
from support.releases import Released
from support.repositories import opened
from support.servers import TAG_REF, Server
from support.signing import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krow_versions.formats import Document
    from support.repositories import Repo

PRODUCTS = ("worker-mobile", "client-mobile", "web", "backend")
ONE = PRODUCTS[:1]
TABLE = "| Date | Version | Changes |\n|---|---|---|\n"


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hotfix that is approved here, with its server."""
    folder = tmp_path_factory.mktemp("ready")
    Server.ready(folder)
    return folder


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], list[str]]:
    """Runs something, and gives the subcommand of every process of git that it started."""
    log, spy = tmp_path / "log", tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$5" >> {log}\nexec {shutil.which("git")} "$@"\n')
    spy.chmod(0o755)

    def run(function: Callable[[], object]) -> list[str]:
        log.write_text("")
        with monkeypatch.context() as patch:
            patch.setenv("PATH", str(spy.parent), prepend=":")
            function()
        return log.read_text().split()

    return run


def release(repo: Repo, products: tuple[str, ...], tags: int) -> kv.Workspace:
    """Put some products into production, with a fix after it, and *tags* releases of each before it."""
    paths = {
        "worker-mobile": (krow.STAFF,),
        "client-mobile": (krow.CLIENT,),
        "web": (krow.WEB, krow.WEB_LOCK),
        "backend": (krow.API, krow.CORE),
    }
    for path in (path for name in products for path in paths[name]):
        repo.write(path, krow.files()[path])
    repo.write("CHANGELOG.md", TABLE)
    repo.commit("feat: first")
    new = [f"refs/tags/krow-withus-{name}/staging-v0.0.{at}" for name in products for at in range(tags)]
    repo.git("update-ref", "--stdin", stdin="".join(f"create {ref} HEAD\n" for ref in new))
    for name, version in zip(PRODUCTS, ("0.1.0", "0.2.3", "1.4.0", "0.3.1"), strict=True):
        if name in products:
            repo.commit(f"feat: {name}")
            repo.tag(f"krow-withus-{name}/prod-v{version}")
            repo.git("branch", f"hotfix/krow-withus-{name}-v9.9.9")
    repo.commit("fix: Crash on login")
    return kv.Workspace.open(repo.path)


def seen(view: kv.ProductView) -> tuple[object, ...]:
    """Ask a view for all that it has."""
    return view.version, view.baseline, view.state, view.files, view.paths, view.changelog


QUESTIONS: dict[str, tuple[Callable[[kv.Workspace], object], int]] = {
    "show": (lambda workspace: workspace.show(), 5),
    "view": (lambda workspace: seen(workspace[ONE[0]]), 6),
    "bump-patch": (lambda workspace: workspace.plan_bump(*workspace), 6),
    "bump-patch -m": (lambda workspace: workspace.plan_bump(*workspace, message="x"), 5),
    "changelog add": (lambda workspace: workspace.plan_row(*workspace), 6),
    "audit": (lambda workspace: workspace.audit(), 7),
    "audit --history": (lambda workspace: workspace.audit(history=True), 7),
    "history": (lambda workspace: workspace.history(ONE[0]), 7),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_repository_is_asked_once(
    new_repo: Callable[[], Repo],
    processes: Callable[[Callable[[], object]], list[str]],
    question: str,
) -> None:
    """As many processes of git for four products as for one, and for ten times as many tags."""
    ask, most = QUESTIONS[question]
    asked = []
    for products, tags in ((ONE, 3), (PRODUCTS, 3), (PRODUCTS, 30)):
        workspace = release(new_repo(), products, tags)
        assert tuple(workspace) == products
        asked.append(processes(lambda workspace=workspace: ask(workspace)))  # type: ignore[misc]
    assert asked[0] == asked[1] == asked[2]
    assert 1 < len(asked[0]) <= most


ASKED: dict[str, tuple[Callable[[kv.Workspace], object], int]] = {
    "show": (lambda workspace: workspace.show(), 6),
    "bump-patch": (lambda workspace: workspace.plan_bump(*workspace), 6),
    "bump-patch -m": (lambda workspace: workspace.plan_bump(*workspace, message="x"), 6),
    "audit": (lambda workspace: workspace.audit(), 10),
    "audit --history": (lambda workspace: workspace.audit(history=True), 10),
}


@pytest.mark.parametrize("way", ["squash", "evolved", "patch", "patch evolved", "undone", "lacks"])
def test_what_lines_contain_is_asked_once(
    new_repo: Callable[[], Repo], processes: Callable[[Callable[[], object]], list[str]], way: str
) -> None:
    """What lines have of releases takes as many processes for ten times as many lines and releases."""
    asked = []
    for products, times in ((ONE, 1), (PRODUCTS, 1), (PRODUCTS, 10)):
        repo = new_repo()
        release(repo, products, times)
        for at in range(times):
            repo.git("branch", f"release/{at}")
        patched(repo, products, way, times)
        tables = "".join(f"[products.{name}]\n" for name in products)
        repo.write("krow-versions.toml", f'{tables}[hotfix]\nlines = ["release/*"]\n')
        workspace = kv.Workspace.open(repo.path)
        calls = {name: functools.partial(told, workspace, ask) for name, (ask, _) in ASKED.items()}
        asked.append({name: processes(call) for name, call in calls.items()})
    assert asked[0] == asked[1] == asked[2]
    assert {name: own for name, own in asked[0].items() if not 1 < len(own) <= ASKED[name][1]} == {}


def told(workspace: kv.Workspace, ask: Callable[[kv.Workspace], object]) -> None:
    """Ask something of all products, or be refused: the files were not bumped with the hotfixes."""
    with contextlib.suppress(kv.Conflict, ExceptionGroup):
        ask(workspace)


def patched(repo: Repo, products: tuple[str, ...], way: str, times: int) -> None:
    """Ship hotfixes of all products from other branches, and bring them to main in some way."""
    for name in products:
        tags = repo.git("tag", "--list", f"krow-withus-{name}/prod-v*").split()
        version = kv.Version.parse(tags[-1].rpartition("-v")[2])
        repo.git("switch", "--quiet", "--create", f"h-{name}", tags[-1])
        for at in range(times):
            version = version.next_patch()
            repo.write(f"lib/{name}-{at}", f"{name} {at}\n")
            repo.commit(f"fix: {name} {at}")
            repo.tag(f"krow-withus-{name}/prod-v{version}")
        repo.git("switch", "--quiet", "main")
        for _ in range(times):
            repo.commit("feat: more")
        if way.startswith("patch"):
            repo.git("merge", "--quiet", "--no-edit", f"h-{name}")
        elif way != "lacks":
            repo.git("merge", "--quiet", "--squash", f"h-{name}")
            repo.commit(f"HOTFIX: {name}")
        if way == "undone":
            repo.git("revert", "--no-edit", "HEAD")
        if way.endswith("evolved"):
            for at in range(times):
                repo.write(f"lib/{name}-{at}", f"{name} {at}, and more\n")
                repo.commit("feat: more of it")


@pytest.mark.parametrize(
    ("commits", "files", "most"),
    [(50, 2, 2), (51, 1, 0), (1, 100, 2), (1, 101, 1)],
    ids=["a fix", "many commits", "a fix of many files", "many files"],
)
def test_what_was_developed_in_a_line_is_not_followed(
    repo: Repo,
    processes: Callable[[Callable[[], object]], list[str]],
    commits: int,
    files: int,
    most: int,
) -> None:
    """A release of many commits or files, that a line contains, costs no look at the history of each file."""
    base = repo.commit("feat: first")
    for at in range(commits):
        for path in range(files):
            repo.write(f"file{path}", f"{at} {path}\n")
        fixed = repo.commit(f"fix: {at}")
    repo.write("file0", "more\n")
    line = repo.commit("feat: more")
    graph = git.read_graph(str(repo.path), [line])
    asked = processes(lambda: ask(opened(repo), graph, [Question(fixed, line, base)]))
    assert asked == ["rev-parse"] + ["diff-tree"] * most


def test_each_repository_is_asked_once(
    tmp_path: Path, new_repo: Callable[[], Repo], processes: Callable[[Callable[[], object]], list[str]]
) -> None:
    """Products in several repositories cost what they do in each; a folder of one only its opening."""
    mobile, web = (release(new_repo(), products, 3) for products in (PRODUCTS[:2], PRODUCTS[2:]))
    roots = {"mobile": mobile.repos["."], "web": web.repos["."], "apps": f"{web.repos['.']}/apps"}
    homes = {"worker-mobile": "mobile", "client-mobile": "mobile", "web": "apps", "backend": "web"}
    products = [attrs.evolve(mobile.catalog.product(name), repo=repo) for name, repo in homes.items()]
    products[2] = attrs.evolve(products[2], files=(kv.VersionFile("web/package.json"),))
    workspace = kv.Workspace(kv.Catalog(tuple(products)), roots)
    asked = processes(lambda: workspace.plan_bump(*workspace, changelog=False))
    one = processes(lambda: mobile.plan_bump(*mobile, changelog=False))
    assert Counter(asked) == Counter(one * 2 + ["rev-parse"])
    assert {change.path for change in workspace.plan_bump(*workspace).changes} >= {
        "web/package.json",
        krow.API,
    }


def test_a_list_without_hotfixes_asks_each_repository_once(
    new_repo: Callable[[], Repo], processes: Callable[[Callable[[], object]], list[str]]
) -> None:
    """Whether a hotfix is under way is one listing of branches, whatever the number of products."""
    moment = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
    asked = []
    for products in (ONE, PRODUCTS):
        repo = new_repo()
        workspace = release(repo, products, 3)
        for name in products:
            repo.git("branch", "--quiet", "-D", f"hotfix/krow-withus-{name}-v9.9.9")
        asked.append(processes(lambda workspace=workspace: under_way(workspace, moment)))  # type: ignore[misc]
    assert asked[0] == asked[1] == ["rev-parse", "config", "for-each-ref"]


def test_the_state_of_a_hotfix_takes_few_questions(
    tmp_path: Path, processes: Callable[[Callable[[], object]], list[str]]
) -> None:
    """Where a hotfix stands, the remote asked, takes at most 15 processes, whatever the number of tags."""
    scene = Released.make(tmp_path / "scene")
    scene.start_by_hand()
    scene.fix()
    workspace = kv.Workspace.open(scene.ours.path)
    few = processes(lambda: open_hotfix(workspace, "worker-mobile").status())
    new = [f"refs/tags/{krow.SLUG}/staging-v0.0.{at}" for at in range(100)]
    scene.ours.git("update-ref", "--stdin", stdin="".join(f"create {ref} HEAD\n" for ref in new))
    many = processes(lambda: open_hotfix(workspace, "worker-mobile").status())
    assert few == many
    assert "ls-remote" in few
    assert len(few) <= 15
    scene.move_main()
    moved = processes(lambda: open_hotfix(workspace, "worker-mobile").status())
    assert len(moved) <= 15


@pytest.mark.parametrize(
    "main", ["unmoved", "moved", "a release", "a release, signed", "squashed", "squashed onto a release"]
)
def test_a_finish_takes_few_processes(
    ready: Path,
    tmp_path: Path,
    processes: Callable[[Callable[[], object]], list[str]],
    main: str,
) -> None:
    """With its fetch, its merge, its signature and its pushes a finish takes at most 30 processes."""
    shutil.copytree(ready, tmp_path / "scene", symlinks=True)
    server = Server.at(tmp_path / "scene")
    server.ours.git("status")
    if "signed" in main:
        key = Key.make(tmp_path / "keys", "release")
        key.signs(server.ours)
        server.ours.write("signers", key.line())
        server.ours.write("krow-versions.toml", '[tags]\nsigners = "signers"\n')
    server.push_branch()
    if main == "moved":
        server.move_main()
    elif "release" in main:
        server.release_main()
    if "squashed" in main:
        server.merge("squash")
        server.move_main()

    def finish() -> None:
        workspace = kv.Workspace.open(server.ours.path)
        workspace.apply(open_hotfix(workspace, "worker-mobile").plan_finish())

    asked = processes(finish)
    assert server.there(TAG_REF) is not None
    assert len(asked) <= 30


# --- files -----------------------------------------------------------------------------------


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the formats' own parsers were given, in order."""
    texts: list[str] = []

    def counted(read: Callable[[str], Document]) -> Callable[[str], Document]:
        def wrapped(text: str) -> Document:
            texts.append(text)
            document = read(text)
            return attrs.evolve(document, again=counted(document.again)) if document.again else document

        return wrapped

    watched = {name: attrs.evolve(chosen, read=counted(chosen.read)) for name, chosen in BUILT_IN.items()}
    monkeypatch.setattr(type(BUILT_IN), "__getitem__", lambda _, name: watched[name])
    return texts


def test_a_bump_parses_each_file_twice(repo: Repo, parsed: list[str]) -> None:
    """Once to find the version and once to prove the edit: not again for HEAD, a tag or the build floor."""
    workspace = release(repo, PRODUCTS, 3)
    plan = workspace.plan_bump(*workspace, message="x")
    versions = [change for product in plan.products for change in product.files]
    assert len(versions) == len(krow.files())
    expected = [text for change in versions for text in (change.text_before, change.text_after)]
    assert Counter(parsed) == Counter(expected)
    parsed.clear()
    workspace.apply(plan)
    assert parsed == []
    again = workspace.plan_bump(*workspace, message="x")
    assert again.is_empty
    committed = {
        krow.files()[path] for path in (krow.STAFF, krow.CLIENT)
    }  # Their builds are those of the tag.
    assert Counter(parsed) == Counter([change.text_after for change in versions] + [*committed])


READS = """
import os, sys
import krow_versions as kv

wanted, opened = set(sys.argv[2:]), []

def note(event, arguments):
    if event in ("open", "os.scandir"):
        name = os.path.basename(str(arguments[0]).rstrip("/"))
        opened.append(name if event == "open" else f"{name}/")

sys.addaudithook(note)
workspace = kv.Workspace.open(sys.argv[1])
workspace.plan_bump(*[product.name for product in workspace.catalog.products], message="x")
print(*sorted(each for each in opened if each in wanted))
"""


CONFIGURED = """
[{}.web]
slug = "krow-withus-web"
files = ["apps/web/package.json"]
[{}.backend]
slug = "krow-withus-backend"
files = ["backend/*/package.json"]
"""


@pytest.mark.parametrize("configuration", [None, "krow-versions.toml", "pyproject.toml"])
def test_a_bump_reads_each_file_once(repo: Repo, configuration: str | None) -> None:
    """Opening and planning open the configuration, every version file and every CHANGELOG once.

    A folder in which files are searched for is listed once.
    """
    release(repo, PRODUCTS, 3)
    (repo.path / "CHANGELOG.md").unlink()
    paths, changelogs = [*krow.files()], [krow.STAFF, krow.CLIENT, krow.WEB, krow.API]
    if configuration:
        table = "products" if configuration.startswith("krow") else "tool.krow-versions.products"
        repo.write(configuration, CONFIGURED.format(table, table))
        paths, changelogs = (
            [krow.WEB, krow.WEB_LOCK, krow.API, krow.CORE, configuration],
            [krow.WEB, krow.API],
        )
    for path in changelogs:
        repo.write(f"{path.rpartition('/')[0]}/CHANGELOG.md", TABLE)
    names = [path.rpartition("/")[2] for path in paths] + ["CHANGELOG.md"] * len(changelogs) + ["backend/"]
    command = [sys.executable, "-c", READS, str(repo.path), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == sorted(names)


# --- properties --------------------------------------------------------------------------------

# What looks at the disk or asks git: the two rooms, and what in the workspace stands before them.
ROOMS = {"files", "git", "file_state", "clock", "starting", "finishing", "os"}
ASKING = {"snapshot", "look", "seen", "states", "find_files", "audit", "history", "read", "of"}
ASKING |= {"gather", "newest_main", "open_hotfix", "kept_config", "top_of"}
HARMLESS = {"os.path.join", "os.path.dirname", "os.path.relpath"}
ONCE = {("product_view.py", "state")}  # The one look of a view, which says so and keeps what it saw.


def properties(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Every property of a module, cached or not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            ast.unparse(each).rpartition(".")[2] in {"property", "cached_property"}
            for each in node.decorator_list
        ):
            yield node


def asks(node: ast.AST) -> bool:
    """Whether code calls something that looks at the disk or asks git."""
    called = {ast.unparse(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)} - HARMLESS
    return any(name.partition(".")[0] in ROOMS or name.rpartition(".")[2] in ASKING for name in called)


def test_no_property_looks_at_the_disk() -> None:
    """What may take long, or fail for reasons outside, is called: no property of the workspace asks."""
    found = {
        (path.name, each.name)
        for path in Path(kv.__file__).parent.glob("workspace/**/*.py")
        for each in properties(ast.parse(path.read_text(encoding="utf-8")))
        if asks(each)
    }
    assert found == ONCE


def test_a_view_is_of_one_moment(repo: Repo) -> None:
    """What a view says stays as it was when it was first asked; another one looks again."""
    workspace = release(repo, ONE, 1)
    view: Any = workspace["worker-mobile"]
    assert (str(view.version), view.paths) == ("0.1.0+5", (krow.STAFF,))
    repo.write(krow.STAFF, krow.pubspec("0.1.1+6"))
    assert str(view.version) == "0.1.0+5"
    assert str(workspace["worker-mobile"].version) == "0.1.1+6"
