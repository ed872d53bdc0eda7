"""What is known without looking at anything: the version, help, and the words that can be typed next.

To load click, attrs and what is built on them takes ten times as long as Python takes to start. Therefore
this module and ``answers`` load only what Python itself has loaded, and leave to click what is not certain.
"""

from __future__ import annotations

import io
import os
import sys

from krow_versions.cli import answers
from krow_versions.cli.answers import PROGRAM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def is_answered() -> bool:
    """Answer the command line of this process if the answer is known; print nothing if not."""
    program = _program()
    if program is None or type(sys.stdout) is not io.TextIOWrapper or "PYTHONIOENCODING" in os.environ:
        return False
    text = answer(program, sys.argv[1:], os.environ)
    return text is not None and _is_written(text.encode())


def answer(program: str, arguments: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """Give what click would print before it ends with exit code 0; None where click must be asked.

    Args:
        program: how the program was called, as click names it.
        arguments: what was typed after that.
        environment: the variables of the process.
    """
    known = answers.load()
    if known is None:
        return None
    variable = f"_{program}_COMPLETE".replace("-", "_").replace(".", "_").upper()
    if asked := environment.get(variable):
        return answers.completion(known, asked, environment) if program == PROGRAM else None
    line = answers.read(known, arguments)
    if line is None or line.unfinished:
        return None
    if line.ending == "--version":
        version = installed_version(sys.path)
        return None if version is None else f"{PROGRAM} {version}\n"
    if line.ending:
        return answers.help_of(known, line.ended, program, _columns(environment))
    return answers.script_of(known, line)


def installed_version(path: Sequence[str]) -> str | None:
    """Give the version that ``importlib.metadata`` would find; None where that must be asked.

    Args:
        path: the folders of modules, such as ``sys.path``.
    """
    finders = {getattr(each, "__name__", "") for each in sys.meta_path if hasattr(each, "find_distributions")}
    if finders != {"PathFinder"}:
        return None
    try:
        for folder in path:
            ours = [each for each in _names_in(folder or ".") if _is_ours(each.lower())]
            if ours:
                return _version_of(os.path.join(folder, ours[0])) if len(ours) == 1 else None
    except (OSError, ValueError):  # An archive, a folder that may not be read, or what is no text.
        pass
    return None


def _names_in(folder: str) -> list[str]:
    if folder.lower().endswith(".egg"):
        raise ValueError(folder)  # It may be the distribution itself.
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _is_ours(name: str) -> bool:
    """Whether a name may be that of the folder with the metadata of this package."""
    if not name.endswith((".dist-info", ".egg-info")):
        return False
    return name.rpartition(".")[0].partition("-")[0].translate(_NO_JOINTS) == "krowversions"


_NO_JOINTS = str.maketrans("", "", "._")


def _version_of(folder: str) -> str | None:
    with open(os.path.join(folder, "METADATA"), encoding="utf-8") as file:
        head, blank, _ = file.read().partition("\n\n")
    lines = [line for line in head.split("\n") if line[:8].lower() == "version:"]
    if not blank or len(lines) != 1:
        return None
    version = lines[0][8:].removeprefix(" ")
    after = head.partition(f"{lines[0]}\n")[2]
    plain = version.replace(".", "").replace("+", "").isalnum() and version.isascii()
    return version if plain and not after.startswith((" ", "\t")) else None


def _program() -> str | None:
    """Give the name that click gives the program; None if it is not one of the two that we have."""
    package, name = getattr(sys.modules["__main__"], "__package__", None), os.path.basename(sys.argv[0])
    if not package:
        return PROGRAM if name == PROGRAM else None
    return "python -m krow_versions" if (package, name) == ("krow_versions", "__main__.py") else None


def _columns(environment: Mapping[str, str]) -> int:
    """Give the columns of the terminal, as ``shutil`` finds them."""
    try:
        columns = int(environment.get("COLUMNS", ""))
    except ValueError:
        columns = 0
    try:
        if columns <= 0:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns  # type: ignore[union-attr]  # Caught.
    except (AttributeError, ValueError, OSError):
        pass  # It is no terminal.
    return columns if columns > 0 else answers.NARROW


def _is_written(text: bytes) -> bool:
    """Write to stdout; False if that fails at once: click will fail as well, and report why."""
    try:
        sys.stdout.flush()
        rest = text[os.write(sys.stdout.fileno(), text) :]
    except (OSError, ValueError):
        return False
    if rest:
        from krow_versions.cli.console import print_rest

        print_rest(rest)
    return True
