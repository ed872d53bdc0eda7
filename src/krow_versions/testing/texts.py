r"""Pools of difficult texts from which documents are built, and strategies for them.

In these texts ``\0`` is the place of the version, and ``@V@`` a decoy: the same number elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

_T = TypeVar("_T")


def one(pool: Sequence[_T]) -> SearchStrategy[_T]:
    """Draw one of *pool*; an entry that is in it twice is drawn more often."""
    return st.sampled_from(pool)


def some(pool: Sequence[str], most: int = 6) -> SearchStrategy[list[str]]:
    """Draw up to *most* different entries of *pool*."""
    return st.lists(st.sampled_from(pool), unique=True, max_size=most)


_DIGITS = "7" * 5000
YAML_ENTRIES = (
    "# version: @V@",
    "",
    "name: app",
    "description: >-\n  version: @V@\n  of the café 🚀",
    "publish_to: 'none'   # version: '@V@'",
    'title: "the version: @V@"',
    "environment:\n  sdk: '>=@V@ <4.0.0'\n  version: @V@",
    "dependencies:\n  pinned: @V@\n  nested:\n    version: @V@ # nested",
    "appVersion: '@V@'",
    "longer: 1@V@5",
    "notes: |\n  version: @V@\n\n  # no comment",
    "flow: {version: @V@, list: [1.10, 0x1F, 1_000], 'quoted': \"@V@\"}",
    "anchored: &mark\n  version: @V@\nalias: *mark\nmerged:\n  <<: *mark",
    "cycle: &cycle [*cycle]",
    '"v\\u0065rsions": 1.0',
    "separators: a\u2028b\x85c # \u2028 version: @V@",
    "? [complex, @V@]\n: version",
    "tagged: !!str @V@\ncustom: !thing {version: @V@}",
    f"digits: {_DIGITS}",
    "tab:\tvalue\t# comment",
    "plain: over several\n  lines with @V@ in it",
    'quoted: "over\n  version: @V@\n  lines"',
    "list:\n- version: @V@\n- - a\n  - version: @V@",
    "empty:",
    "Version: '@V@'",
)
JSON_MEMBERS = (
    '"name": "app"',
    '"na\\u006de2":"caf\\u00e9 \\/ 🚀"',
    '"dependencies": {"left": "@V@", "version" : "@V@"}',
    '"versions": ["@V@", {"version": "@V@"}]',
    '"numbers": [1.0, 1E5, -0, 1e-7, 123456789012345678901234567890]',
    f'"digits": {_DIGITS}',
    '"lone": "\\ud800"',
    '"": null',
    '"10": true',
    '"9": {"9":[]}',
    '"twice": {"a": 1, "a": 2}',
    '"longer": "1@V@5"',
    '"separators": "\u2028 \x85 \u00a0"',
    '"Version": "@V@"',
    '"text": "\\"version\\": \\"@V@\\""',
    '"deep": [[[[{"version": {"version": "@V@"}}]]]]',
)
TOML_ENTRIES = (
    '# version = "@V@"',
    "",
    'name = "app"',
    'readme = "README.md" # version = "@V@"',
    "description = '''\nversion = \"@V@\"\n[project]\n'''",
    'long = """\nversion = "@V@" \\\n  more"""',
    'requires = [\n  "left==@V@", # version = "@V@"\n  "right>=@V@",\n]',
    'authors = [{ name = "x", version = "@V@" }]',
    "numbers = [1.0, 1e5, 0x1F, 1_000, inf, nan, -0.0]",
    "day = 1979-05-27T07:32:00Z",
    "'version2' = \"@V@\"",
    'dotted.version = "@V@"',
    'inline = { version = "@V@" }',
    'separators = "a\u2028b\x85c" # \u2028 version = "@V@"',
    '"v\\u0065rsions" = "1@V@5"',
    '\tindented\t=\t"🚀 café"',
)
TOML_SECTIONS = (
    '[tool.other]\nversion = "@V@"',
    '[build-system]\nrequires = ["hatchling==@V@"]',
    '["a.version"]\nversion = "@V@"',
    '[a.b.c]\nx = 1\n\n[a]\nversion = "@V@"',
    '[tool]\nversion = "@V@"',
)
# Arrays of tables are last, because tomlkit moves one that is between the parts of another table.
TOML_LAST = ("", '[[entries]]\nversion = "@V@"\n[[entries]]\nversion = "@V@"\n')
PLIST_ENTRIES = (
    "<!-- <key>CFBundleShortVersionString</key><string>@V@</string> -->",
    "",
    "<key>CFBundleName</key>\n\t<string>café 🚀 &amp; &#233;</string>",
    "<key>MinimumOSVersion</key>\n<string>@V@</string>",
    "<key>Nested</key><dict><key>CFBundleShortVersionString</key><string>@V@</string></dict>",
    "<key>List</key>\n<array>\n<string>@V@</string><dict/><array></array>\n</array>",
    "<key>6.0</key><string>6.0</string><key>CFBundleInfoDictionaryVersion</key><string>305</string>",
    "<key>Raw</key><string><![CDATA[<key>CFBundleVersion</key>]]></string>",
    "<key>CFBundleVersion</key>\n\t<string>$(CURRENT_PROJECT_VERSION)</string>",
    "<?process CFBundleVersion?><key>cfbundleversion</key ><string >@V@</string>",
    "<key>Number</key><integer>1</integer><key>On</key><true/><key>Data</key><data>AAAA</data>",
    "<key>Twice</key><false/><key>Twice</key><string>@V@</string>",
)
XCODE_SETTINGS = (
    "/* MARKETING_VERSION = @V@; */",
    "// MARKETING_VERSION = @V@;",
    'PRODUCT_NAME = "$(TARGET_NAME) é🚀";',
    'OTHER = "MARKETING_VERSION = @V@;";',
    'CURRENT_PROJECT_VERSION = "$(FLUTTER_BUILD_NUMBER)";',
    'LIST = (\n9,\n"MARKETING_VERSION = \\"@V@\\"",\n);',
    "DATA = <0fbd 77>;",
    "MARKETING_VERSION_OF = { MARKETING_VERSION = '@V@'; };",
    "'ODD' = 'a\\'b';",
    'DYLIB_CURRENT_VERSION = "@V@";',
)
TEXT_LINES = ("", "# since @V@", 'wanted = "@V@"', "\f", "a\u2028b\x85c @V@", "\t🚀 1@V@5")
BLANKS = ("", "", "\n", " ", "\t\n", "\n\n")
LF = ("\n", "\r\n")

# --- CHANGELOGs -----------------------------------------------------------------------------

# Text around a version table. None of it is a version table, although some looks like one.
SECTION_BLOCKS = (
    "Some words | with a pipe, and `code`.",
    "| Tool | Version |\n|------|---------|\n| Dart | 3.5.0 |",
    "| Name | Notes |\n|:--|--:|\n| a \\| b | `c` |",
    "```\n| Date | Version | Change |\n|---|---|---|\n| 2026-03-05 | 1.0.0 | In a fence |\n```",
    "~~~md\n| Date | Version | Change |\n|---|---|---|\n~~~",
    "<!--\n| Date | Version | Change |\n|---|---|---|\n\n| 2026-03-05 | 1.0.0 | In a comment |\n-->",
    "<pre>\n| Date | Version | Change |\n|---|---|---|\n</pre>",
    "    | Date | Version | Change |\n    |---|---|---|\n    | 2026-03-05 | 1.0.0 | Code |",
    "> | Date | Version | Change |\n> |---|---|---|\n> | 2026-03-05 | 1.0.0 | Quoted |",
    "- item\n\n  | Date | Version | Change |\n  |---|---|---|\n  | 2026-03-05 | 1.0.0 | Listed |\n\nAfter.",
    "1. one\n2. two\n\nAfter.",
    "[ref]: https://example.org",
    "| Date | Version | Change |",
    "| Date | Version | Change |\n|---|---|",
    "***",
    "a\u2028| Date | Version | Change |\u2028|---|---|---|\x0b\x0c\x1c\x85b",
)
HEADINGS = ("Worker Mobile", "Web", "C & D", "1.0", "Déjà vu")
HEADER_WORDS = {
    "date": ("Date", "Released", "**Release Date**", "DATE", "`date`", "Release_Date (UTC)"),
    "version": ("Version", "Release", "_Version_", "Rev"),
    "change": ("Change", "Changes", "Description", "Notes", "Comments", "Summary"),
    "other": ("Author", "PR", "", "Ticket"),
}
# Numbers Y M D, month names N (March) and n (Mar).
DATE_STYLES = ("Y-M-D", "Y-M-D", "Y/M/D", "D.M.Y", "D/M/Y", "M/D/Y", "N D, Y", "D n Y")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
VERSION_STYLES = ("{}", "{}", "v{}", "**{}**", "`{}`", "[{}](https://example.org/compare/9.9.9)")
CHANGES = ("Crash on login", "Fix", "Fix `a|b`", "x", "**Big** change", "Änderung 🎉", "a \\\\ b")
# Parts of the texts of rows.
AWKWARD = (
    "|", "||", "\\", "\\|", "\\\\|", "`", "``", "`a|b`", "<!--", "-->", "\n", "\r\n", "\r", "\t", "\x0b",
    "\x1c", "\x85", "\u2028", "\x00", "\x1b[2K", "- ", "1. ", "1) ", "# ", "> ", "```", "~~~", "<div>",
    "</td>", "<b>", "<script>", "[x]: y", "[a](b|c)", "![", "**", "~", "&#124;", "&lt;", "    ", "=", "---",
    ":-:", "@me", "www.a.b", "👩\u200d👩\u200d👧", "🏴\U000e0067\U000e0062\U000e007f", "שלום", "مرحبا",
    "می\u200cخواهم", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\u00a0", "é",
    "0.0.1", "2026-03-05", "HOTFIX: ", "fix",
)  # fmt: skip
