"""Options and arguments that commands share; the common ones may stand before or after the command."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from krow_versions import files
from krow_versions.cli.console import Settings
from krow_versions.cli.helping import Choice
from krow_versions.errors import FileSystemError, UsageError
from krow_versions.planning.commands import Place
from krow_versions.text.escaping import printable, quoted, shell_command
from krow_versions.values import evolve
from krow_versions.workspace import Workspace

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    _Offer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_Command = TypeVar("_Command", bound="Callable[..., Any]")
_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def pass_settings(command: Callable[Concatenate[Settings, _Given], _Result]) -> Callable[_Given, _Result]:
    """Give the settings of the command line to *command*, before its own arguments."""
    return click.make_pass_decorator(Settings)(command)


def common(command: _Command) -> _Command:
    """Add the options that every command has."""
    for option in (
        click.option("--debug", is_flag=True, default=None, help="Show tracebacks of errors.", **_STORED),
        click.option(
            "--color", type=Choice(["auto", "always", "never"]), help="When to use colour.", **_STORED
        ),
        click.option("-v", "--verbose", is_flag=True, default=None, help="Print more on stderr.", **_STORED),
        click.option(
            "-q",
            "--quiet",
            is_flag=True,
            default=None,
            help="Print only data, warnings and errors.",
            **_STORED,
        ),
        click.option(
            "--config",
            metavar="FILE",
            shell_complete=offered_files,
            help="The configuration, instead of the nearest krow-versions.toml.",
            **_STORED,
        ),
        click.option(
            "-C",
            "--workspace",
            metavar="DIR",
            shell_complete=offered_folders,
            help="Look for the workspace from this folder upwards, instead of the current one.",
            **_STORED,
        ),
    ):
        command = option(command)
    return command


def as_json(command: _Command) -> _Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")(command)


def yes_option(command: _Command) -> _Command:
    """Add ``--yes``."""
    return click.option("-y", "--yes", is_flag=True, help="Do not ask; needed without a terminal.")(command)


def dry_run_option(command: _Command) -> _Command:
    """Add ``--dry-run``."""
    return click.option("-n", "--dry-run", is_flag=True, help="Show what would be done, do nothing.")(command)


def diff_option(command: _Command) -> _Command:
    """Add ``--dry-run`` to a command that changes files."""
    short = "Show every change as a diff, write nothing."
    return click.option("-n", "--dry-run", is_flag=True, help=short)(command)


def check_option(command: _Command) -> _Command:
    """Add ``--check``."""
    short = "Write nothing; exit 1 when something would change."
    return click.option("--check", is_flag=True, help=short)(command)


def looks(command: _Command) -> _Command:
    """Add ``--yes`` and ``--dry-run`` to a command that only looks, so that scripts can give them to all."""
    for names in (("-y", "--yes"), ("-n", "--dry-run")):
        command = click.option(
            *names, is_flag=True, expose_value=False, help="No effect: this command only looks."
        )(command)
    return command


def chosen_format(given: str | None, *, as_json: bool) -> str | None:
    """Combine ``--format`` and ``--json``; None without either."""
    if as_json and given not in {None, "json"}:
        raise UsageError(f"--json and --format {given} contradict each other", hint="leave one of them out")
    return "json" if as_json else given


def build_option(name: str, short: str) -> Callable[[_Command], _Command]:
    """Add an option *name* whose value is a build; the output of a command may have spaces around it."""

    def read(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
        if value is None:
            return None
        if not value.strip():
            raise UsageError(
                f"{name} is empty: a build is a whole number",
                hint="if a command was to print it, run that alone to see why it printed nothing",
            )
        if not re.fullmatch(r"[0-9]+", digits := value.strip()):
            raise UsageError(
                f"{name}: {quoted(value)} is no whole number", hint="write it in digits, such as 43"
            )
        return int(digits) if len(digits) < _LONGEST else 10**_LONGEST  # Over every limit.

    return click.option(name, metavar="N", help=short, callback=read)


_LONGEST = 255  # Digits of a build, less than of the longest version.


def above_build_option(command: _Command) -> _Command:
    """Add ``--above-build``."""
    about = "The highest build that a store has seen: go above it; for one product."
    return build_option("--above-build", about)(command)


def date_option(command: _Command) -> _Command:
    """Add ``--date``, which :func:`day` reads."""
    about = "The day of the row, as 2026-03-05; default: today."
    return click.option("--date", metavar="DATE", help=about)(command)


def day(given: str | None) -> dt.date | None:
    """Read ``--date``, or else ``SOURCE_DATE_EPOCH`` as a day in UTC; None means today.

    Raises:
        UsageError: neither a day as 2026-03-05, nor a whole number of seconds.
    """
    import datetime as dt

    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        if given is not None:
            return dt.date.fromisoformat(given)
        if epoch:
            return dt.datetime.fromtimestamp(int(epoch), dt.UTC).date()
    except (ValueError, OverflowError, OSError):
        name = "--date" if given is not None else "SOURCE_DATE_EPOCH"
        example = "2026-03-05" if given is not None else "1772668800, seconds since 1970"
        raise UsageError(
            f"{name}: {quoted(given or epoch or '')} is no day", hint=f"write it like {example}"
        ) from None
    return None


def version_option(command: _Command) -> _Command:
    """Add ``--version``."""
    return click.option(
        "--version",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_print_version,
        help="Show the version of krow-versions and exit.",
    )(command)


def _offered(kind: str) -> _Offer:
    """Give what offers a kind of values: a function of ``completing``, which loads when a shell asks."""

    def offer(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from krow_versions.cli import completing

        found: list[CompletionItem] = getattr(completing, kind)(ctx, incomplete)
        return found

    return offer


offered_files: _Offer = _offered("paths")
offered_folders: _Offer = _offered("folders")
offered_products: _Offer = _offered("products")
offered_tags: _Offer = _offered("production_tags")
offered_versions: _Offer = _offered("production_versions")
offered_hotfixes: _Offer = _offered("hotfix_versions")


def product_argument(**more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the argument that names one product, or several if *more* is given."""
    if more:
        return click.argument("names", nargs=-1, shell_complete=offered_products, **more)
    return click.argument("name", metavar="PRODUCT", shell_complete=offered_products)


