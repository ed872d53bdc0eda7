"""The words of the library, with the options of the command line.

Errors and warnings are written for who calls the library, where there are no options. Where the answer to one
is an option, the command line adds it here, by the words alone. So a phrase of this table is one that the
library writes, and a test compares them.
"""

from __future__ import annotations

import re

PHRASES = {
    "name the version that is in production: ": "name the version that is in production: bump-patch --from ",
    "name the version that is in production, such as ": (
        "name the version that is in production, such as --from "
    ),
    "name the version that is in production": (
        "name the version that is in production with bump-patch --from VERSION"
    ),
    "is what is in production, name it: ": "is what is in production, say so with --from ",
    "from_: ": "--from: ",
    "build and above_build contradict each other": "--build and --above-build contradict each other",
    "from_ is for one product": "--from is for one product",
    "build is for one product": "--build is for one product",
    "above_build is for one product": "--above-build is for one product",
    "from_ and build are for one product": "--from and --build are for one product",
    "from_ and above_build are for one product": "--from and --above-build are for one product",
    "build and above_build are for one product": "--build and --above-build are for one product",
    "leave build out": "leave --build out",
    "leave above_build out": "leave --above-build out",
    "say what changed, such as ": "say what changed, such as -m ",
    "say what changed": "say what changed with -m",
    "or write a shorter text": "or write a shorter text with -m",
    "give it a date": "give it one with --date",
    "name the version of the row": "name it with --version",
    "leave the CHANGELOG out": "leave it out with --no-changelog",
    "move the pins in the same plan": "move the pins in the same plan with --pins",
    "name a folder that is there": "name one with -C",
    "open a KROW checkout, or describe this folder": (
        "go into a KROW checkout, name one with -C, or describe this one"
    ),
    "open another workspace": "name another workspace with -C",
    "or with fetch=False, to use what is known": "or add --no-fetch to use what is known",
    "give one of issue, severity, impact, environment and detected": (
        "add --issue, --severity, --impact, --environment or --detected"
    ),
    "name what it ships: hotfix(name, version)": "name what it ships: --version VERSION",
    "give a later time, or none for the present moment": (
        "give a later time with --at, or leave --at out for the present moment"
    ),
    "there is no fact ": "--say: there is no fact ",
    "there is no action item ": "--close-action: there is no action item ",
    "give its kind (": "add --kind (",
    "and its area (": "and --area (",
    "name the file with their keys, here or": "name the file with their keys: audit --signers FILE, or",
}
"""What the command line says for each phrase of the library."""


def typed(text: str) -> str:
    """Write *text* of the library for who types commands; the longest phrase counts."""
    return _PHRASE.sub(lambda found: PHRASES[found[0]], text)


_PHRASE = re.compile(
    "|".join(rf"(?<![\w-]){re.escape(each)}" for each in sorted(PHRASES, key=len, reverse=True))
)
