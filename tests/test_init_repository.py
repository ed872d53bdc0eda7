"""``init`` in real repositories: which files and branches it looks at, and what it writes and says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.child import run

if TYPE_CHECKING:
    from pathlib import Path

    from support.repositories import Repo

PACKAGE = '{{"name": "{0}", "version": "{1}"}}\n'


def written(repo: Repo) -> str:
    """What ``init`` writes here; ``config check`` must accept it."""
    done = run(repo.path, "init")
    assert done.code == 0, done.err
    assert run(repo.path, "config", "check").code == 0
    return (repo.path / "krow-versions.toml").read_text(encoding="utf-8")


def test_init_reads_what_git_tracks_and_what_is_new(repo: Repo) -> None:
    """Ignored files, links and what was removed are no version files; a file that is new is one."""
    repo.write(".gitignore", "out/\n")
    repo.write("web/package.json", PACKAGE.format("web", "1.0.0"))
    repo.write("gone/package.json", PACKAGE.format("gone", "1.0.0"))
    repo.write("out/package.json", PACKAGE.format("out", "1.0.0"))
    (repo.path / "link").mkdir()
    (repo.path / "link/package.json").symlink_to("../web/package.json")
    repo.commit()
    (repo.path / "gone/package.json").unlink()
    repo.write("api/package.json", PACKAGE.format("api", "2.0.0"))
    repo.tag("web-v1.0.0")
    text = written(repo)
    assert '"web/package.json"' in text
    assert '"api/package.json"' in text
    assert not {"gone", "out/package.json", "link/"} & {word.strip('["],') for word in text.split()}


def test_init_says_how_sure_it_is(repo: Repo) -> None:
    """The summary goes to stderr: what was found, what to check, what was left out, what to do next."""
    repo.write("crates/buzz-relay/Cargo.toml", '[package]\nname = "buzz-relay"\nversion = "0.4.2"\n')
    repo.write("web/package.json", PACKAGE.format("web", "1.2.0"))
    repo.commit()
    for tag in ("relay-v0.4.1", "web-v1.2.0", "cubit-v0.3.1", "nightly"):
        repo.tag(tag)
    done = run(repo.path, "init")
    assert done.out.count("\n") == 1
    assert done.err.splitlines() == [
        "2 products: relay, web",
        "2 of them named by their release tags",
        "please check: relay",
        "tags of no package here: 1",
        "without a version of three numbers, 1 tag: 1",
        "next: krow-versions show, then krow-versions audit",
    ]


@pytest.mark.parametrize(
    ("branch", "setting"),
    [("main", '# main = "main" '), ("master", '# main = "master"'), ("live", '\nmain = "live"')],
)
def test_main_is_written_where_it_is_not_obvious(repo: Repo, branch: str, setting: str) -> None:
    """A usual name needs no setting. Of other branches, the one that is checked out is proposed."""
    repo.write("package.json", PACKAGE.format("web", "1.0.0"))
    repo.commit()
    repo.git("branch", "-m", branch)
    repo.git("branch", "next")
    repo.tag("v1.0.0")
    assert setting in written(repo)


def test_the_head_of_the_remote_is_main(repo: Repo, tmp_path: Path) -> None:
    """A clone knows it, so that no setting is needed; it is shown in a comment."""
    repo.write("package.json", PACKAGE.format("web", "1.0.0"))
    repo.commit()
    repo.tag("v1.0.0")
    repo.git("branch", "-m", "trunk-of-ours")
    clone = repo.clone(tmp_path / "clone")
    assert '# main = "trunk-of-ours"' in written(clone)


def test_init_in_a_repository_without_a_commit_or_without_git(repo: Repo, tmp_path: Path) -> None:
    """What is in the folder is proposed; there are no tags and no branches yet."""
    repo.write("apps/web/package.json", PACKAGE.format("web", "1.0.0"))
    assert "[products.web]" in written(repo)
    plain = tmp_path / "plain"
    (plain / "apps/web").mkdir(parents=True)
    (plain / "apps/web/package.json").write_text(PACKAGE.format("web", "1.0.0"))
    assert run(plain, "init").code == 0
    assert "[products.web]" in (plain / "krow-versions.toml").read_text()
