"""The help of every command and the words that can follow it, from a file that ``./dev answers`` makes.

The file has sections: a line ``== NAME`` and the text below it. A section ``words COMMAND`` has a line for
each word: its kind, its names, its values (nothing for a flag, ``?`` for any), what it is for.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILE = os.path.join(os.path.dirname(__file__), "answers.txt")
PROGRAM = "krow-versions"
VARIABLE = "_KROW_VERSIONS_COMPLETE"
"""Set by the script of a shell: how to complete a line; click makes its name from that of the program."""
NARROW, WIDE = 80, 100  # Columns where there is no terminal; columns above which help gets no wider.
_ANY = ["?"]


class Option:
    """An option of a command.

    Attributes:
        names: as it can be typed.
        values: those that it takes; empty for a flag, ``?`` for any.
        short: what it is for.
        repeats: whether it can be typed again.
    """

    def __init__(self, names: str, values: str, short: str, *, repeats: bool) -> None:
        self.names: list[str] = names.split()
        self.values: list[str] = values.split()
        self.short = short
        self.repeats = repeats

    def takes(self, value: str) -> bool:
        """Whether *value* is certainly one of its values."""
        return value[:1] not in ("", "-") and (self.values == _ANY or value in self.values)


class Command:
    """A command: what can follow its name, and what was typed there.

    Attributes:
        name: how it is called, with the program.
        commands: what each of its commands is for, if it is a group.
        options: its options, by each of their names.
        arguments: for each argument how many words it takes, ``1`` or ``*``, and which.
        given: the options that were typed.
        words: the arguments that were typed.
    """

    def __init__(self, known: str, name: str) -> None:
        self.name = name
        self.commands: dict[str, str] = {}
        self.options: dict[str, Option] = {}
        self.arguments: list[tuple[str, list[str]]] = []
        self.given: list[Option] = []
        self.words: list[str] = []
        for line in _section(known, f"words {name}").split("\n"):
            kind, names, values, short = line.split("\t")
            if kind == "command":
                self.commands[names] = short
            elif kind == "argument":
                self.arguments.append((names, values.split()))
            else:
                option = Option(names, values, short, repeats=kind == "options")
                self.options.update(dict.fromkeys(option.names, option))


class Line:
    """A command line of which each word is understood.

    Attributes:
        command: the command that it names last.
        ending: ``--version`` or ``--help``, whichever was typed first, or nothing.
        ended: the command that this was typed for.
        unfinished: the option at the end whose value is not typed yet.
    """

    def __init__(self, command: Command) -> None:
        self.command = command
        self.ending = self.ended = ""
        self.unfinished: Option | None = None


def load(path: str = FILE) -> str | None:
    """Read the file; None if that is not possible, or the file is cut."""
    try:
        with open(path, encoding="utf-8") as file:
            known = file.read()
    except (OSError, ValueError):
        return None
    return known if known.endswith("\n== end\n") else None


def read(known: str, words: Sequence[str]) -> Line | None:
    """Understand the words that follow the name of the program; None where only click can."""
    line = Line(Command(known, PROGRAM))
    following = iter(words)
    for word in following:
        command = line.command
        if word[:1] == "-":
            option = command.options.get(word)
            if option is None:
                return None
            command.given.append(option)
            if option.values:
                value = next(following, None)
                if value is None:
                    line.unfinished = option
                elif not option.takes(value):
                    return None
            elif option.names[-1] in ("--version", "--help") and not line.ending:
                line.ending, line.ended = option.names[-1], command.name
        elif word in command.commands:
            line.command = Command(known, f"{command.name} {word}")
        elif command.commands:
            return None
        else:
            command.words.append(word)
    return line


def help_of(known: str, name: str, program: str, columns: int) -> str | None:
    """Give the help of a command for a terminal of so many columns; None if that is not known.

    Args:
        known: the text of the file.
        name: the command, as ``krow-versions show``.
        program: how the program was called, as click names it.
        columns: the width of the terminal.
    """
    columns = min(columns, WIDE)
    usage, blank, rest = _section(known, f"help {columns} {name}").partition("\n\n")
    usage = usage.replace(PROGRAM, program, 1)
    if not blank or (program != PROGRAM and ("\n" in usage or len(usage) > columns - 2)):
        return None  # click may break it into other lines.
    return f"{usage}{blank}{rest}\n"


def script_of(known: str, line: Line) -> str | None:
    """Give what ``completion SHELL`` prints; None for another command."""
    command = line.command
    if command.name != f"{PROGRAM} completion" or len(command.words) != 1:
        return None
    shell = command.words[0]
    return f"{_section(known, f'script {shell}')}\n" if shell in command.arguments[0][1] else None


def completion(known: str, asked: str, environment: Mapping[str, str]) -> str | None:
    """Give what a shell is offered; None where that depends on more than the commands.

    Args:
        known: the text of the file.
        asked: the shell and what it wants, as ``bash_complete`` or ``zsh_source``.
        environment: the variables in which the shell gives what was typed.
    """
    shell, _, what = asked.partition("_")
    typed, place = environment.get("COMP_WORDS", ""), environment.get("COMP_CWORD", "")
    if what == "source" and shell in ("zsh", "fish"):  # For bash, click asks bash for its version first.
        return f"{_section(known, f'script {shell}')}\n"
    shown = typed.replace("\n", " ")
    if shell not in ("bash", "zsh", "fish") or what != "complete" or not _is_plain(typed + place):
        return None
    if shell == "bash" and ({*"=:@"} & {*typed} or (environment.get("COMP_LINE") or shown) != shown):
        return None  # bash has split words there, or the cursor is not at the end.
    words = typed.split()
    if "--version" in words:
        return None  # click prints it.
    if shell == "fish":  # It gives the last word, not its place.
        before, last = words[1:], place
        if last and before[-1:] == [last]:
            before.pop()
    elif place.isdecimal() and place != "0":
        before, last = words[1 : int(place)], "".join(words[int(place) : int(place) + 1])
    else:
        return None
    line = None if {*" \n="} & {*last} else read(known, before)
    offered = None if line is None else _offered(line, last)
    if offered is None:
        return None
    return "\n".join(_shown(shell, *each) for each in offered) + "\n"


def _offered(line: Line, last: str) -> list[tuple[str, str]] | None:
    """Give the words that can stand where *last* is, and what each is for."""
    command = line.command
    if last[:1] == "-":
        left = [each for each in command.options.values() if each.repeats or each not in command.given]
        names = [(name, each.short) for each in dict.fromkeys(left) for name in each.names]
        return None if line.unfinished else [each for each in names if each[0].startswith(last)]
    if line.unfinished:
        values = line.unfinished.values
    else:
        filled = len(command.words)
        takes = [values for n, (count, values) in enumerate(command.arguments) if count == "*" or n >= filled]
        if not takes:
            return [each for each in command.commands.items() if each[0].startswith(last)]
        values = takes[0]
    if values == _ANY:
        return None
    return [(value, "") for value in values if value.lower().startswith(last.lower())]


def _shown(shell: str, name: str, short: str) -> str:
    if shell == "zsh":
        return f"plain\n{name}\n{short or '_'}"
    return f"plain,{name}\t{short}" if short and shell == "fish" else f"plain,{name}"


def _is_plain(text: str) -> bool:
    """Whether a shell reads *text* as words between spaces and line feeds."""
    return text.isascii() and text.replace("\n", "").isprintable() and not {*"\"'\\"} & {*text}


def _section(known: str, name: str) -> str:
    return known.partition(f"\n== {name}\n")[2].partition("\n== ")[0]
