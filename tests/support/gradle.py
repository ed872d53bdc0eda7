"""Build scripts and properties of Gradle with known places of versions and builds, made piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from hypothesis import strategies as st

from krow_versions.testing import Sample, version_texts

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

# Pieces of scripts in which what looks like a version is none. "@" stands for one.
_BOTH = (
    "",
    "// versionName \"@\" versionCode 9 version = '@' {{ ( [",
    '/* versionName = "@"\n versionCode = 9 " \' ` }} */',
    '/** @see version "@" **/',
    'apply(plugin = "x")',
    'val text = "versionName = \\"@\\" {{ \\\\"',
    'def text = """\n versionName "@"\n } " "" \n"""',
    'println("a ${ if (x) { "b ${ c["}"] } }" } else { "{" } } $versionName {")',
    'buildscript {\n  val kotlinVersion = "@"\n  dependencies { classpath("a:b:@") }\n}',
    'plugins {\n  id("com.android.application") version "@" apply false\n}',
    'android.compileSdk = 35; android { ndkVersion = "@" }',
    'android {\n  defaultConfig {\n    versionNameSuffix = "-@"\n    minSdk = 21\n  }\n}',
    'android { buildTypes { getByName("debug") { versionNameSuffix = "-@" } } }',
    'configure(listOf(a, b)) { version = "@" }\nproject(":app") { version = "@" }',
    'publishing { publications { create<MavenPublication>("maven") { version = "@" } } }',
    'tasks.register("bump") { doLast { versionName("@", 1); version("@", "b") } }',
    'call(versionName = "@", versionCode = 9, version = "@")',
    'if (versionName == "@" && version != "@" || versionCode > 9) println("@")',
    'fun versionName(version: String = "@"): String { return version }',
    'val map = mapOf("version" to "@"); other.version = "@"',
)
_GROOVY = (
    "ext.kotlin_version = '@'; x = [version: '@', versionName: \"@\"]; y = a / b / c",
    "/* a /* b */",
    'def match = (name =~ /versionName "@" [{"\'] \\/ /)',
    "rename /it's @/, 'b'",
    'def d = $/versionName "@" $$ $/ / {{ \' /$',
    "def t = '''\n versionName '@' \\''' {{\n'''",
    "def s = 'versionName \"@\" \\' {{'",
    "println 'a' + \"${ ['}': \"{\"]['}'] }\"",
    "id 'com.x' version '@' apply false",
)
_KOTLIN = (
    '/* a /* versionName = "@" */ " { */',
    "val quote = '\"'; val apostrophe = '\\''; val brace = '{'",
    'val raw = """C:\\"""; val more = """a "quoted""""',
    "val `fun name {` = 1",
    'val json = $$"""{ "a": $${ "}" } ${ { """',
    '@file:Suppress("UnstableApiUsage")',
)


@attrs.frozen
class Script:
    """A build script whose text has ``\\0`` for each version and ``\\1`` for each build."""

    text: str
    keys: tuple[str, ...]

    def holding(self, version: str, build: str) -> str:
        """Return the script with a version and a build in all places."""
        return self.text.replace("\0", version).replace("\1", build)


@st.composite
def android_scripts(draw: DrawFn) -> Script:
    """Draw scripts of Android apps in Groovy or Kotlin, with versions in one to three places."""
    groovy = draw(st.booleans())
    named = {"defaultConfig": "defaultConfig {"}
    for flavor in draw(st.sets(st.sampled_from(["staff", "worker", "free"]), max_size=2)):
        opening = f"{flavor} {{" if groovy else f'create("{flavor}") {{'
        named[f"productFlavors.{flavor}"] = f"productFlavors {{ {opening}"
    if draw(st.booleans()) and len(named) > 1:
        del named["defaultConfig"]
    blocks, keys = [], []
    for name, opening in sorted(named.items()):
        wanted = draw(
            st.permutations(draw(st.sampled_from([["versionName"], ["versionName", "versionCode"]])))
        )
        lines = [_setting(draw, prop, groovy) for prop in wanted]
        noise = draw(
            st.sampled_from(["", '// versionName "9.9.9"', "minSdk = 21", 'versionNameSuffix = "-9.9.9"'])
        )
        lines.insert(draw(st.integers(0, len(lines))), noise)
        gap = draw(st.sampled_from(["\n        ", "\n", "\n\t\t"]))
        blocks.append(f"{opening}{gap}{gap.join(lines)}\n{'}' * opening.count('{')}")
        keys += [f"android.{name}.{prop}" for prop in wanted]
    inside = "\n".join(blocks)
    body = draw(
        st.sampled_from([f"android {{\n{inside}\n}}", f"afterEvaluate {{ android {{\n{inside} }} }}"])
    )
    if len(blocks) == 1:
        body = draw(st.sampled_from([body, f"android.{inside}"]))
    return Script(_around(draw, body, groovy), tuple(keys))


