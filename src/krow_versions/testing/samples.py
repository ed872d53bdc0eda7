"""Samples of version files with known places of their version, in every built-in format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from krow_versions.testing.sample import Sample, filled
from krow_versions.testing.texts import (
    BLANKS,
    JSON_MEMBERS,
    LF,
    PLIST_ENTRIES,
    TEXT_LINES,
    TOML_ENTRIES,
    TOML_LAST,
    TOML_SECTIONS,
    XCODE_SETTINGS,
    YAML_ENTRIES,
    one,
    some,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy


# --- documents ------------------------------------------------------------------------------


def pubspecs(texts: SearchStrategy[str] | None = None) -> SearchStrategy[Sample]:
    """Draw ``pubspec.yaml`` documents; *texts* are the versions in them."""
    return _yamls("pubspec", texts)


def charts(texts: SearchStrategy[str] | None = None) -> SearchStrategy[Sample]:
    """Draw Helm ``Chart.yaml`` documents; *texts* are the versions in them."""
    return _yamls("chart", texts)


@st.composite
def _yamls(draw: DrawFn, name: str, texts: SearchStrategy[str] | None) -> Sample:
    key = draw(one(["version", "version", "'version'", '"version"', '"\\u0076ersion"']))
    quote = draw(one(["", "", "'", '"']))
    value = f"{quote}\0{quote}"
    if draw(st.integers(0, 4)) == 0:
        members = [member for member in draw(some(JSON_MEMBERS)) if "twice" not in member]
        lines = [_json_object(draw, members, f"{key}: {value}")]
    else:
        colon = draw(one([": ", ":   ", " : ", ":\t", ": \t "]))
        end = draw(one(["", "", " ", " # keep @V@", "\t# version: @V@"]))
        line = f"? {key}\n: {value}{end}" if draw(st.integers(0, 9)) == 0 else f"{key}{colon}{value}{end}"
        lines = draw(st.permutations([*draw(some(YAML_ENTRIES)), line]))
    start = draw(one([[], [], ["---"], ["%YAML 1.2", "---"], ["# version: @V@", "", "---"]]))
    stop = draw(one([[], [], ["..."]]))
    return filled(draw, name, "\n".join([*start, *lines, *stop, ""]), texts, (*LF, "\r"))


@st.composite
def package_jsons(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``package.json`` documents; *texts* are the versions in them."""
    body = _json_object(draw, draw(some(JSON_MEMBERS)), _member(draw))
    return _json_sample(draw, "package-json", body, texts)


