"""Run the tests with each Python that is here: ``./dev pythons [PYTHON...] [-- ARGS of pytest]``.

A Python is looked for on the PATH and where pyenv keeps its own; of each minor version, the newest is taken.
Each gets an environment of its own in ``build/``, with the newest versions of what the tests need.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOWEST = (3, 11)
ASK = "import sys; print(*sys.version_info[:3])"


def main(*args: str) -> None:
    """Run the tests with the chosen Pythons, else with all; fail if one fails or a chosen one is not here."""
    chosen, rest = list(args), list[str]()
    if "--" in chosen:
        at = chosen.index("--")
        chosen, rest = chosen[:at], chosen[at + 1 :]
    found = pythons()
    unknown = [name for name in chosen if name not in found]
    if unknown or not found:
        sys.exit(f"there is no Python {' '.join(unknown)} here; there is {' '.join(found) or 'none'}")
    failed = [name for name in chosen or found if not passes(name, found[name], rest)]
    for name in chosen or found:
        print(f"Python {name} ({found[name]}): {'FAILED' if name in failed else 'passed'}")
    sys.exit(1 if failed else 0)


def pythons() -> dict[str, Path]:
    """Find each Python from 3.11 on, by its minor version: the program of its newest release.

    Version managers put shims on the PATH that may lead nowhere, so each is asked what it is.
    """
    folders = [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    newest: dict[tuple[int, int], tuple[tuple[int, ...], Path]] = {}
    for program in chain(*(each.glob("python3.*") for each in [*folders, *pyenv.glob("*/bin")])):
        if not re.fullmatch(r"python3\.[0-9]+", program.name):
            continue
        asked = subprocess.run([program, "-I", "-c", ASK], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            release = tuple(map(int, asked.stdout.split()))
            minor = release[0], release[1]
            if minor >= LOWEST and (minor not in newest or release > newest[minor][0]):
                newest[minor] = (release, program)
    return {f"{major}.{minor}": newest[major, minor][1] for major, minor in sorted(newest)}


def passes(name: str, program: Path, args: list[str]) -> bool:
    """Whether the tests pass with one Python, in an environment that has what they need."""
    home = ROOT / "build" / f"venv-{name}"
    python, uv = str(home / "bin" / "python"), str(Path(sys.prefix, "bin", "uv"))
    print(f"Python {name}: installing", file=sys.stderr)
    if not home.exists():
        subprocess.run([uv, "-q", "venv", "--python", str(program), str(home)], check=True)
    subprocess.run([uv, "-q", "pip", "install", "--python", python, "-e", f"{ROOT}[dev]"], check=True)
    spread = (
        []
        if any(".py" in arg or arg.startswith("-n") for arg in args)
        else ["-n", "auto", "--dist", "worksteal"]
    )
    environment = os.environ | {
        "VIRTUAL_ENV": str(home),
        "PATH": os.pathsep.join((str(home / "bin"), os.environ.get("PATH", os.defpath))),
    }
    return subprocess.call([python, "-m", "pytest", *spread, *args], cwd=ROOT, env=environment) == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
