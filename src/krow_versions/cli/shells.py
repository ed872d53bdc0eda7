"""What each shell runs at the press of Tab, and how it is answered: click's own, and what that lacks.

click's scripts offer nothing, or a wrong word, behind ``--option=``. In bash, the same is true behind ``:``
and ``@``, where readline splits words (COMP_WORDBREAKS in bash(1)). An ``@`` stays with the part behind it
(rl_special_prefixes).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from click import Command
from click import shell_completion as of_click

from krow_versions.cli.answers import PROGRAM, VARIABLE

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' response each type value

    response=$(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDS="${COMP_WORDS[*]}" \\
        COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1")

    for each in $response; do
        type=${each%%%%,*} value=${each#*,}

        if [[ $type == 'dir' ]]; then
            COMPREPLY=()
            compopt -o dirnames
        elif [[ $type == 'file' ]]; then
            COMPREPLY=()
            compopt -o default
        elif [[ $type == 'plain' ]]; then
            COMPREPLY+=("$value")
        fi
    done

    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a completions completions_with_descriptions response
    local type key descr
    (( ! $+commands[%(prog_name)s] )) && return 1

    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s)}")

    [[ "$PREFIX" == --*=* ]] && compset -P 1 '*='

    for type key descr in ${response}; do
        if [[ "$type" == "plain" ]]; then
            if [[ "$descr" == "_" ]]; then
                completions+=("$key")
            else
                completions_with_descriptions+=("$key":"$descr")
            fi
        elif [[ "$type" == "dir" ]]; then
            _path_files -/
        elif [[ "$type" == "file" ]]; then
            _path_files -f
        fi
    done

    if [ -n "$completions_with_descriptions" ]; then
        _describe -V unsorted completions_with_descriptions -U
    fi

    if [ -n "$completions" ]; then
        compadd -U -p "$IPREFIX" -V unsorted -a completions
    fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""
_FISH = """\
function %(complete_func)s
    set -l token (commandline -ct)
    set -l option (string match -r -- '^--[^=]+=' $token)
    set -l line (commandline -cp)
    set -l response (env %(complete_var)s=fish_complete COMP_WORDS=$line COMP_CWORD=$token %(prog_name)s)

    for each in $response
        set -l parts (string split -m 1 "," $each)

        if test $parts[1] = "dir"
            for path in (__fish_complete_directories $parts[2])
                printf '%%s\\n' "$option$path"
            end
        else if test $parts[1] = "file"
            for path in (__fish_complete_path $parts[2])
                printf '%%s\\n' "$option$path"
            end
        else if test $parts[1] = "plain"
            printf '%%s\\n' "$option$parts[2]"
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class Bash(of_click.BashComplete):
    """Answers bash, which replaces only a part of the word: what is behind the last ``=``, ``:`` or ``@``."""

    source_template = _BASH
    _kept = 0  # Characters of the value before the part that is replaced.

    @staticmethod
    def _check_version() -> None:
        """Start no bash to ask for its version: the help says which it must be."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Give the words before the one that is typed, and that one."""
        line = os.environ.get("COMP_LINE", "")
        if not line:  # A script of click, or another caller.
            return super().get_completion_args()
        words = of_click.split_arg_string(line)[1:]
        incomplete = words.pop() if words and line[-1:].strip() else ""
        self._kept = len(_value(incomplete)) - len(_value(_replaced(line)))
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Write an item: of a value only the part that is replaced."""
        value = item.value if item.value.startswith("-") else item.value[max(self._kept, 0) :]
        return f"{item.type},{value}"


class Zsh(of_click.ZshComplete):
    """Answers zsh."""

    source_template = _ZSH


class Fish(of_click.FishComplete):
    """Answers fish."""

    source_template = _FISH


CLASSES: dict[str, type[of_click.ShellComplete]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def register() -> None:
    """Let click answer by these."""
    for name, each in CLASSES.items():
        of_click.add_completion_class(each, name)


def script_of(shell: str) -> str:
    """Give the script of a shell."""
    return CLASSES[shell](Command(PROGRAM), {}, PROGRAM, VARIABLE).source().rstrip("\n")


def _value(word: str) -> str:
    """Give a word without the option before its value."""
    return word.partition("=")[2] if word.startswith("--") and "=" in word else word


def _replaced(line: str) -> str:
    """Give the end of a line that readline replaces: of the words of bash, the last up to the cursor."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    place = os.environ.get("COMP_CWORD", "")
    word = words[int(place)] if place.isdecimal() and int(place) < len(words) else ""
    while word and not line.endswith(word):
        word = word[:-1]  # The cursor is inside of it.
    word = "" if {*word} <= {*"=:@"} else word
    return f"@{word}" if line.removesuffix(word).endswith("@") else word
