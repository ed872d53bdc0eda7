"""Programs that are neither ours nor git: ``gh``, and the command that deploys a product."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from krow_versions.errors import OperationFailed, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence


def is_here(name: str) -> bool:
    """Tell whether a program of that name is on PATH."""
    return shutil.which(name) is not None


def run_program(command: Sequence[str], *, cwd: str) -> int:
    """Run a program to its end, in the user's own terminal and environment; give its exit code.

    A signal that ends it gives the code that a shell would: 128 and its number.

    Raises:
        OperationFailed: it cannot be started.
    """
    try:
        code = subprocess.run([*command], cwd=cwd, check=False).returncode
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise OperationFailed(
            f"{quoted(command[0])} cannot be started: {reason}",
            hint="see that it is there and may be executed",
        ) from None
    return 128 - code if code < 0 else code