@st.composite
def app_jsons(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw Expo ``app.json`` documents, with and without their ``expo`` object."""
    members = draw(some(JSON_MEMBERS))
    body = _json_object(draw, members, _member(draw))
    if draw(st.booleans()):
        body = _json_object(draw, [*draw(some(JSON_MEMBERS)), '"version": "@V@"'], f'"expo": {body}')
    return _json_sample(draw, "expo", body, texts)


@st.composite
def package_locks(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``package-lock.json`` documents of lockfileVersion 1, 2 and 3."""
    members = [*draw(some(JSON_MEMBERS)), '"lockfileVersion": 3']
    if draw(st.booleans()):
        root = '"": ' + _json_object(draw, draw(some(JSON_MEMBERS)), _member(draw))
        others = ['"node_modules/left": {"version": "@V@"}', '"packages/web": {"version": "@V@"}']
        members.append(f'"packages": {_json_object(draw, others, root)}')
    return _json_sample(draw, "package-lock", _json_object(draw, members, _member(draw)), texts)


@st.composite
def pyprojects(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``pyproject.toml`` documents: PEP 621, Poetry, or both with the same version."""
    tables = draw(one([["project"], ["tool.poetry"], ["project", "tool.poetry"]]))
    return _toml_sample(draw, "pyproject", tables, texts)


@st.composite
def cargo_manifests(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``Cargo.toml`` documents: a package, or a workspace that its members inherit from."""
    tables = draw(one([["package"], ["workspace.package"], ["package", "workspace.package"]]))
    return _toml_sample(draw, "cargo", tables, texts)


@st.composite
def text_files(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``VERSION`` files, and sources with one line marked ``krow-versions``."""
    if draw(st.booleans()):
        return filled(draw, "text", draw(one(BLANKS)) + "\0" + draw(one(BLANKS)), texts)
    marked = ['__version__ = "\0"  # krow-versions', "// krow-versions: \0", "\tv = '\0'; /*krow-versions*/"]
    lines = draw(st.permutations([*draw(some(TEXT_LINES)), draw(one(marked))]))
    return filled(draw, "text", "\n".join([*lines, ""]), texts)


@st.composite
def plists(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``Info.plist`` documents: XML, with the version in one or in both of its keys."""
    entries = draw(some(PLIST_ENTRIES))
    keys = ["CFBundleShortVersionString"]
    if not any(entry.startswith("<key>CFBundleVersion<") for entry in entries):
        keys += draw(one([[], ["CFBundleVersion"]]))
    entries += [f"<key>{key}</key>{draw(one(BLANKS))}<string>\0</string>" for key in keys]
    body = "\n".join(["<dict>", *draw(st.permutations(entries)), "</dict>"])
    start = draw(one(["", '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist>\n', "<!-- @V@ é -->\n"]))
    return filled(draw, "plist", f'{start}<plist version="1.0">\n{body}\n</plist>\n', texts)


@st.composite
def xcode_projects(draw: DrawFn, texts: SearchStrategy[str] | None = None) -> Sample:
    """Draw ``project.pbxproj`` documents, with the version in the configurations of an app."""

    def configuration(key: str, name: str, setting: str) -> str:
        lines = "\n".join(draw(st.permutations([*draw(some(XCODE_SETTINGS)), setting])))
        shown = draw(one(["", f" /* {name} */"]))
        settings = f"buildSettings = {{\n{lines}\n}}"
        return f"{key}{shown} = {{isa = XCBuildConfiguration; {settings}; name = {name}; }};"

    def target(key: str, name: str, kind: str) -> str:
        kind = f"com.apple.product-type.{kind}"
        return (
            f'T{key} = {{isa = PBXNativeTarget; name = {name}; productType = "{kind}"; '
            f"buildConfigurationList = L{key}; }};"
        )

    quote = draw(one(['"', '"', "'"]))
    version = f"MARKETING_VERSION{draw(one([' = ', '=', ' /* @V@ */ = ']))}{quote}\0{quote};"
    inherited = draw(st.booleans())
    objects = [
        "P0 = {isa = PBXProject; buildConfigurationList = L0; targets = (T1, T2, ); };",
        "L0 = {isa = XCConfigurationList; buildConfigurations = (C0 /* é */, ); };",
        configuration("C0", "Release", version if inherited else ""),
        target("1", "App", "application"),
        "L1 = {isa = XCConfigurationList; buildConfigurations = (C1, C2); };",
        configuration("C1", "Debug", version),
        configuration("C2", "Release", 'MARKETING_VERSION = "$(inherited)";' if inherited else version),
        target("2", '"App Tests"', "bundle.unit-test"),
        "L2 = {isa = XCConfigurationList; buildConfigurations = (C3); };",
        configuration("C3", "Release", "MARKETING_VERSION = 1.0;"),
        'F1 = {isa = PBXFileReference; path = "MARKETING_VERSION = @V@;"; };',
    ]
    body = "\n".join(draw(st.permutations(objects)))
    text = f"// !$*UTF8*$!\n{{\n\tobjects = {{\n{body}\n}};\n\trootObject = P0;\n}}\n"
    return filled(draw, "xcode", text, texts)


def version_files(texts: SearchStrategy[str] | None = None) -> SearchStrategy[Sample]:
    """Draw version files of every built-in format."""
    yamls, tomls = pubspecs(texts) | charts(texts), pyprojects(texts) | cargo_manifests(texts)
    jsons, apples = package_jsons(texts) | app_jsons(texts) | package_locks(texts), plists(texts)
    return yamls | jsons | tomls | apples | xcode_projects(texts) | text_files(texts)


def _member(draw: DrawFn) -> str:
    key = draw(one(['"version"', '"version"', '"\\u0076ersion"']))
    colon = draw(one([": ", ":", " : ", ":\n\t\t"]))
    return f'{key}{colon}"\0"'


def _json_object(draw: DrawFn, members: Sequence[str], member: str) -> str:
    """Write an object on one or several lines, with *member* anywhere in it."""
    gap = draw(one(["", " ", "\n  ", "\n\t", "\n", "\n    "]))
    comma = draw(one([",", ",", " ,"]))
    body = f"{comma}{gap}".join(draw(st.permutations([*members, member])))
    return f"{{{gap}{body}{gap.rstrip(' ')}}}"


def _json_sample(draw: DrawFn, name: str, body: str, texts: SearchStrategy[str] | None) -> Sample:
    start, stop = draw(one(BLANKS)), draw(one(BLANKS))
    return filled(draw, name, f"{start}{body}{stop}", texts, (*LF, "\r"))


def _toml_sample(draw: DrawFn, name: str, tables: Sequence[str], texts: SearchStrategy[str] | None) -> Sample:
    top = [entry for entry in draw(some(TOML_ENTRIES)) if draw(st.booleans())]
    sections = list(draw(some(TOML_SECTIONS)))
    for table in tables:
        key = draw(one(["version", "version", '"version"', "'version'", '"v\\u0065rsion"']))
        equals = draw(one([" = ", "=", "   =   ", "\t=\t"]))
        quotes = draw(one(['"', '"', "'", '"""', "'''"]))
        pair = f"{key}{equals}{quotes}\0{quotes}"
        shape = draw(one(["header", "header", "header", "dotted", "inline"]))
        if shape == "header":
            parts = table.split(".")
            header = draw(one([table, f" {table}\t", ".".join(f'"{part}"' for part in parts)]))
            line = draw(one(["", "  ", "\t"])) + pair + draw(one(["", " ", " # keep @V@"]))
            lines = draw(st.permutations([*draw(some(TOML_ENTRIES)), line]))
            sections.append("\n".join([f"[{header}]", *lines]))
            if draw(st.booleans()):
                sections.append(f'[{table}.urls]\nversion = "@V@"')
        elif shape == "dotted":
            top += [f"{table}.{pair}", f'{table}.other = "@V@"']
        else:
            top.append(f'{table} = {{ other = "@V@", {pair} }}')
    if any(section.startswith("[tool]") for section in sections) and any("tool" in line for line in top):
        sections = [section for section in sections if not section.startswith("[tool]")]
    last = draw(one(TOML_LAST))
    template = "\n".join([*draw(st.permutations(top)), *draw(st.permutations(sections)), last])
    return filled(draw, name, template, texts)
