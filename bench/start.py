"""What starting costs: the CPU time of a whole `bump-patch --dry-run`, git included, as ratios.

Every round runs every process once, and the ratios are medians of the rounds' own ratios: a machine that gets
slower or busier between rounds slows down both sides. Nothing is asserted, for times differ between machines.

Run it by `./dev bench start`, and with `--tags 20000` to see what many releases cost.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What any such program has to do: import what it stands on, and ask git once.
FLOOR = """import attrs, click, json, semver, subprocess
subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, check=True)"""
ROW = """import datetime, krow_versions as kv
rows = "".join(f"| 2026-01-05 | 0.{number}.0 | Fix |\\n" for number in range(5000, 0, -1))
row = kv.ChangelogRow(datetime.date(2026, 3, 5), kv.Version(1, 0, 0), "HOTFIX: x")
kv.insert_row("| Date | Version | Change |\\n|---|---|---|\\n" + rows, row)"""
BARE = "python -I -c pass"
MOBILE, WEB = "worker-mobile", "web"
MOBILE_FLOOR, WEB_FLOOR = "floor for pubspec.yaml", "floor for package.json"
PUBSPEC = "apps/mobile/apps/staff/pubspec.yaml"
PACKAGE = "apps/web/package.json"
LOCK = "apps/web/package-lock.json"


def main() -> None:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="krow-bench-") as folder:
        settle(Path(folder))
        plain = Path(folder, "plain")
        make_repository(plain, tags=0)
        processes = {
            BARE: (plain, ["-I", "-c", "pass"]),
            MOBILE_FLOOR: (plain, ["-c", f"import ruamel.yaml\n{FLOOR}"]),
            MOBILE: (plain, bump(MOBILE)),
            WEB_FLOOR: (plain, ["-c", FLOOR]),
            WEB: (plain, bump(WEB)),
            "row into a table of 5,000": (plain, ["-c", ROW]),
        }
        if options.tags:
            many = Path(folder, "many")
            make_repository(many, tags=options.tags)
            processes[f"{MOBILE}, {options.tags} more tags"] = (many, bump(MOBILE))
            processes[f"{WEB}, {options.tags} more tags"] = (many, bump(WEB))
        for repository, process in processes.values():
            cpu(repository, process)  # Compiles what is not compiled yet, and fills the caches.
        rounds = [
            {name: cpu(repository, process) for name, (repository, process) in processes.items()}
            for _ in range(options.rounds)
        ]
    sys.stdout.writelines(f"{line}\n" for line in table(rounds))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench start", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="default: 15")
    parser.add_argument("--tags", type=int, default=0, metavar="N", help="with N more production tags, too")
    return parser.parse_args()


def bump(product: str) -> list[str]:
    return ["-m", "krow_versions", "bump-patch", product, "--dry-run"]


def cpu(repository: Path, process: list[str]) -> float:
    """The user and system seconds of one Python process and of all that it started and waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, *process]
    ended = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode:
        words = f"{ended.stdout}{ended.stderr}".strip()
        sys.exit(f"bench: python {' '.join(process)}: exit status {ended.returncode}\n{words}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def table(rounds: list[dict[str, float]]) -> Iterator[str]:
    width = max(map(len, rounds[0]))
    yield f"median of {len(rounds)} rounds, CPU time of the whole process and its children (user + system)"
    yield f"{'':{width}}  {'ms':>7}  {'x bare':>7}  {'x floor':>7}"
    for name in rounds[0]:
        line = f"{name:{width}}  {median(each[name] for each in rounds) * 1000:7.1f}"
        line += f"  {median(each[name] / each[BARE] for each in rounds):7.2f}"
        if name.startswith((MOBILE, WEB)):
            floor = MOBILE_FLOOR if name.startswith(MOBILE) else WEB_FLOOR
            line += f"  {median(each[name] / each[floor] for each in rounds):7.2f}"
        yield line


def settle(home: Path) -> None:
    """Let neither the user's settings of git and Python nor a surrounding repository count."""
    for name in tuple(os.environ):
        if name.startswith(("GIT_", "PYTHON")):  # PYTHONDONTWRITEBYTECODE would compile us anew each time.
            del os.environ[name]
    os.environ.update(HOME=str(home), GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")


def make_repository(path: Path, tags: int) -> None:
    """Make a KROW-shaped repository: `tags` older releases of two products in turn, then one of both."""
    git(path.parent, "init", "--quiet", "--initial-branch=main", str(path))
    git(path, "fast-import", "--quiet", text="".join(history(tags)))
    git(path, "pack-refs", "--all")  # As they are after a clone.
    git(path, "reset", "--hard", "--quiet")


def history(tags: int) -> Iterator[str]:
    for number in range(1, tags + 1):
        yield commit(f"0.0.{number}")
        yield tag((MOBILE, WEB)[number % 2], f"0.0.{number}")
    yield commit("0.1.0")
    yield tag(MOBILE, "0.1.0")
    yield tag(WEB, "0.1.0")


def commit(version: str) -> str:
    """One commit to fast-import, in which every file is of this version."""
    top = {"name": "krow-web", "version": version}
    package = json.dumps(top | {"private": True}, indent=2) + "\n"
    lock = json.dumps(top | {"lockfileVersion": 3, "requires": True, "packages": {"": top}}, indent=2) + "\n"
    pubspec = f"name: staff\nversion: {version}+5\n\nenvironment:\n  sdk: ^3.5.0\n"
    files = {PUBSPEC: pubspec, PACKAGE: package, LOCK: lock}
    return (
        f"commit refs/heads/main\ncommitter {person()}\n{data(f'Release {version}')}"
        + "".join(f"M 100644 inline {path}\n{data(text)}" for path, text in files.items())
        + "\n"
    )


def tag(product: str, version: str) -> str:
    name = f"krow-withus-{product}/prod-v{version}"
    return f"tag {name}\nfrom refs/heads/main\ntagger {person()}\n{data(version)}"


def person() -> str:
    return "Release Engineer <release@example.com> 1772668800 +0000"


def data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def git(folder: Path, *args: str, text: str = "") -> None:
    subprocess.run(["git", *args], cwd=folder, input=text, text=True, check=True)


if __name__ == "__main__":
    main()
