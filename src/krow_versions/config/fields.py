"""The kinds of text in a configuration, for the loader and the JSON Schema.

A kind has regular expressions for invalid text, matched at its beginning, with a reason for each. They
use the common subset of Python's ``re`` and ECMA 262 (for JSON Schema). The length is checked first, so
the others are fast.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Annotated

from krow_versions.findings import FINDINGS, SEVERITIES
from krow_versions.settings import MERGES
from krow_versions.templates import TEXTS
from krow_versions.text.escaping import HIDDEN
from krow_versions.text.words import nearest
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen(eq=False, repr=False)
class Kind:
    """A kind of text.

    Attributes:
        refusals: expressions that must not match at the start of the text, and the reasons.
        hint: what to write instead.
        examples: for the schema.
    """

    refusals: tuple[tuple[str, str], ...]
    hint: str
    examples: tuple[str, ...] = ()

    def problem(self, text: str) -> str | None:
        """Say why *text* is refused, or None."""
        return next((why for pattern, why in self.refusals if re.match(pattern, text)), None)

    @property
    def pattern(self) -> str:
        """One regular expression that matches exactly the valid texts."""
        return "^" + "".join(f"(?!{pattern})" for pattern, _ in self.refusals)


@frozen(eq=False, repr=False)
class Choice:
    """One of a few texts.

    Attributes:
        what: what each of them is, with its article.
        known: the texts, with a description of each or an empty text.
    """

    what: str
    known: Mapping[str, str]

    def problem(self, text: str) -> str | None:
        """Say why *text* is refused, or None."""
        return None if text in self.known else f"is not {self.what}"

    def hint_for(self, text: str) -> str:
        """Suggest the nearest text with its description, and list all."""
        alike = str.maketrans("oil", "011")  # Which are easily confused.
        spelt = {known.lower().translate(alike): known for known in self.known}
        listed = f"choose one of {', '.join(self.known)}"
        near = nearest(text.lower().translate(alike), spelt)
        if near is None:
            return listed
        meant = spelt[near]
        about = f" ({self.known[meant]})" if self.known[meant] else ""
        return f"did you mean {meant}{about}? {listed}"


@frozen(eq=False, repr=False)
class Size:
    """The bounds of a number, or of the length of an array or table."""

    minimum: int
    maximum: int | None = None


@frozen(eq=False, repr=False)
class Quoted:
    """The mark of a date that may stand in quotes, too."""


_NOT_SHOWN = (f"[^{HIDDEN}]*[{HIDDEN}]", "has characters that do not show")
_OPTION = ("-", "begins with '-', as options do")
# ".git" on case-insensitive and Windows file systems; characters that HFS+ ignores are refused above.
_GIT_FOLDER = r"(?:\.[gG][iI][tT]|[gG][iI][tT]~1)[. ]*"


def _text(most: int) -> tuple[tuple[str, str], ...]:
    return (
        _NOT_SHOWN,
        (r"\s*$", "is empty"),
        (f".{{{most + 1}}}", f"is longer than {most} characters"),
        _OPTION,
    )


def _inside(prefix: str = "", until: str = "", *, folder: bool = False) -> tuple[tuple[str, str], ...]:
    """Return refusals of paths out of a folder or into git's own (see ``verify_path`` of git)."""
    char = f"[^{until}]" if until else "."
    end = f"(?:[{until}]|$)" if until else "$"
    start, part_ends = f"{prefix}(?:{char}*/)?", f"(?:/|{end})"
    return (
        _NOT_SHOWN,
        (f".{{{_LONGEST_PATH + 1}}}", f"is longer than {_LONGEST_PATH} characters"),
        (f"{prefix}/", "is absolute"),
        (f"{start}\\.\\.{part_ends}", "leaves its folder by '..'"),
        (f"{start}{_GIT_FOLDER}(?::[^/]*)?{part_ends}", "enters git's own folder"),
        (f"{prefix}{char}*\\\\", "has a backslash; folders are separated by '/'"),
        (f"{prefix}-", _OPTION[1]),
        *(
            (("$", "is empty"),)
            if folder
            else (
                (f"{prefix}[./]*{end}", "names no file"),
                (f"{prefix}(?:{char}*/)?\\.?{end}", "names a folder"),
            )
        ),
    )


