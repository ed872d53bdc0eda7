"""Gradle's build scripts: which literals are versions, which values are derived, and what is refused."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions import Version
from krow_versions.errors import (
    AmbiguousVersion,
    FileFormatError,
    InvalidVersion,
    KrowVersionsError,
    Unsupported,
    UsageError,
    VersionNotFound,
)
from krow_versions.formats import find_version, format_named, highest_build, read_version, set_version
from support.commands import run
from support.gradle import Script, android_scripts
from support.hang import SECONDS

if TYPE_CHECKING:
    from support.repositories import Repo

GRADLE = format_named("gradle")
cores = st.builds(Version, *[st.integers(0, 999)] * 3)
builds = st.integers(0, 2_100_000_000)


def app(inside: str) -> str:
    """A script of an Android app."""
    return f"android {{\n{inside}\n}}\n"


def default(inside: str) -> str:
    """A script of an Android app with one line in its `defaultConfig`."""
    return app(f"    defaultConfig {{\n        {inside}\n    }}")


@given(android_scripts(), cores, cores, builds, builds)
def test_every_place_is_found_and_only_that_changes(
    script: Script, old: Version, new: Version, old_build: int, new_build: int
) -> None:
    """What is in comments, strings and other blocks is none; all places of the app change, and only they."""
    before = script.holding(str(old), str(old_build))
    found = find_version(before, GRADLE)
    assert {place.name for place in found.places} == set(script.keys)
    has_build = any(key.endswith("versionCode") for key in script.keys)
    assert found.held == old.with_build(old_build if has_build else None)
    after = set_version(before, new.with_build(new_build if has_build else None), format="gradle")
    assert after.encode() == script.holding(str(new), str(new_build)).encode()
    assert set_version(after, found.version or "", format="gradle") == before


@given(android_scripts(), cores, builds)
def test_the_bound_of_the_build_is_one(script: Script, version: Version, build: int) -> None:
    """What is read from the bytes without parsing is never lower than the build."""
    text = script.holding(str(version), str(build))
    assert GRADLE.build_bound(text.encode()) >= (highest_build(text, GRADLE) or -1)


@pytest.mark.parametrize(
    "code",
    [
        "versionCode /* a */ 42",
        "versionCode = // 7\n 42",
        "versionCode = /* 1 */ (42)",
        "setVersionCode(\n42)",
        "versionCode = (\n  // 7\n  42)",
        "versionCode \\\n 42",
        'this["versionCode"] = 42',
        "this['versionCode'] = (42)",
    ],
)
def test_comments_do_not_hide_a_build_from_the_bound(code: str) -> None:
    """The bound holds wherever comments and line ends stand."""
    text = default(code)
    assert find_version(text, GRADLE).held == 42
    assert GRADLE.build_bound(text.encode()) >= 42


def test_a_number_behind_a_dot_is_no_build() -> None:
    """What is no setting in either language is no place."""
    with pytest.raises(VersionNotFound):
        find_version(default("versionCode.42"), GRADLE)


NAME, STAFF = "android.defaultConfig.versionName", "android.productFlavors.staff.versionName"
PLACES = {
    'android { defaultConfig { versionCode 42; versionName "1.4.0" } }': NAME,
    "android.defaultConfig.versionName = '1.4.0'": NAME,
    'android.apply { defaultConfig.versionName = "1.4.0" }': NAME,
    'with(android.defaultConfig) { versionName = "1.4.0" }': NAME,
    'configure<ApplicationExtension> { defaultConfig { versionName = "1.4.0" } }': NAME,
    'extensions.configure<BaseAppModuleExtension>("a") { defaultConfig { versionName = "1.4.0" } }': NAME,
    'extensions.configure("android") { defaultConfig { versionName = "1.4.0" } }': NAME,
    'android { defaultConfig { if (ci) { versionName "1.4.0" } } }': NAME,
    'android { defaultConfig { if (ci) versionName "1.4.0" } }': NAME,
    'android { productFlavors { val staff by creating { versionName = "1.4.0" } } }': STAFF,
    'android { productFlavors { create "staff", { versionName = "1.4.0" } } }': STAFF,
    'android.productFlavors.register("staff") { versionName = "1.4.0" }': STAFF,
    "android { productFlavors { 'staff' { versionName '1.4.0' } } }": STAFF,
    'android { productFlavors { "a.b" { versionName "1.4.0" } } }': STAFF.replace("staff", '"a.b"'),
    "android { buildTypes { release { versionName '1.4.0' } } }": "android.buildTypes.release.versionName",
    'android { defaultConfig { productFlavors { staff { versionName "1.4.0" } } } }': STAFF,
    "group 'a'\nversion '1.4.0'": "version",
    'version = "1.4.0"': "version",
    "project.version('1.4.0')": "version",
    'subprojects { version = "1.4.0" }': "subprojects.version",
    'version = "1.4.0"\nandroid { defaultConfig { versionName = project.version.toString() } }': "version",
    'version = "1.4.0"\nandroid { defaultConfig { versionName "$version" } }': "version",
}


@pytest.mark.parametrize("text", PLACES)
def test_key_paths_are_stable_and_readable(text: str) -> None:
    """A place is named by the blocks around it, in whichever way the script opens them."""
    found = find_version(text, GRADLE)
    assert [place.name for place in found.places if place.kind != "build"] == [PLACES[text]]
    assert set_version(text, "1.4.1", format="gradle") == text.replace("1.4.0", "1.4.1")


@pytest.mark.parametrize(
    "text",
    [
        'versionName = "1.4.0"',
        'def version = "1.4.0"',
        'val version: String = "1.4.0"',
        default('val versionName = "1.4.0"'),
        'ext { versionName = "1.4.0" }',
        'android { defaultConfig { foo { versionName = "1.4.0" } } }',
        'android { defaultConfig { versionName("1.4.0", 1) } }',
        'android { defaultConfig { x.versionName = "1.4.0" } }',
        'android { lintOptions { versionName = "1.4.0" } }',
        'project(":a") { version = "1.4.0" }',
        'fun f() { version = "1.4.0" }',
        'class A { String version = "1.4.0" }',
        'subprojects { configure<KtlintExtension> { version = "1.4.0" } }',
        'subprojects { ktlint { version.set("1.4.0") } }',
        'x(closureOf<A> { version = "1.4.0" })',
        'tasks(apply { version = "1.4.0" })',
        "",
        "\n",
        "// version = '1.4.0'",
    ],
)
def test_what_configures_something_else_is_no_place(text: str) -> None:
    """A literal in another block, in a function or among arguments is not the app's or the project's."""
    with pytest.raises(VersionNotFound) as caught:
        find_version(text, GRADLE)
    assert caught.value.hint


def test_a_version_of_something_else_is_shown() -> None:
    """The error shows the literal that does not count, and the template that reads it."""
    text = 'publishing {\n  publications { x(Maven) {\n    version = "1.4.0"\n  } }\n}\n'
    with pytest.raises(VersionNotFound, match="of something else") as caught:
        find_version(text, GRADLE)
    assert caught.value.line == 3
    assert 'with format = "text" and key = "version = \\"{version}\\""' in (caught.value.hint or "")
    assert set_version(text, "1.4.1", format="text", key='version = "{version}"') == text.replace("0", "1")


DERIVED = {
    "def version = '1.4.0'\n" + default('versionName "$version"'): (
        '"$version", which line 1 sets',
        "key = \"def version = '{version}'\"",
    ),
    default("versionName flutter.versionName"): ("flutter.versionName", "pubspec.yaml"),
    default("versionName = flutterVersionName"): ("flutterVersionName", "pubspec.yaml"),
    "def v = localProperties.getProperty('flutter.versionName')\n" + default("versionName v"): (
        "localProperties.getProperty('flutter.versionName')",
        "pubspec.yaml",
    ),
    'def verName = "1.4.0"\n' + default("versionName verName"): (
        "verName, which line 1 sets",
        'key = "def verName = \\"{version}\\""',
    ),
    "\nval code: Int = 42\nval name = '1.4.0'\n" + default("versionCode = code\n versionName = name"): (
        "versionCode derives from code, which line 2 sets; versionName in line 7 derives from name, which",
        "key = \"val code: Int = {build}\\nval name = '{version}'\"",
    ),
    "ext {\n  appName = '1.4.0'\n}\n" + default("versionName rootProject.ext.appName"): (
        "rootProject.ext.appName, which line 2 sets",
        "key = \"appName = '{version}'\"",
    ),
    "ext.appName = '1.4.0'\n" + default("versionName project.ext.appName"): (
        "which line 1 sets",
        "key = \"ext.appName = '{version}'\"",
    ),
    'extra["appName"] = "1.4.0"\n' + default("versionName = appName as String"): (
        "which line 1 sets",
        'key = "extra[\\"appName\\"] = \\"{version}\\""',
    ),
    default("versionName rootProject.ext.appName"): ("rootProject.ext.appName", "the file that sets appName"),
    default("versionName = VERSION_NAME"): ("VERSION_NAME", "the file that sets VERSION_NAME"),
    default('versionName = property("VERSION_NAME").toString()'): (
        'property("VERSION_NAME")',
        "gradle.properties",
    ),
    default('versionName = providers.gradleProperty("app.version").get()'): (
        "a property",
        "sets app.version",
    ),
    default("versionName = libs.versions.app.name.get()"): ("a version catalog", 'key = "versions.app-name"'),
    default('versionName = System.getenv("V") ?: "1.4.0"'): ("set outside", "a literal"),
    default('versionName "$major.$minor.$patch"'): ("computed", "a literal"),
    default('versionName "1.4.0" + suffix'): ("computed", "a literal"),
    default('versionName = "1.4.0"\n            .trim()'): ("computed", "a literal"),
    default('versionName = if (ci) "1.4.0" else "1.5.0"'): ("computed", "a literal"),
    default('versionName = when (x) { 1 -> "1.4.0"\n else -> "1.5.0" }'): ("computed", "a literal"),
    default("versionCode = 4 * 1000 + 2"): (
        "versionCode derives from 4 * 1000 + 2, which is computed",
        "a literal",
    ),
    default("versionCode -1"): ("no versionName", "by hand"),
    default("versionCode 42.intValue()"): ("computed", "a literal"),
    default('versionName += "1.4.0"'): ("computed", "a literal"),
    "version = project.mod_version": ("project.mod_version", "the file that sets mod_version"),
    "val version: String by project\nval a = version": ("no versionName", "gradle.properties"),
    "val a = b\nval b = a\n" + default("versionName = a"): ("not set in this file", "the file that sets"),
}


@pytest.mark.parametrize("text", DERIVED)
def test_a_derived_version_says_from_where(text: str) -> None:
    """A value that the script takes from elsewhere is no place; the error names the source and a remedy."""
    with pytest.raises(VersionNotFound) as caught:
        find_version(text, GRADLE)
    says, advice = DERIVED[text]
    assert says in caught.value.message
    assert advice in (caught.value.hint or "")


def test_the_advice_for_a_variable_works() -> None:
    """The template that the error names reads and writes the line that sets the variable."""
    text = 'val verName = "1.4.0"\n' + default("versionName = verName")
    assert set_version(text, "1.4.1", format="text", key='val verName = "{version}"') == text.replace(
        "1.4.0", "1.4.1"
    )


def test_a_derived_value_beside_a_literal_is_left() -> None:
    """A literal version is a place, although the build comes from elsewhere; and the other way round."""
    text = default('versionName "1.4.0"\n        versionCode gitCount()')
    assert set_version(text, "1.4.1", format="gradle") == text.replace("1.4.0", "1.4.1")
    text = default("versionName flutter.versionName\n        versionCode 42")
    assert find_version(text, GRADLE).held == 42


FLAVORS = """android {
  defaultConfig {
    versionCode 7
    versionName "1.0.0"
  }
  productFlavors {
    staff {
      versionName "1.4.0"
    }
    worker {
      versionCode 42
      versionName "1.5.0"
    }
    free { }
  }
}
"""


def test_flavors_that_differ_are_named_with_their_lines() -> None:
    """Several literals of one file are a disagreement, which names every line and how to choose."""
    with pytest.raises(AmbiguousVersion) as caught:
        find_version(FLAVORS, GRADLE)
    for line, name in ((4, "defaultConfig"), (8, "productFlavors.staff"), (12, "productFlavors.worker")):
        assert f"line {line} (android.{name}.versionName)" in caught.value.message
    assert 'key = "android.productFlavors.staff"' in (caught.value.hint or "")
    assert highest_build(FLAVORS, GRADLE) == 42


def test_a_variant_without_a_version_can_be_left() -> None:
    """Where a literal of one variant is no version, the error says how to choose another."""
    text = FLAVORS.replace("1.5.0", "20220322")
    with pytest.raises(InvalidVersion, match="20220322") as caught:
        find_version(text, GRADLE)
    assert (caught.value.hint or "").endswith('or choose one with key = "android.defaultConfig"')
    assert str(read_version(text, format="gradle", key="android.defaultConfig")) == "1.0.0+7"


@pytest.mark.parametrize(
    ("key", "held"),
    [
        ("android.productFlavors.staff", "1.4.0+7"),
        ("android.productFlavors.worker", "1.5.0+42"),
        ("android.productFlavors.worker.versionName", "1.5.0"),
        ("android.defaultConfig", "1.0.0+7"),
        ("android.defaultConfig.versionName", "1.0.0"),
    ],
)
def test_a_key_chooses_a_variant(key: str, held: str) -> None:
    """A flavor has what it does not set itself from `defaultConfig`, as the app that is built of it."""
    assert str(read_version(FLAVORS, format="gradle", key=key)) == held
    after = set_version(FLAVORS, "3.0.0+99" if "+" in held else "3.0.0", format="gradle", key=key)
    assert str(read_version(after, format="gradle", key=key)).startswith("3.0.0")
    assert len(after.split("\n")) == len(FLAVORS.split("\n"))


@pytest.mark.parametrize("key", ["android.productFlavors.free", "android.productFlavors.none", "android.x"])
def test_a_key_without_a_version_is_refused(key: str) -> None:
    """A flavor that sets nothing has no version of its own; the places that exist are named."""
    with pytest.raises(VersionNotFound, match=r"android\.defaultConfig\.versionCode"):
        read_version(FLAVORS, format="gradle", key=key)


@pytest.mark.parametrize("key", ["versionName", "dependencies.version", "", "a..b"])
def test_a_key_that_is_no_place_is_a_mistake(key: str) -> None:
    """Key paths start at `android`, `version`, `allprojects` or `subprojects`."""
    with pytest.raises(UsageError):
        format_named("gradle", key)


def test_two_branches_are_two_places() -> None:
    """What is set twice must agree, for which of both counts is known only when the script runs."""
    text = default('if (a) { versionName "1.4.0" } else { versionName "1.4.0" }')
    assert [place.name for place in find_version(text, GRADLE).places] == [
        "android.defaultConfig.versionName[0]",
        "android.defaultConfig.versionName[1]",
    ]
    assert set_version(text, "1.4.1", format="gradle") == text.replace("1.4.0", "1.4.1")
    with pytest.raises(AmbiguousVersion):
        find_version(text.replace("1.4.0", "1.5.0", 1), GRADLE)


@pytest.mark.parametrize(
    ("line", "kind", "says", "advice"),
    [
        ("versionCode 042", Unsupported, "an octal number: 042", "such as 34"),
        ("versionCode = 0x2A", Unsupported, "a hexadecimal number: 0x2A", "such as 42"),
        ("versionCode = 0b101010", Unsupported, "a binary number: 0b101010", "such as 42"),
        ("versionCode = 1_000", Unsupported, "a number with underscores: 1_000", "such as 1000"),
        ("versionCode 42L", Unsupported, "a number with a suffix: 42L", "such as 42"),
        ("versionCode 098", Unsupported, "a number with leading zeros: 098", "plain digits"),
        ("versionCode 4.2", Unsupported, "no whole number", "plain digits"),
        ('versionCode "42"', Unsupported, 'the string "42"', "without quotes"),
        ("versionName 1.4", InvalidVersion, "the number 1.4", "quotes"),
        ("versionName 1.4.0", InvalidVersion, "the number 1.4.0", "quotes"),
        ('versionName "1.4"', InvalidVersion, "'1.4' is not a version", "1.4.0"),
        ('versionName "v1.4.0"', InvalidVersion, "not a version", "1.4.0"),
        ('versionName ""', VersionNotFound, "empty", "write"),
        ('versionName "1.4\\u002e0"', Unsupported, "escapes", "without"),
    ],
)
def test_a_literal_that_cannot_be_raised_is_refused_as_what_it_is(
    line: str, kind: type[KrowVersionsError], says: str, advice: str
) -> None:
    """The error names the spelling and the line, and shows how to write it."""
    with pytest.raises(kind) as caught:
        find_version(default(line), GRADLE)
    assert says in caught.value.message
    assert advice in (caught.value.hint or "")
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('version = "1.4.0"\na {', 2),
        ('version = "1.4.0"\n}', 2),
        ('version = "1.4.0"\na(]', 2),
        ('version = "1.4.0"\nb = "', 2),
        ('version = "1.4.0"\nb = """', 2),
        ('version = "1.4.0"\n/* ', 2),
        ('version = "1.4.0"\nb = "${"', 2),
        ('version = "1.4.0\n"', 1),
        ("<<<<<<< a\nversion = '1.4.0'", 1),
        ('version = "1.4.0"\n' + "{" * 101 + "}" * 101, 2),
        ('version = "1.4.0"\nb = ' + '"${' * 101 + '}"' * 101, 2),
    ],
)
def test_a_broken_script_is_refused_at_its_line(text: str, line: int) -> None:
    """What neither Groovy nor Kotlin can be is not guessed at."""
    with pytest.raises(FileFormatError) as caught:
        find_version(text, GRADLE)
    assert caught.value.line == line
    assert caught.value.hint


