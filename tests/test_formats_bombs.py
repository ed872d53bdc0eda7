"""Formats: small files that would take a parser hours, or the process's life, end in an answer.

Each runs in a child process, so that a hang or a crash is a failed test and not the end of the run.
The limits are for that only; they measure nothing, and what they stop would have taken far longer.
How much work a long text makes is counted, for the same work takes a busy processor three times as long.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from krow_versions.errors import FileFormatError, InternalError, KrowVersionsError
from krow_versions.formats import set_version
from support.hang import SECONDS

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

_PROGRAM = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from pathlib import Path
from krow_versions.errors import KrowVersionsError
from krow_versions.formats import set_version
name, path, key = sys.argv[1:]
text = Path(path).read_text("utf-8")
try:
    after = set_version(text, "9.9.9", format=name, key=key or None)
except KrowVersionsError as error:
    print(type(error).__name__, str(error))
else:
    print("edited" if after == text.replace("0.1.0", "9.9.9") else "spoiled")
"""

YAML = "version: 0.1.0\n"
TOML = 'version = "0.1.0"\n'
LAUGHS = "a0: &a0 x\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{i}: &a{i}\n  <<: [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
)


def long_headers(count: int) -> str:
    return TOML + "".join(f"[{'a.' * 50}a{n}{'.a' * 48}]\n" for n in range(count))


PLIST = "<plist><dict><key>CFBundleShortVersionString</key><string>0.1.0</string></dict></plist>"
XML_LAUGHS = '<!ENTITY a0 "x">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 9}">' for i in range(1, 30))


def targets(count: int) -> str:
    """Write a project of apps, each of which depends on the next one."""
    app = "com.apple.product-type.application"
    objects = "".join(
        f'T{n}={{isa=PBXNativeTarget;name=N{n};productType="{app}";dependencies=(D{n});buildConfigurationList=L{n};}};'
        f"D{n}={{isa=PBXTargetDependency;target=T{n + 1};}};"
        f"L{n}={{isa=XCConfigurationList;buildConfigurations=(C{n});}};"
        f"C{n}={{isa=XCBuildConfiguration;name=R;buildSettings={{MARKETING_VERSION=0.1.0;}};}};"
        for n in range(count)
    )
    names = ",".join(f"T{n}" for n in range(count))
    return f"{{objects={{{objects}P={{isa=PBXProject;targets=({names});}};}};rootObject=P;}}"


FLAVORS = "".join(f"f{n}{{versionName '0.1.0'}}\n" for n in range(10_000))
PAIRS = "[" * 100_000 + "]" * 100_000