_LONGEST_PATH = 1000
# Rules for names of refs, see git help check-ref-format.
_REF = (
    _NOT_SHOWN,
    ("$", "is empty"),
    (".{201}", "is longer than 200 characters"),
    _OPTION,
    ("[^ ~^:?*\\[\\\\]*[ ~^:?*\\[\\\\]", "has a character that git does not allow in names"),
    ("/|(?:.*/)?/|.*/$", "has an empty part"),
    (r"(?:.*/)?\.", "has a part that begins with '.'"),
    (r".*\.\.", "has '..'"),
    (r".*\.(?:lock)?(?:/|$)", "has a part that ends in '.' or '.lock'"),
)
# A glob of branches: a name in which * ? [ ] are allowed.
_REFS = tuple((pattern.replace(r"?*\[", ""), why) for pattern, why in _REF)
_NAME = (
    _NOT_SHOWN,
    ("$", "is empty"),
    (r"(?![a-z0-9][a-z0-9._-]{0,63}$)", "is not up to 64 of a-z 0-9 . _ - that begin with a letter or digit"),
    (r".*\.\.", "has '..'"),
    (r".*(?:\.lock|[.-])$", "ends in '.', '-' or '.lock'"),
)
_SLUG = (
    _NOT_SHOWN,
    ("$", "is empty"),
    (
        r"(?!(?:@?[A-Za-z0-9][A-Za-z0-9._-]*/)*@?[A-Za-z0-9][A-Za-z0-9._-]*$)",
        "is not of letters, digits, . _ - that begin with a letter or digit, with @ and / as in @scope/name",
    ),
    (".{129}", "is longer than 128 characters"),
    (r".*\.\.", "has '..'"),
    (r".*(?:\.lock|[.-])(?:/|$)", "has a part that ends in '.', '-' or '.lock'"),
)
# ``$`` differs between the two dialects if the text can end in a line break.
_END = r"(?![\s\S])"
_BRACES = rf"(?!(?:[^{{}}]|\{{(?:FIELDS)\}})*{_END})"

TEXT = Kind(_text(200), "write a few words")
ALIAS = Kind(_text(64), "write a short name, such as staff-mobile")
FREE = Kind(((r"[^\n\u0000]*[\n\u0000]", "has a line break"), ("$", "is empty")), "write it on one line")
KEY = Kind(
    ((r"[^\u0000]*\u0000", "has a NUL character"), (rf"\s*{_END}", "is empty")),
    "write a key path such as image.tag, or a line such as versionCode {build}",
    ('versionName "{version}"', "image.tag"),
)
NAME = Kind(_NAME, "write it like worker-mobile", ("worker-mobile",))
SLUG = Kind(_SLUG, "write it like krow-withus-web or @scope/name", ("krow-withus-web", "@scope/name"))
REPO_NAME = Kind(
    (
        _NOT_SHOWN,
        ("$", "is empty"),
        (r"(?!\.$)(?![A-Za-z0-9][A-Za-z0-9._-]{0,63}$)", "is not up to 64 letters, digits, '.', '_' and '-'"),
    ),
    "write a short name, such as mobile",
    ("mobile",),
)
PATH = Kind(_inside(), "name a file inside the repository, relative to its root", ("VERSION",))
PLACE = Kind(
    _inside(prefix="(?:[^/:]*:)?"),
    "name a file inside the repository, relative to its root",
    ("apps/web/package.json", "backend/*/package.json", "web:package.json"),
)
GLOB = Kind(
    _inside(),
    'write a path or a glob relative to the repository, such as "docs/**"',
    ("docs/**", ".github/**"),
)
SIGNERS = Kind(_inside(), "name a file of the workspace, relative to this file", (".krow-versions/signers",))
TAGGER = Kind(
    (
        *_text(200),
        (r"(?![^<>\s]+@[^<>\s]+$)(?![^<>]+ <[^<>\s]+@[^<>\s]+>$)", "is no mail address"),
    ),
    'write a mail address, or "Name <mail>"',
    ("ada@example.org", "Ada Lovelace <ada@example.org>"),
)
CHANGELOG = Kind(
    (*_inside(until="#"), (r"[^#]*#\s*$", "has nothing after '#'")),
    "name a file inside the repository, and a heading after '#' where it has several tables",
    ("CHANGELOG.md", "CHANGELOG.md#Worker Mobile"),
)
FOLDER = Kind(
    _inside(folder=True),
    "name a folder relative to this file; the file belongs into the folder that holds all repositories",
    (".", "krow-mobile"),
)
REF = Kind((*_REF, (r".*@\{|@$|HEAD$", "means something else to git")), "write it like main", ("main",))
BRANCHES = Kind(
    (*_REFS, (r".*@\{|@$|HEAD$", "means something else to git")),
    'write the name of a branch or a glob, such as "release/*"; ** is any number of folders',
    ("release/*",),
)


