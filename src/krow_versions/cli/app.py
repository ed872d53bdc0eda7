"""The group of commands, and the exit code of whatever a command ends with."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from krow_versions.cli import loading
from krow_versions.cli.answers import VARIABLE
from krow_versions.cli.commands import COMMANDS
from krow_versions.cli.console import Settings, safe_streams
from krow_versions.cli.helping import Group
from krow_versions.cli.options import common, version_option
from krow_versions.errors import (
    FileSystemError,
    InternalError,
    KrowVersionsError,
    OperationFailed,
    Problems,
    UsageError,
    members,
)
from krow_versions.text.escaping import printable
from krow_versions.workspace.clock import now
from krow_versions.workspace.programs import answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from click.shell_completion import CompletionItem

    from krow_versions.workspace.clock import Clock

USAGE, REFUSED, FAILED, BUG, INTERRUPTED = 2, 3, loading.FAILED, 70, loading.INTERRUPTED


class _Terminated(BaseException):
    """Ctrl-C, SIGTERM or SIGHUP arrived; what a command began is undone while this propagates."""


class _Carried(Exception):
    """Carries an ``OSError`` or ``EOFError`` past click, which would handle it as a closed pipe or Ctrl-D."""


class App(Group):
    """The commands; ``app()`` runs one and exits with the code of how it ended."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        clock: Clock | None = None,
        **extra: Any,
    ) -> Any:
        """Run one command; see ``click.Command.main``; *clock* is in place of that of this machine."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        if VARIABLE in os.environ:
            from krow_versions.cli.shells import register

            register()
        settings = Settings(config=os.environ.get("KROW_VERSIONS_CONFIG") or None, clock=clock or now)
        run, code = super().main, INTERRUPTED
        # A signal after the command has ended, or a second one, changes nothing any more.
        with contextlib.suppress(KeyboardInterrupt, _Terminated), answering(_end), safe_streams(settings):
            code = _exit_code(
                lambda: run(args, prog_name, complete_var, standalone_mode=False, obj=settings, **extra),
                settings,
            )
        sys.exit(code)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the arguments of the group."""
        with _carried():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        with _carried():
            result = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()  # While an interrupt is still answered.
            return result

    def list_commands(self, _: click.Context) -> list[str]:
        """List the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command of that name; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = COMMANDS[cmd_name].module
        found = importlib.import_module(f"krow_versions.cli.{module}")
        if not hasattr(found, module):
            raise ImportError(f"it has no {module}", name=found.__name__)
        command: click.Command = getattr(found, module)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command is for, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].short) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command, without loading any, or an option of the group."""
        from click.shell_completion import CompletionItem

        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [CompletionItem(name, help=COMMANDS[name].short) for name in names]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say what was probably meant."""
        name = args[0]
        if name in {"bump-minor", "bump-major"} and not ctx.resilient_parsing:
            raise UsageError(
                f"there is no {name}: a hotfix raises the PATCH and nothing else",
                hint="use bump-patch; a new MINOR or MAJOR is decided with a release, not here",
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=App,
    help="Know and move the version of every product: PATCH only, byte-exact, idempotent.",
    examples=[
        ("krow-versions show", "versions, baseline, what is next"),
        ("krow-versions bump-patch worker-mobile -n", "show it, write nothing"),
        ("krow-versions bump-patch worker-mobile", "write it"),
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@common
@version_option
def app() -> None:
    """Group the commands."""


def _exit_code(run: Callable[[], Any], settings: Settings) -> int:
    try:
        result = run()
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        settings.note(error.format_message())
        return USAGE
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "krow-versions"
        settings.error(f"{printable(error.format_message())}\n  hint: see {command} --help")
        return USAGE
    except (KeyboardInterrupt, click.Abort, _Terminated) as interruption:
        if isinstance(interruption, click.Abort) and interruption.args:  # The answer was no.
            settings.note(str(interruption))
        else:
            notes = _notes(interruption) or [*filter(None, [settings.written()])]
            settings.error("\n".join(["interrupted", *notes]))
        return INTERRUPTED
    except SystemExit:  # click raises it after a shell completion.
        return 0
    except KrowVersionsError as error:
        _show(error, settings)
        return _code_of(error)
    except Exception as error:  # noqa: BLE001  The last line of defence: a user never sees a traceback.
        cause = error.__cause__ if isinstance(error, _Carried) and error.__cause__ else error
        failure = _failure(cause)
        if failure is not None:
            failure.__cause__ = cause
            _show(failure, settings)
            return FAILED
        settings.error(
            f"a bug in krow-versions: {type(cause).__name__}: {cause}\n"
            "  hint: please report it, with what the same command prints with --debug"
        )
        _trace(cause, settings)
        return BUG
    return result if isinstance(result, int) else 0


@contextlib.contextmanager
def _carried() -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError) as error:
        raise _Carried from error


def _failure(error: BaseException) -> OperationFailed | None:
    """Turn a fault of an import, the memory or the system into an error with a message; None for a bug."""
    fault = loading.import_fault(error)
    if fault is not None:
        return OperationFailed(fault, hint=loading.remedy(error))
    if isinstance(error, MemoryError):
        return OperationFailed("there is not enough memory", hint=loading.MORE_MEMORY)
    if not isinstance(error, OSError):
        return None
    path = error.filename
    return FileSystemError(
        f"the operating system refused: {error.strerror or error}",
        path=os.fsdecode(path) if isinstance(path, str | bytes) else None,
        hint="see whether a disk is full or broken, then run it again, which is safe; --debug shows where",
    )


def _code_of(error: KrowVersionsError) -> int:
    if isinstance(error, Problems):
        return max(map(_code_of, members(error)))
    for family, code in ((UsageError, USAGE), (OperationFailed, FAILED), (InternalError, BUG)):
        if isinstance(error, family):
            return code
    return REFUSED


def _show(error: KrowVersionsError, settings: Settings) -> None:
    for one in members(error):
        settings.error("\n".join([str(one), *_notes(one)]))
        _trace(one, settings)


def _notes(error: BaseException | None) -> list[str]:
    """Give what was added to an error, or to the one of the system or the memory that it stands for."""
    added = getattr(error, "__notes__", ())
    if not added and isinstance(error, OperationFailed):
        added = getattr(error.__cause__, "__notes__", ())
    return list(added)


def _trace(error: BaseException, settings: Settings) -> None:
    if settings.debug:
        import traceback

        settings.error("".join(traceback.format_exception(error)))


def _end(number: int, _: object) -> NoReturn:
    """Unwind the command, past all of click's own handlers."""
    raise _Terminated(signal.Signals(number).name)
