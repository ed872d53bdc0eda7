"""An import that fails: which module, why, what to do. It needs nothing that may be damaged itself."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn

FAILED = 4
HINT = "its installation is damaged: install krow-versions and what it needs again, as you did before"


def import_fault(error: BaseException) -> str | None:
    """Say which module cannot be loaded, and why, if *error* comes from an import; else None.

    A damaged file raises nearly anything: an ``OSError`` where it cannot be read, ``EOFError``,
    ``ValueError`` or ``MemoryError`` for its compiled form, ``AttributeError`` where it was cut.
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


def end_unloaded(error: Exception) -> NoReturn:
    """Say why the program cannot begin, and end it."""
    fault = import_fault(error) or f"krow-versions cannot be loaded: {error}"
    lines = (f"error: {fault}", f"  hint: {HINT}")
    shown = ("".join(each if each.isprintable() else ascii(each)[1:-1] for each in line) for line in lines)
    with contextlib.suppress(OSError):  # Not through sys.stderr, whose fault would be exit code 120.
        os.write(2, "".join(f"{line}\n" for line in shown).encode("utf-8", "backslashreplace"))
    sys.exit(FAILED)