def test_a_script_that_both_languages_read_differently_is_refused() -> None:
    """Comments nest in Kotlin, and not in Groovy: where that decides the version, nobody guesses."""
    text = '/* /* */\nversion = "1.4.0"\n// */ */\nversion = "1.5.0"\n'
    with pytest.raises(Unsupported, match="Groovy or Kotlin"):
        find_version(text, GRADLE)
    assert str(read_version('version = "1.4.0"\n/* /* */ */\n', format="gradle")) == "1.4.0"
    assert str(read_version("version = '1.4.0'\n/* src/**/*.kt */\n", format="gradle")) == "1.4.0"


def test_a_full_version_name_keeps_its_build_in_step() -> None:
    """A `versionName` may have the build, too; both places get the new one."""
    text = default('versionName "1.4.0+42"\n        versionCode 42')
    assert set_version(text, "1.4.1+43", format="gradle") == text.replace("1.4.0", "1.4.1").replace(
        "42", "43"
    )


def test_a_bump_raises_the_build_above_every_tag(repo: Repo) -> None:
    """C1: `versionName` and `versionCode` are raised together, above the build that any stage has shipped."""
    repo.write("app/build.gradle", default("versionCode 42\n        versionName '1.4.0'"))
    repo.write("krow-versions.toml", '[products.app]\nslug = "app"\nfiles = ["app/build.gradle"]\n')
    repo.commit()
    repo.tag("app/prod-v1.4.0")
    repo.write("app/build.gradle", default("versionCode 50\n        versionName '1.5.0'"))
    repo.commit()
    repo.tag("app/dev-v1.5.0")
    repo.git("checkout", "-q", "-b", "hotfix/app-v1.4.1", "app/prod-v1.4.0")
    command = ("bump-patch", "app", "--no-changelog")
    assert run(*command, cwd=repo.path).out == "app/build.gradle: 1.4.0+42 -> 1.4.1+51\n"
    assert (repo.path / "app/build.gradle").read_text() == default(
        "versionCode 51\n        versionName '1.4.1'"
    )
    assert run(*command, cwd=repo.path).out == "app/build.gradle: already 1.4.1+51\n"