def open_workspace(settings: Settings) -> Workspace:
    """Open the workspace that the options name; with ``--verbose``, print where it is."""
    progress = settings.progress()
    progress("looking for the workspace", None)
    found = Workspace.open(settings.workspace, config=settings.config)
    workspace = evolve(found, clock=settings.clock, place=_place(settings), progress=progress)
    progress("asking git", None)  # Until a part says more exactly what is done.
    settings.detail(f"configuration: {workspace.source or 'none, KROW (built in)'}")
    if workspace.found_at:
        settings.note(f"this commit has no configuration: that of {printable(workspace.found_at)} counts")
    for name, folder in workspace.repos.items():
        settings.detail(f"repository {name}: {folder}")
    return workspace


def _place(settings: Settings) -> Place:
    """Give where and how the running command was called."""
    options = [] if settings.workspace == "." else ["-C", settings.workspace]
    if settings.config is not None and settings.config != os.environ.get("KROW_VERSIONS_CONFIG"):
        options += ["--config", settings.config]
    try:
        folder = files.real_path(".")
    except FileSystemError:  # It was deleted: no repository is there.
        folder = os.devnull
    context = click.get_current_context()
    return Place(context.info_name or "", tuple(options), folder, shell_command(_typed(context)))


def _typed(context: click.Context) -> list[str]:
    """Give the options of the running command as they were typed, but for those that every command has.

    A yes was not said to what is offered instead.
    """
    words: list[str] = []
    for option in context.command.params:
        value = context.params.get(option.name or "")
        if (
            not isinstance(option, click.Option)
            or option.name in ("version", "yes")
            or value in (None, (), False, "")
        ):
            continue
        name = next((each for each in option.opts if each.startswith("--")), option.opts[0])
        for each in value if option.multiple else (value,):
            words += [name] if option.is_flag else [name, str(each)]
    return words


def _print_version(ctx: click.Context, _: click.Parameter, value: Any) -> None:
    settings = ctx.find_object(Settings)
    if value and settings is not None:
        from importlib.metadata import version

        settings.data(f"krow-versions {version('krow-versions')}")
        ctx.exit()


def _store(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    settings = ctx.find_object(Settings)
    if value is not None and settings is not None and parameter.name is not None:
        setattr(settings, parameter.name, value)


_STORED: dict[str, Any] = {"expose_value": False, "is_eager": True, "callback": _store}
