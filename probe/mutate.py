"""Change the source in small ways, and see whether a test fails: `./dev mutate [AREA | PATH]... [--every N]`.

mutmut makes the mutants and runs the tests. The areas, each with the tests that hold it, are in
``pyproject.toml`` under ``[tool.mutmut.areas]``: to run all tests for each of ten thousand mutants would take
weeks. Each area is tried in a copy of this checkout in ``build/mutate``.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tokenize
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "mutate"
KILLED = ("killed", "timeout", "segfault")
LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "__pycache__", "*.egg-info")


def main() -> None:
    given = arguments()
    settings = tomlkit.parse((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    areas: dict[str, Any] = settings["tool"]["mutmut"]["areas"].unwrap()
    chosen = choose(given.targets, areas)
    tables = []
    for name, files in chosen.items():
        home = copied(name, settings, files, areas[name]["tests"])
        names = mutants(home)[:: given.every]
        say(f"{name}: {len(names)} mutants")
        mutmut(home, "run", "--max-children", str(given.jobs), *names)
        tables.append(figures(home, name, names))
    say(
        "",
        "| area | mutants | tried | killed | survived | no test reaches it | score |",
        "|---|---|---|---|---|---|---|",
        *tables,
    )


def choose(targets: Sequence[str], areas: dict[str, Any]) -> dict[str, list[str]]:
    """Return the files to mutate in each area that a target names, or that has a file that it names."""
    if not targets:
        return {name: area["files"] for name, area in areas.items()}
    chosen: dict[str, list[str]] = {}
    for target in targets:
        if target in areas:
            chosen[target] = areas[target]["files"]
            continue
        path = Path(target).resolve()
        if not path.is_relative_to(ROOT) or not path.exists():
            sys.exit(f"mutate: {target!r} is neither a file nor an area; the areas are {', '.join(areas)}")
        wanted = path.relative_to(ROOT)
        area = next(
            (name for name, area in areas.items() if any(wanted.match(file) for file in area["files"])), None
        )
        if area is None:
            sys.exit(f"mutate: no area of [tool.mutmut.areas] in pyproject.toml has {wanted}")
        chosen.setdefault(area, []).append(str(wanted))
    return chosen


def copied(name: str, settings: tomlkit.TOMLDocument, files: list[str], tests: list[str]) -> Path:
    """Copy the checkout, with the settings of mutmut for this area."""
    home = BUILD / name
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(ROOT, home, ignore=LEFT_OUT)
    table: Any = settings["tool"]["mutmut"]
    table["only_mutate"], table["pytest_add_cli_args_test_selection"] = files, tests
    (home / "pyproject.toml").write_text(tomlkit.dumps(settings), encoding="utf-8")
    return home


def mutants(home: Path) -> list[str]:
    """Return the names of all mutants, in the order of the files."""
    program = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from mutmut.configuration import config\n"
        "from mutmut.mutation.file_mutation import mutate_file_contents\n"
        "from mutmut.utils.format_utils import get_mutant_name\n"
        "files = sorted(each for each in Path('src').rglob('*.py') if config().should_mutate(each))\n"
        "json.dump([get_mutant_name(file, name) for file in files\n"
        "    for name in mutate_file_contents(str(file), file.read_text()).mutant_names], sys.stdout)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=home, stdout=subprocess.PIPE, check=True)
    (home / "names.json").write_bytes(done.stdout)
    found: list[str] = json.loads(done.stdout)
    return found


def mutmut(home: Path, *args: str) -> str:
    """Run mutmut; what it prints while it runs goes to a file."""
    command = [sys.executable, "-m", "mutmut", *args]
    done = subprocess.run(
        command, cwd=home, env=os.environ | {"HYPOTHESIS_PROFILE": "mutate"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    (home / f"{args[0]}.log").write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        sys.exit(f"mutate: mutmut {args[0]} failed:\n{done.stdout[-4000:]}")
    return done.stdout


def figures(home: Path, name: str, names: Sequence[str]) -> str:
    """Write the diffs of what survived to a file, and return the row of the area."""
    lines = (line.strip().rpartition(": ") for line in mutmut(home, "results", "--all", "true").splitlines())
    status = {mutant: word for mutant, _, word in lines}
    counts = Counter(status.get(mutant, "not checked") for mutant in names)
    survivors = [mutant for mutant in names if status.get(mutant) == "survived"]
    diffs = [mutmut(home, "show", mutant) for mutant in survivors]
    words = sum(map(is_of_words, diffs))
    diffs.sort(key=is_of_words)
    untested = [f"# {mutant}: no tests" for mutant in names if status.get(mutant) == "no tests"]
    report = BUILD / f"{name}.diff"
    report.write_text("\n".join([*diffs, *untested]) + "\n", encoding="utf-8")
    killed = sum(counts[word] for word in KILLED)
    every = len(json.loads((home / "names.json").read_bytes()))
    say(f"{name}: {dict(counts)}; what survived: {report.relative_to(ROOT)}")
    return (
        f"| {name} | {every:,} | {len(names):,} | {killed} | {counts['survived']} ({words} in words) "
        f"| {counts['no tests']} | {killed / max(1, len(names)):.1%} |"
    )


def is_of_words(diff: str) -> bool:
    """Whether only a text for people has changed: a literal with a space in it."""
    before, after = (
        tokens("\n".join(line[1:] for line in diff.splitlines() if line[:1] == sign and line[:3] != sign * 3))
        for sign in "-+"
    )
    changed = [pair for pair in zip(before, after, strict=False) if pair[0] != pair[1]]
    return len(before) == len(after) and all(
        kind == tokenize.STRING and " " in text for (kind, text), _ in changed
    )


def tokens(line: str) -> list[tuple[int, str]]:
    return list(_tokens(line.strip()))


def _tokens(line: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            yield token.type, token.string
    except (tokenize.TokenError, IndentationError):  # One line of a longer statement.
        return


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev mutate", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="AREA | PATH", help="default: all areas")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th mutant")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes; default: 1")
    given = parser.parse_args()
    if given.every < 1 or given.jobs < 1:
        parser.error("--every, --jobs: 1 or more")
    return given


def say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