def must_explain(error: KrowVersionsError) -> None:
    """A refusal has words, and says what to do."""
    assert error.message
    assert error.hint


WORDS = (
    "android defaultConfig versionName versionCode version 1.4.0 42 if create productFlavors é "
    '" \' """ \'\'\' ` $ ${ / // /* */ \\ { } ( ) [ ] < > , ; = -> . $/ /$ : "1.4.0"'
)
PIECES = ["\n", "\r", " ", *re.findall(r"\S+", WORDS)]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), cores)
@example('android{defaultConfig{versionName"1.4.0"}}', Version(2, 0, 0))
def test_any_text_is_edited_exactly_or_refused(text: str, new: Version) -> None:
    """Whatever a text looks like, the answer is an error with a reason, or an edit of its places alone."""
    try:
        found = find_version(text, GRADLE)
    except KrowVersionsError as error:
        must_explain(error)
        return
    if isinstance(found.held, Version):
        after = set_version(text, new, format="gradle")
        assert str(new) in after
        assert set_version(after, found.held, format="gradle") == text


# Pieces that make few tokens, and many: a mebibyte of the first is read as fast as less of the second.
FEW = [
    *re.findall(r"\S+", '" \' / $ /* */ "${ ersionCode( 0 _ libs.versions.a.'),
    "\n",
    "versionCode ",
]
MANY = [
    *re.findall(r"\S+", "\\/ ${ ` ( [ {} { a{ a. a< if(x) x=1; version= $/ x:"),
    "= /",
    "a b ",
    "else ",
    "versionCode ",
]
_PROGRAM = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
from krow_versions.errors import KrowVersionsError
from krow_versions.formats import find_version, format_named
chosen = format_named(sys.argv[1])
for size, *pieces in json.loads(sys.argv[2]):
  for piece in pieces:
    text = "version = " + piece * (size // len(piece))
    chosen.build_bound(text.encode())
    try:
        find_version(text, chosen)
    except KrowVersionsError as error:
        assert len(str(error)) < 2000
"""


@pytest.mark.fault(13, 22)
def test_a_long_text_of_anything_is_read_in_seconds() -> None:
    """Time grows with the length: what grows with its square would take hours here."""
    pieces = json.dumps([[1_000_000, *FEW], [100_000, *MANY]])
    command = [sys.executable, "-c", _PROGRAM, "gradle", pieces]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, "")


LEFT_BEHIND = """\
def code = 42
android {
    defaultConfig {
        versionCode %s
        versionName "1.4.0"
    }
}
"""


@pytest.mark.parametrize("code", ["code", "40 + 2", "flutterVersionCode.toInteger()"])
def test_a_build_that_is_left_behind_is_said(repo: Repo, code: str) -> None:
    """A literal version beside a derived build rises alone, and nobody may miss that."""
    repo.write("app/build.gradle", LEFT_BEHIND % code)
    repo.write("krow-versions.toml", '[products.app]\nslug = "app"\nfiles = ["app/build.gradle"]\n')
    repo.commit()
    repo.tag("app/prod-v1.4.0")
    for command in ("bump-patch", "show"):
        result = run(
            command, "app", *(["--no-changelog", "-n"] if command == "bump-patch" else []), cwd=repo.path
        )
        assert result.code == 0
        assert "app/build.gradle:4: this build is not raised: versionCode derives from" in result.err


def test_the_lines_are_read_as_advised(repo: Repo) -> None:
    """With the templates that the warning gives, both rise together, and nothing is said any more."""
    product = '[products.app]\nslug = "app"\nfiles = [%s]\n'
    repo.write("app/build.gradle", LEFT_BEHIND % "code")
    repo.write("krow-versions.toml", product % '"app/build.gradle"')
    repo.commit()
    repo.tag("app/prod-v1.4.0")
    said = run("bump-patch", "app", "--no-changelog", "-n", cwd=repo.path).err
    advised = re.search('format = "text" and key = (".*")', said)
    assert advised
    file = f'{{ path = "app/build.gradle", format = "text", key = {advised[1]} }}'
    repo.write("krow-versions.toml", product % file)
    result = run("bump-patch", "app", "--no-changelog", cwd=repo.path)
    assert (result.code, "is not raised" in result.err) == (0, False)
    text = (repo.path / "app/build.gradle").read_text(encoding="utf-8")
    assert text == (LEFT_BEHIND % "code").replace("42", "43").replace("1.4.0", "1.4.1")