BOMBS = {
    "YAML: 100,000 brackets": ("pubspec", "[" * 100_000, "FileFormatError"),
    "YAML: 100,000 pairs of brackets": (
        "pubspec",
        f"{YAML}a: {PAIRS}",
        "FileFormatError",
    ),
    "YAML: 100,000 braces": ("pubspec", "{a: " * 100_000, "FileFormatError"),
    "YAML: 100,000 dashes": ("pubspec", "- " * 100_000, "FileFormatError"),
    "YAML: 100,000 question marks": ("pubspec", "? " * 100_000, "FileFormatError"),
    "YAML: 1,400 indents": ("pubspec", "\n".join(" " * n + "a:" for n in range(1400)), "FileFormatError"),
    "YAML: 1,400 indented dashes": (
        "pubspec",
        "\n".join(" " * n + "-" for n in range(1400)),
        "FileFormatError",
    ),
    "YAML: billion laughs": ("pubspec", LAUGHS + YAML, "edited"),
    "YAML: billion merges": ("pubspec", MERGES + YAML, "edited"),
    "YAML: a cycle": ("pubspec", f"c: &c [*c]\n{YAML}", "edited"),
    "YAML: 100,000 tags": ("pubspec", "!!a " * 100_000, "FileFormatError"),
    "YAML: 100,000 anchors": ("pubspec", "&a " * 100_000, "FileFormatError"),
    "YAML: an endless string": ("pubspec", '"' + "a" * 1_000_000, "FileFormatError"),
    "YAML: 100,000 documents": ("pubspec", "---\n" * 100_000, "FileFormatError"),
    "YAML: tabs after a colon": ("pubspec", f"{YAML}a: {chr(9)} " + "\t " * 400_000, "edited"),
    "YAML: tabs behind a word": (
        "pubspec",
        f"{YAML}a: x{chr(9)} " + "\t " * 400_000 + "y",
        "edited",
    ),
    "YAML: 5,000 digits": ("pubspec", f"a: {'9' * 5000}\n{YAML}", "edited"),
    "YAML: 5,000 digits as the version": ("pubspec", f"version: {'9' * 5000}\n", "InvalidVersion"),
    "JSON: 100,000 brackets": ("package-json", "[" * 100_000, "FileFormatError"),
    "JSON: 100,000 braces": ("package-json", '{"a":' * 100_000, "FileFormatError"),
    "JSON: 100,000 pairs": (
        "json",
        f'{{"version":"0.1.0","a":{PAIRS}}}',
        "FileFormatError",
    ),
    "JSON: 5,000 digits": ("package-json", f'{{"version":"0.1.0","a":{"9" * 5000}}}', "edited"),
    "JSON: 1,000,000 digits": ("package-json", f'{{"version":"0.1.0","a":{"9" * 1_000_000}}}', "edited"),
    "JSON: 100,000 versions": (
        "package-json",
        "{" + '"version":"0.1.0",' * 100_000 + '"a":1}',
        "AmbiguousVersion",
    ),
    "TOML: 10,000 dotted parts": ("toml", "a." * 10_000 + "b = 1", "FileFormatError"),
    "TOML: 100,000 parts of a header": ("toml", f"[{'a.' * 100_000}b]", "FileFormatError"),
    "TOML: 10,000 quoted parts": ("toml", '"a".' * 10_000 + "b = 1", "FileFormatError"),
    "TOML: 10,000 spaced parts": ("toml", "a . " * 10_000 + "b = 1", "FileFormatError"),
    "TOML: 100,000 brackets": ("toml", "a = " + "[" * 100_000, "FileFormatError"),
    "TOML: 100,000 braces": ("toml", "a = " + "{a=" * 100_000, "FileFormatError"),
    "TOML: 300 levels": ("toml", f"{TOML}a = {'[' * 300}{']' * 300}", "edited"),
    "TOML: 5,000 digits": ("toml", f"{TOML}a = {'9' * 5000}", "FileFormatError"),
    "TOML: an endless string": ("toml", 'a = """' + "x" * 1_000_000, "FileFormatError"),
    "plist: 50,000 dictionaries": (
        "plist",
        f"<plist><dict>{'<key>a</key><dict>' * 50_000}",
        "FileFormatError",
    ),
    "plist: billion laughs": ("plist", f"<!DOCTYPE plist [{XML_LAUGHS}]>{PLIST}", "FileFormatError"),
    "plist: a long comment": ("plist", f"<!--{'<! ' * 300_000}-->{PLIST}", "edited"),
    "plist: 100,000 keys": (
        "plist",
        PLIST.replace("<dict>", f"<dict>{'<key>a</key><true/>' * 40_000}"),
        "edited",
    ),
    "xcode: 100,000 brackets": ("xcode", "{a=" * 100_000, "FileFormatError"),
    "xcode: 100,000 lists": ("xcode", f"{{a={'(' * 100_000}", "FileFormatError"),
    "xcode: an endless comment": ("xcode", "{" + "/*" * 1_000_000, "FileFormatError"),
    "xcode: an endless string": ("xcode", '{"' + "a\\" * 1_000_000, "FileFormatError"),
    "xcode: 1,000,000 slashes": ("xcode", "{" + "/ " * 1_000_000, "FileFormatError"),
    "xcode: 8,000 targets in a row": ("xcode", targets(8_000), "edited"),
    "text: 100,000 versions": ("text", "krow-versions " + "0.1.0 " * 100_000, "AmbiguousVersion"),
    "text: a number without end": ("text", "1." * 500_000, "InvalidVersion"),
    "text: nearly a version": ("text", f"krow-versions 0.1.0-{'a' * 1_000_000}é", "VersionNotFound"),
}
# Each of these took minutes or hours once.
HANGS = {
    "TOML: long headers": ("toml", long_headers(2000), "edited", ""),
    "TOML: a million empty lines": ("toml", TOML + "\n" * 1_000_000, "edited", ""),
    "text: 15,000 marked lines": ("text", "0.1.0 krow-versions\n" * 15_000, "edited", ""),
    "text: 100,000 lines like a template": ("text", "a 0.1.0\n" * 100_000, "AmbiguousVersion", "a {version}"),
    "text: 40,000 lines that disagree": (
        "text",
        "0.1.0 krow-versions\n" * 40_000 + "0.1.1 krow-versions",
        "AmbiguousVersion",
        "",
    ),
    "gradle: a long name around many blocks": (
        "gradle",
        f"{'a.' * 100_000}a{{{'x{y}' * 50_000}}}",
        "VersionNotFound",
        "",
    ),
    "gradle: 10,000 flavors": (
        "gradle",
        f"android{{productFlavors{{{FLAVORS}}}}}",
        "edited",
        "",
    ),
    "Cargo.lock: 12,000 packages": (
        "cargo-lock",
        '[[package]]\nname="a"\nversion="0.1.0"\n' * 12_000,
        "edited",
        "a",
    ),
    "text: a template behind a long word": ("text", "a" * 1_000_000, "VersionNotFound", "{version}!"),
}


