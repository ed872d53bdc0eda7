"""Build the wheel and the sdist of the last commit, and try both as users get them: ``./dev package``.

They are left in ``build/dist``. Nothing is uploaded.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "build" / "dist"
BIN = Path(sys.prefix, "bin")


def main() -> None:
    """Build, compare, check and try; end at the first failure."""
    if run("what is not committed", "git", "status", "--porcelain"):
        print("package: what is not committed is not in it", file=sys.stderr)
    shutil.rmtree(DIST, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="krow-versions-") as name:
        folder = Path(name)
        one, other = committed(folder / "one"), committed(folder / "other")
        # By default `build` makes the wheel from the sdist. So both ways to a wheel are compared.
        run("build", sys.executable, "-m", "build", "--outdir", str(DIST), str(one))
        run("build again", sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(other))
        (wheel,), (sdist,), (again,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz"), folder.glob("*.whl")
        if wheel.read_bytes() != again.read_bytes():
            sys.exit("package: FAILED: the wheel of the sdist is not that of the checkout")
        run("twine check", str(BIN / "twine"), "check", "--strict", str(wheel), str(sdist))
        run("check-wheel-contents", str(BIN / "check-wheel-contents"), str(wheel))
        for file in (wheel, sdist):
            use(file, folder / f"installed from {file.name}")
        collect(sdist, folder)
    for file in (wheel, sdist):
        print(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(ROOT)}")


def committed(folder: Path) -> Path:
    """Make a folder of what the last commit has, and of nothing else."""
    archive = folder.with_suffix(".tar")
    run("archive", "git", "archive", f"--output={archive}", "HEAD")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder


def use(file: Path, home: Path) -> None:
    """Install a file alone into an environment of its own, and use the program and the library there."""
    python, uv = str(home / "bin" / "python"), str(BIN / "uv")
    run(f"install {file.name}", uv, "-q", "venv", "--python", sys.executable, str(home))
    run(f"install {file.name}", uv, "-q", "pip", "install", "--python", python, str(file))
    run("its needs", uv, "-q", "pip", "check", "--python", python)
    run("import", python, "-I", "-W", "error", "-c", "import krow_versions")
    example = home.with_name(f"demo of {file.name}")
    example.mkdir()
    run("demo", str(home / "bin" / "krow-versions"), "demo", cwd=example, TMPDIR=str(example))
    run("extra", uv, "-q", "pip", "install", "--python", python, f"krow-versions[testing] @ {file.as_uri()}")
    run("its library", python, "-I", "-W", "error", "-c", "import krow_versions.testing")


def collect(sdist: Path, folder: Path) -> None:
    """Let pytest collect the tests of an sdist, with the library of the sdist."""
    with tarfile.open(sdist) as packed:
        packed.extractall(folder, filter="data")
    unpacked = folder / sdist.name.removesuffix(".tar.gz")
    collected = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
    counted = run("collect its tests", *collected, cwd=unpacked, PYTHONPATH=str(unpacked / "src"))
    print(f"package: the sdist's {counted.strip().splitlines()[-1]}", file=sys.stderr)


def run(name: str, *command: str, cwd: Path = ROOT, **extra: str) -> str:
    """Run a step and give its output; if it fails, show that and end."""
    print(f"package: {name}", file=sys.stderr)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | extra
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        sys.exit(f"package: FAILED: {name} (exit status {done.returncode})")
    return done.stdout


if __name__ == "__main__":
    main()
