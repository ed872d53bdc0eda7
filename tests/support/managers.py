"""The package managers cargo and uv, without network; a test that needs one that is not there skips."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

# A rustup that the user has is found by the user's home, which is not the one of tests.
_HOME = pwd.getpwuid(os.getuid()).pw_dir
_ALONE = {
    "RUSTUP_HOME": f"{_HOME}/.rustup",
    "CARGO_NET_OFFLINE": "true",
    "UV_OFFLINE": "1",
    "UV_NO_CONFIG": "1",
    "UV_PYTHON": sys.executable,
    "UV_PYTHON_DOWNLOADS": "never",
}


def cargo(folder: Path, *args: str) -> bool:
    """Run cargo in *folder*; return whether it succeeds."""
    return _run(folder, "cargo", *args)


def cargo_agrees(folder: Path) -> bool:
    """Return whether cargo takes Cargo.lock as it is."""
    return cargo(folder, "metadata", "--locked", "--format-version=1")


def uv(folder: Path, *args: str) -> bool:
    """Run uv in *folder*; return whether it succeeds."""
    return _run(folder, "uv", *args)


def uv_agrees(folder: Path) -> bool:
    """Return whether uv takes uv.lock as it is."""
    return uv(folder, "lock", "--check")


def _run(folder: Path, name: str, *args: str) -> bool:
    program = _program(name)
    if program is None:
        pytest.skip(f"there is no {name}")
    done = subprocess.run(
        [program, *args], cwd=folder, env=_environment(folder), capture_output=True, check=False
    )
    return done.returncode == 0


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | _ALONE | {"UV_CACHE_DIR": str(folder.parent / "uv-cache")}


@cache
def _program(name: str) -> str | None:
    """Find a program that starts: a shim of rustup may have no toolchain."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        return None
    tried = subprocess.run([found, "--version"], env=os.environ | _ALONE, capture_output=True, check=False)
    return found if tried.returncode == 0 else None