def outcome(tmp_path: Path, name: str, text: str, key: str = "") -> str:
    file = tmp_path / "bomb"
    file.write_bytes(text.encode())
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, name, str(file), key],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout) < 1000
    return done.stdout.split()[0]


@pytest.mark.fault(13, 14, 20, 21, 22, 23)
@pytest.mark.parametrize(("name", "text", "expected"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_or_edited(tmp_path: Path, name: str, text: str, expected: str) -> None:
    """Depth, aliases, digits and length end in an edit or a refusal, not in a crash."""
    assert outcome(tmp_path, name, text) == expected


@pytest.mark.fault(13, 22)
@pytest.mark.parametrize(("name", "text", "expected", "key"), HANGS.values(), ids=HANGS)
def test_a_long_file_takes_no_time(tmp_path: Path, name: str, text: str, expected: str, key: str) -> None:
    """A file under the size limit is read in seconds, whatever is in it."""
    assert outcome(tmp_path, name, text, key) == expected


@pytest.mark.fault(22)
@pytest.mark.parametrize(
    "read",
    [
        "format_named('xcode').build_bound(b'CURRENT_PROJECT_VERSION[' * 40_000)",
        "read_project('MARKETING_VERSION[' * 50_000)",
        "read_project('MARKETING_VERSION = 1;\\n' * 40_000)",
        "gradle_values('versionCode 1\\n' * 70_000)",
        'gradle_values("\'\\\\" * 500_000)',
        "list(format_named('package-json').packaging.pins({'dependencies': {'a': ' ' * 100_000 + 'x'}}))",
    ],
)
def test_a_long_text_is_searched_in_no_time(read: str) -> None:
    """The readers that edit nothing are as quick, whatever is repeated."""
    program = (
        "from krow_versions.formats import format_named\n"
        "from krow_versions.formats.literals import gradle_values\n"
        "from krow_versions.formats.xcode_project import read_project\n" + read
    )
    subprocess.run([sys.executable, "-c", program], timeout=SECONDS, check=True)


@pytest.mark.fault(22)
@pytest.mark.parametrize("text", [long_headers(300), TOML + "\n" * 60_000], ids=["headers", "empty lines"])
def test_a_long_toml_file_takes_few_calls(text: str) -> None:
    """A text that is too long for tomlkit makes at most 25 calls per character.

    With tomlkit it would be 88 for each empty line, and 840 for each character of such headers.
    """
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        set_version(text, "9.9.9", format="toml")
    finally:
        sys.setprofile(None)
    assert calls < 25 * len(text)


@pytest.mark.fault(20)
@pytest.mark.parametrize("depth", [10, 99, 101, 500, 1000, 10_000])
@pytest.mark.parametrize("kind", ["flow", "block", "sequence"])
def test_every_depth_of_yaml_is_edited_or_refused(kind: str, depth: int) -> None:
    """Nesting is counted before it is parsed: what is deep is refused as such, and soon."""
    wide = min(depth, 1000)  # Each level of a block is one blank more: half a megabyte of indentation.
    nested = {
        "flow": f"a: {'[' * depth}{']' * depth}\n",
        "block": "".join(f"{' ' * level}a:\n" for level in range(wide)) + f"{' ' * wide}b\n",
        "sequence": "a:\n" + "- " * depth + "b\n",
    }[kind]
    if depth < 100:
        assert set_version(nested + YAML, "9.9.9", format="pubspec") == nested + YAML.replace(
            "0.1.0", "9.9.9"
        )
        return
    with pytest.raises(FileFormatError) as caught:
        set_version(nested + YAML, "9.9.9", format="pubspec")
    assert caught.value.hint


@pytest.mark.fault(21)
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_every_depth_of_json_is_edited_or_refused(opening: str, closing: str) -> None:
    """Around the interpreter's limit on recursion there is no depth that is our bug."""
    kinds = set()
    for depth in [*range(1, 90, 30), *range(300, 1100)]:
        inner = "1" if closing == "}" else ""
        text = f'{{"version":"0.1.0","a":{opening * depth}{inner}{closing * depth}}}'
        kind: type[KrowVersionsError] | None = None
        try:
            after = set_version(text, "9.9.9", format="package-json")
        except KrowVersionsError as error:
            kind = type(error)
        else:
            assert after == text.replace("0.1.0", "9.9.9")
        kinds.add(kind)
    assert InternalError not in kinds
    assert kinds == {None, FileFormatError}