@st.composite
def gradle_projects(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw scripts of projects with a version of their own."""
    groovy = draw(st.booleans())
    written = draw(texts or version_texts())
    line = _setting(draw, "version", groovy)
    line = draw(st.sampled_from([line, line, f"allprojects {{\n  {line}\n}}"]))
    text = _around(draw, line, groovy)
    return Sample(tuple(text.split("\0")), written, "gradle")


@st.composite
def gradle_properties(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``gradle.properties`` with one version among other properties."""
    key = draw(st.sampled_from(["VERSION_NAME", "version", "versionName", "appVersionName", "mod_version"]))
    separator = draw(st.sampled_from(["=", " = ", ":", ": ", " ", "\t=\t"]))
    lines = draw(
        st.permutations([*draw(st.lists(st.sampled_from(_PROPERTIES), max_size=4)), f"{key}{separator}\0"])
    )
    written = draw(texts or version_texts())
    return Sample(tuple(_in_file(draw, "\n".join([*lines, ""])).split("\0")), written, "gradle-properties")


_PROPERTIES = (
    "",
    "# VERSION_NAME=9.9.9",
    "! version: 9.9.9",
    "org.gradle.jvmargs=-Xmx4g -Dversion=9.9.9",
    "kotlin_version=9.9.9",
    "path=C\\:\\\\a\\\n   version=9.9.9",
    "a.very.long=one, \\\n    versionName = 9.9.9 \\\n    two",
    "empty=",
    "alone",
    "key\\ with\\=escapes : 9.9.9",
    "unicode=\u00e9 \u2028 version=9.9.9",
)


def _setting(draw: DrawFn, prop: str, groovy: bool) -> str:
    number = prop == "versionCode"
    quote = "" if number else draw(st.sampled_from(['"', "'", '"""', "'''"] if groovy else ['"', '"""']))
    value = f"{quote}{chr(number)}{quote}"
    forms = [f"{prop} = {value}", f"{prop}={value}", f"{prop} =\n      {value}"]
    if groovy:
        forms += [f"{prop} {value}", f"{prop}({value})", f"{prop} /* 9.9.9 */ {value}"]
    if prop != "version":
        forms += [f"set{prop[0].upper()}{prop[1:]}({value})", f"this.{prop} = ({value})"]
    else:
        forms += [f"project.version = {value}"]
    end = draw(st.sampled_from(["", "", " // 9.9.9", ";", ' /* versionName "9.9.9" */']))
    return draw(st.sampled_from(forms)) + end


def _around(draw: DrawFn, body: str, groovy: bool) -> str:
    pool = st.sampled_from([*_BOTH, *(_GROOVY if groovy else _KOTLIN)])
    before, after = (draw(st.lists(pool, max_size=3)) for _ in range(2))
    text = "\n".join([*before, body, *after, ""])
    start = draw(st.sampled_from(["", "", "#!/usr/bin/env gradle '{\n"])) if groovy else ""
    return _in_file(draw, start + text.replace("{{", "{").replace("@", "9.9.9"))


def _in_file(draw: DrawFn, text: str) -> str:
    text = text.removesuffix("\n") if draw(st.booleans()) else text
    return draw(st.sampled_from(["", "", "\ufeff"])) + text.replace(
        "\n", draw(st.sampled_from(["\n", "\n", "\r\n"]))
    )
