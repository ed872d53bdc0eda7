"""The command line: arguments to a Workspace, its answer to the terminal, an exit code at the end.

Nothing imports this package. The exit codes, which are part of the contract:

====  =====================================================================================
0     done, or nothing to do
1     a check found something
2     wrong usage or configuration
3     refused: conflict, unsupported or broken input, failed precondition; nothing was changed
4     git or the file system failed; what was changed has been restored
70    a bug in krow-versions
130   interrupted, or a question was answered with no
====  =====================================================================================
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.workspace.clock import Clock


def main(clock: Clock | None = None) -> None:
    """Run the command line with the arguments of this process, and exit.

    Args:
        clock: what gives the present moment, with its zone; default: the clock of this machine.
    """
    # To look for garbage takes a tenth of a short command, which makes none.
    gc.set_threshold(100_000, 50, 50)
    try:
        _load()(clock=clock)
    except SystemExit as ended:
        if isinstance(ended.code, int):
            _end_at_once(ended.code)
        raise
    except (
        MemoryError,
        SystemError,
    ):  # Even for a message; nothing more is loaded now.
        os.write(2, b"error: there is not enough memory\n  hint: end other programs, then run it again\n")
        os._exit(4)
    finally:
        gc.freeze()  # What is left ends with the process.


def _load() -> Callable[..., object]:
    """Load the commands, or answer without them; exit with a message if that fails or is interrupted."""
    try:
        from krow_versions.cli.quick import is_answered

        if is_answered():
            sys.exit()
        from krow_versions.cli.app import app
    except KeyboardInterrupt:
        from krow_versions.cli.loading import end_interrupted

        end_interrupted()
    except Exception as error:  # noqa: BLE001  A damaged module raises nearly anything.
        from krow_versions.cli.loading import end_unloaded

        end_unloaded(error)
    return app


def _end_at_once(code: int) -> None:
    """End the process, if it is ours and nothing else goes on in it; all that was printed is written.

    Python would take itself apart first, for as long as it takes to start.
    """
    try:
        import atexit
        import threading
    except MemoryError:  # Then Python ends as it does without this.
        return
    program = getattr(sys.modules.get("__main__"), "__file__", None) or ""
    is_ours = program.endswith((os.path.join("krow_versions", "__main__.py"), f"{os.sep}krow-versions"))
    if is_ours and threading.active_count() == 1 and not sys.flags.interactive:
        atexit._run_exitfuncs()  # noqa: SLF001 - As Python does at its end.
        os._exit(code)