def _name_pattern(*fields: str, others: tuple[tuple[str, str], ...] = ()) -> tuple[tuple[str, str], ...]:
    """Make the rules of a pattern of names with some of *fields*."""
    *first, last = (f"{{{field}}}" for field in fields)
    return (
        *_REF,
        (r"(?!.*\{version\})", "has no {version}"),
        (
            _BRACES.replace("FIELDS", "|".join(fields)),
            f"has braces that are not {', '.join(first)} or {last}",
        ),
        *((rf".*\{{{field}\}}.*\{{{field}\}}", "has a field twice") for field in fields),
        *others,
        (
            r".*[0-9]\{(?:version|build)\}|.*\{(?:version|build)\}[0-9]",
            "cannot be read back: a digit is beside the version or the build",
        ),
        (r".*\}\{", "cannot be read back: nothing is between two fields"),
    )


_TAG = _name_pattern(
    "slug", "version", "build", others=((r".*\{build\}.*\{version\}", "has {build} before {version}"),)
)
TAG_PATTERN = Kind(
    _TAG,
    "write it like {slug}/prod-v{version}, or v{version} if it can name one product only",
    ("{slug}/prod-v{version}", "{slug}@{version}", "v{version}+{build}"),
)
BRANCH_NAMES = Kind(
    _name_pattern("slug", "version"), "write it like hotfix/{slug}-v{version}", ("hotfix/{slug}-v{version}",)
)


def _argument(*names: str) -> Kind:
    """Make the kind of an argument of a program, in which each of *names* in braces is replaced."""
    *first, last = (f"{{{name}}}" for name in names)
    return Kind(
        (
            (r"[^\u0000]*\u0000", "has a NUL character"),
            (_END, "is empty"),
            (
                _BRACES.replace("FIELDS", "|".join(names)),
                f"has braces that are not {', '.join(first)} or {last}",
            ),
        ),
        f"only {', '.join(first)} and {last} are replaced; put anything else into a script",
        (first[0],),
    )


ARGUMENT = _argument("tag", "version", "slug")
NOTICE = _argument("channel", "product", "version", "tag")
TEMPLATE = Kind(
    (
        (r"[^\u0000]*\u0000", "has a NUL character"),
        (rf"\s*{_END}", "is empty"),
        (r"[\s\S]{10001}", "is longer than 10000 characters"),
    ),
    "write the text, with $names for what is filled in",
    ("HOTFIX: $summary",),
)
CODE = Choice("the id of a finding", {code: kind.title for code, kind in FINDINGS.items()})
TEXT_NAME = Choice("a text of the process", {name: text.purpose for name, text in TEXTS.items()})
SEVERITY = Choice("a severity", dict.fromkeys(SEVERITIES, ""))
MERGE = Choice("a way to bring a hotfix to main", MERGES)

Text = Annotated[str, TEXT]
Merge = Annotated[str, MERGE]
Alias = Annotated[str, ALIAS]
Free = Annotated[str, FREE]
Key = Annotated[str, KEY]
Name = Annotated[str, NAME]
Slug = Annotated[str, SLUG]
RepoName = Annotated[str, REPO_NAME]
Path = Annotated[str, PATH]
Place = Annotated[str, PLACE]
Glob = Annotated[str, GLOB]
SignersFile = Annotated[str, SIGNERS]
Tagger = Annotated[str, TAGGER]
Changelog = Annotated[str, CHANGELOG]
Folder = Annotated[str, FOLDER]
Ref = Annotated[str, REF]
Branches = Annotated[str, BRANCHES]
TagPattern = Annotated[str, TAG_PATTERN]
BranchPattern = Annotated[str, BRANCH_NAMES]
Argument = Annotated[str, ARGUMENT]
Notice = Annotated[str, NOTICE]
Template = Annotated[str, TEMPLATE]
TextName = Annotated[str, TEXT_NAME]
Code = Annotated[str, CODE]
Severity = Annotated[str, SEVERITY]
Positive = Annotated[int, Size(1)]
Day = Annotated[dt.date, Quoted()]
Days = Annotated[int, Size(1, 36_500)]  # A century, so that dates stay in Python's range.
