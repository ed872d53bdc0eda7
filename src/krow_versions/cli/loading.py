"""Reporting an import that fails. It imports only the standard library, as anything else may be damaged."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn

FAILED, INTERRUPTED = 4, 130
MORE_MEMORY = "end other programs, or raise the limit (ulimit -v), then run it again, which is safe"
_DAMAGED = "its installation is damaged: install krow-versions and what it needs again, as you did before"


def import_fault(error: BaseException) -> str | None:
    """Return which module cannot be loaded and why, or None if *error* does not come from an import.

    A damaged file raises nearly anything: ``OSError`` if it cannot be read; ``EOFError``, ``ValueError`` or
    ``MemoryError`` if its ``.pyc`` is damaged; ``AttributeError`` if it is truncated.
    """
    module = None
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_name == "<module>":
            module = frame.f_globals.get("__name__")
        elif frame.f_code.co_filename.startswith("<frozen importlib"):
            module = frame.f_locals.get("fullname") or frame.f_locals.get("name") or module
        traceback = traceback.tb_next
    if isinstance(error, ImportError | SyntaxError):
        module = getattr(error, "name", None) or module
    elif module is None:
        return None
    name = f"module {module}" if module else "a module"
    return f"{name} cannot be loaded: {str(error) or type(error).__name__}"


def remedy(error: BaseException) -> str:
    """Say what to do about a fault of an import: a module may lack only memory."""
    # The text is that of dlopen(3), for a module that is compiled.
    if isinstance(error, MemoryError) or any(each in str(error) for each in _NO_MEMORY):
        return f"there may be too little memory: {MORE_MEMORY}; else {_DAMAGED}"
    return _DAMAGED


def end_unloaded(error: Exception) -> NoReturn:
    """Print why the program cannot start, and exit."""
    fault = import_fault(error) or f"krow-versions cannot be loaded: {error}"
    _print(f"error: {fault}", f"  hint: {remedy(error)}")
    sys.exit(FAILED)


def end_interrupted() -> NoReturn:
    """Say that Ctrl-C was pressed before anything was done, and exit."""
    _print("error: interrupted")
    sys.exit(INTERRUPTED)


_NO_MEMORY = ("failed to map segment", "annot allocate memory", "Out of memory")


def _print(*lines: str) -> None:
    shown = ("".join(each if each.isprintable() else ascii(each)[1:-1] for each in line) for line in lines)
    with contextlib.suppress(OSError):  # Not through sys.stderr, whose fault would be exit code 120.
        os.write(2, "".join(f"{line}\n" for line in shown).encode("utf-8", "backslashreplace"))
