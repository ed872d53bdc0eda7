"""The configuration: what it means, and what is wrong with it, with file, line and key path."""

from __future__ import annotations

import copy
import datetime as dt
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.catalog import KROW, Catalog, Product, VersionFile, split_place
from krow_versions.codes import CODES
from krow_versions.config import Audit, Config, ConfigError, ConfigErrors, Ignore, load, render
from krow_versions.config.kinds import ARGUMENT, CHANGELOG, NAME_PATTERN, PATH, PLACE, SLUG
from krow_versions.config.places import places, written
from krow_versions.errors import KrowVersionsError, SeveralErrors, UsageError
from krow_versions.files.paths import safe_parts
from krow_versions.names import NamePattern, is_slug
from krow_versions.text.escaping import printable
from krow_versions.text.words import as_compared
from krow_versions.version import Version
from test_config_strategies import ALL, configs, files_of, good_files

if TYPE_CHECKING:
    from krow_versions.config.places import KeyPlace

FILE = "krow-versions.toml"
# The example of the design, with every key there is.
EXAMPLE = """\
[repos]
mobile  = "krow-mobile"
web     = "krow-web"
backend = "krow-backend"

[products.worker-mobile]
title     = "Worker Mobile"
aliases   = ["staff-mobile"]
slug      = "krow-withus-worker-mobile"
repo      = "mobile"
files     = ["apps/mobile/apps/staff/pubspec.yaml", "web:apps/web/package.json",
             { path = "VERSION", format = "text", repo = "backend" },
             { path = "build.gradle", format = "text", key = 'versionName "{version}"' }]
changelog = "apps/mobile/apps/staff/CHANGELOG.md#Worker Mobile"
deploy    = ["./scripts/deploy-mobile-production.sh", "{tag}"]
max_build = 999

[products.shop]
repo  = "web"
files = ["shop/package.json"]

[tags]
production = "{slug}/prod-v{version}"
staging = "{slug}/stage-v{version}"
development = "{slug}/dev-v{version}"

[hotfix]
branch   = "hotfix/{slug}-v{version}"
main     = "trunk"
remote   = "upstream"
label    = "URGENT"
contacts = { "Release Engineer" = "call", "Product Owner" = "write" }
channel  = "#emergency-releases"
max_lines = 120
also     = ["docs/**", ".github/**"]

[audit]
stale_days = 7

[audit.severity]
KV205 = "note"
KV305 = "error"

[[audit.ignore]]
code    = "KV205"
reason  = "made before we annotated tags"
until   = 2026-12-31
product = "shop"
about   = "shop/prod-v1.0.0"

[[audit.ignore]]
code   = "KV401"
reason = "no CHANGELOG yet"
until  = 2027-01-31
"""


def told(text: str, **options: Any) -> list[tuple[str | None, int | None, str]]:
    """Key path, line and message of each mistake, in order."""
    with pytest.raises(ConfigError) as caught:
        load(text, path=FILE, **options)
    errors = caught.value.errors if isinstance(caught.value, SeveralErrors) else (caught.value,)
    assert all(isinstance(error, ConfigError) and error.path == FILE for error in errors)
    return [(error.key, error.line, error.message) for error in errors]


def test_every_key_means_what_the_design_says() -> None:
    """The example of the design becomes the catalog, repositories, commands and settings that it tells."""
    config = load(EXAMPLE, path=FILE)
    assert config.repos == {"mobile": "krow-mobile", "web": "krow-web", "backend": "krow-backend"}
    worker, shop = config.catalog.products
    assert worker == Product(
        name="worker-mobile",
        slug="krow-withus-worker-mobile",
        title="Worker Mobile",
        aliases=("staff-mobile",),
        repo="mobile",
        files=(
            VersionFile("apps/mobile/apps/staff/pubspec.yaml"),
            VersionFile("apps/web/package.json", repo="web"),
            VersionFile("VERSION", repo="backend", format="text"),
            VersionFile("build.gradle", format="text", key='versionName "{version}"'),
        ),
        changelog="apps/mobile/apps/staff/CHANGELOG.md#Worker Mobile",
        max_build=999,
    )
    assert shop == Product("shop", "shop", (VersionFile("shop/package.json"),), repo="web")
    assert config.deploys == {"worker-mobile": ("./scripts/deploy-mobile-production.sh", "{tag}")}
    assert config.catalog.tags["staging"] == NamePattern("{slug}/stage-v{version}")
    assert config.catalog.branch == NamePattern("hotfix/{slug}-v{version}")
    assert (config.hotfix.main, config.hotfix.remote, config.hotfix.label) == ("trunk", "upstream", "URGENT")
    assert dict(config.hotfix.contacts) == {"Release Engineer": "call", "Product Owner": "write"}
    assert config.hotfix.channel == "#emergency-releases"
    assert (config.hotfix.max_lines, config.hotfix.also) == (120, ("docs/**", ".github/**"))
    assert config.audit == Audit(
        severity={"KV205": "note", "KV305": "error"},
        ignore=(
            Ignore(
                code="KV205",
                reason="made before we annotated tags",
                until=dt.date(2026, 12, 31),
                product="shop",
                about="shop/prod-v1.0.0",
            ),
            Ignore(code="KV401", reason="no CHANGELOG yet", until=dt.date(2027, 1, 31)),
        ),
        stale_days=7,
    )


@pytest.mark.parametrize("text", ["", "\ufeff", "# nothing\r\n"])
def test_a_file_that_says_nothing_is_the_built_in_catalog(text: str) -> None:
    """Without ``[products]``, KROW's four stay as they are."""
    assert load(text, path=FILE) == Config() == Config(KROW)


def test_products_replace_the_built_in_ones_and_inherit_from_their_namesakes() -> None:
    """The file names the set of products; one called as a built-in keeps what it does not say."""
    config = load('[products.worker-mobile]\ntitle = "Staff"\n[products.web]\naliases = []\n', path=FILE)
    worker, _, web, _ = KROW.products
    assert config.catalog == Catalog((attrs.evolve(worker, title="Staff"), web))


def test_the_only_repository_needs_no_naming() -> None:
    """One repository, by whatever name, is that of every product; of several, one must be named."""
    text = '[repos]\nkrow = "./checkout/"\n[products.web]\n'
    config = load(text, path=FILE)
    assert config.repos == {"krow": "checkout"}
    assert config.catalog.products[0].repo == "krow"
    assert [key for key, _, _ in told(text.replace("[repos]", '[repos]\nother = "o"'))] == [
        "products.web.repo"
    ]


def test_a_section_of_another_file() -> None:
    """In a pyproject.toml, paths and lines are those of the whole file; other tools' keys are theirs."""
    text = '[project]\nname = 1\n[tool.krow-versions.products.web]\nslug = "shop"\ntitel = 1\n'
    section = ("tool", "krow-versions")
    assert told(text, section=section) == [
        ("tool.krow-versions.products.web.titel", 5, "there is no key 'titel'")
    ]
    good = load(text.replace("titel = 1\n", ""), path="pyproject.toml", section=section)
    assert good.catalog.products[0].slug == "shop"
    assert told("[project]\n", section=section) == [(None, None, "[tool.krow-versions] is not there")]


def test_a_stage_may_not_take_the_tags_of_another_that_is_left_out() -> None:
    """The built-in pattern of a stage that the file does not name counts, too."""
    for stage, short in (("staging", "staging"), ("development", "dev")):
        assert told(f"[tags]\nproduction = '{{slug}}/{short}-v{{version}}'") == [
            ("tags.production", 2, f"tags of {stage} are called so, too")
        ]


def test_a_mistake_is_wrong_usage() -> None:
    """One mistake and several are both a UsageError, for which the program exits with 2."""
    assert issubclass(ConfigError, UsageError)
    assert issubclass(ConfigErrors, ConfigError)
    with pytest.raises(ConfigErrors) as caught:
        load("a = 1\nb = 2\n", path=FILE)
    assert str(caught.value).startswith(f"{FILE}:1:1: there is no key 'a'\n")
    assert f"\n{FILE}:2:1: there is no key 'b'\n" in str(caught.value)


# --- mistakes, each with its key path --------------------------------------------------------

NEW_SHOP = '[products.shop]\nfiles = ["shop/package.json"]\n'
IGNORE = '[[audit.ignore]]\ncode = "KV205"\nreason = "known"\n'
UNTIL = f"{IGNORE}until = 2026-12-31\n"
MISTAKES = {
    # Wrong types: nothing is coerced.
    "[products.web]\ntitle = 1": "products.web.title",
    "[products.web]\ntitle = 1.5": "products.web.title",
    "[products.web]\ntitle = true": "products.web.title",
    "[products.web]\ntitle = 2026-01-01": "products.web.title",
    "[products.web]\nmax_build = true": "products.web.max_build",
    "[products.web]\nmax_build = 5.0": "products.web.max_build",
    '[products.web]\nmax_build = "5"': "products.web.max_build",
    '[products.web]\naliases = "shop"': "products.web.aliases",
    '[products.web]\ndeploy = "x"': "products.web.deploy",
    "[products.web]\nfiles = [[]]": "products.web.files[0]",
    "products = []": "products",
    'products = {web = ""}': "products.web",
    "repos = 1": "repos",
    "tags = []": "tags",
    '[hotfix]\ncontacts = ["a"]': "hotfix.contacts",
    '[hotfix]\ncontacts = {"a b" = 1}': 'hotfix.contacts."a b"',
    "[hotfix]\nmax_lines = 1.5": "hotfix.max_lines",
    "[hotfix]\nalso = 'docs/**'": "hotfix.also",
    "[hotfix]\nalso = ['docs/**', 1]": "hotfix.also[1]",
    "audit = []": "audit",
    "[audit]\nstale_days = '14'": "audit.stale_days",
    "[audit]\nseverity = 'note'": "audit.severity",
    "[audit.severity]\nKV205 = 1": "audit.severity.KV205",
    "[audit]\nignore = 'KV205'": "audit.ignore",
    "[audit]\nignore = ['KV205']": "audit.ignore[0]",
    "[audit.ignore]\ncode = 'KV205'": "audit.ignore",
    f"{IGNORE}until = '2026-12-31'": "audit.ignore[0].until",
    f"{IGNORE}until = '31.12.2026'": "audit.ignore[0].until",
    f"{IGNORE}until = 20261231": "audit.ignore[0].until",
    f"{IGNORE}until = 2026-12-31T00:00:00": "audit.ignore[0].until",
    f"{IGNORE}until = 2026-12-31T00:00:00Z": "audit.ignore[0].until",
    f"{IGNORE}until = 12:00:00": "audit.ignore[0].until",
    f"{UNTIL}product = ['web']": "audit.ignore[0].product",
    # Out of bounds.
    "[hotfix]\nmax_lines = 0": "hotfix.max_lines",
    "[audit]\nstale_days = 0": "audit.stale_days",
    "[audit]\nstale_days = 36501": "audit.stale_days",
    f"[hotfix]\nalso = {['x'] * 101}": "hotfix.also",
    "[products.web]\nmax_build = 0": "products.web.max_build",
    "[products.web]\nmax_build = -1": "products.web.max_build",
    "[products.web]\nfiles = []": "products.web.files",
    "[products.web]\ndeploy = []": "products.web.deploy",
    "[products]": "products",
    "[repos]": "repos",
    f"[products.web]\naliases = [{', '.join(f'{str(n)!r}' for n in range(101))}]": "products.web.aliases",
    # Names.
    '[products.""]': 'products.""',
    "[products.Web]": "products.Web",
    '[products."a b"]': 'products."a b"',
    "[products.web]\nslug = '-x'": "products.web.slug",
    "[products.web]\nslug = 'a..b'": "products.web.slug",
    "[products.web]\nslug = 'a.lock'": "products.web.slug",
    "[products.web]\nslug = '$(id)'": "products.web.slug",
    "[products.web]\ntitle = ' '": "products.web.title",
    '[products.web]\ntitle = "a\\u202eb"': "products.web.title",
    "[products.web]\naliases = ['a', '-b']": "products.web.aliases[1]",
    "[hotfix]\nmain = '-x'": "hotfix.main",
    "[hotfix]\nmain = 'a b'": "hotfix.main",
    "[hotfix]\nremote = 'a..b'": "hotfix.remote",
    "[repos]\n'-x' = 'a'": "repos.-x",
    f"{UNTIL}about = ''": "audit.ignore[0].about",
    '[[audit.ignore]]\ncode = "KV205"\nuntil = 2026-12-31\nreason = ""': "audit.ignore[0].reason",
    # There is no such thing.
    "[audit]\nstale = 1": "audit.stale",
    "[audit.severity]\nKV999 = 'note'": "audit.severity.KV999",
    "[audit.severity]\nkv205 = 'note'": "audit.severity.kv205",
    "[audit.severity]\nKV205 = 'off'": "audit.severity.KV205",
    "[audit.severity]\nKV205 = 'Note'": "audit.severity.KV205",
    UNTIL.replace("KV205", "KV25"): "audit.ignore[0].code",
    f"{UNTIL}product = 'wib'": "audit.ignore[0].product",
    f"{UNTIL}product = 'staff-mobile'": "audit.ignore[0].product",
    f"{UNTIL}products = ['web']": "audit.ignore[0].products",
    f"{UNTIL}product = 'web'\n[products.backend]": "audit.ignore[0].product",
    IGNORE: "audit.ignore[0]",
    UNTIL.replace("reason", "# reason"): "audit.ignore[0]",
    UNTIL.replace("code", "# code"): "audit.ignore[0]",
    # Out of the repository.
    "[hotfix]\nalso = ['../docs/**']": "hotfix.also[0]",
    "[hotfix]\nalso = ['docs/**', '/etc/*']": "hotfix.also[1]",
    "[hotfix]\nalso = ['.git/**']": "hotfix.also[0]",
    "[hotfix]\nalso = ['docs/']": "hotfix.also[0]",
    "[product.web]": "product",
    "[products.web]\nfile = ['a']": "products.web.file",
    "[products.web]\nfiles = [{path = 'VERSION', frmt = 'text'}]": "products.web.files[0].frmt",
    "[products.web]\nfiles = [{format = 'text'}]": "products.web.files[0]",
    "[products.web]\nfiles = [{path = 'V', format = 'txt'}]": "products.web.files[0].format",
    "[products.web]\nfiles = ['a.unknown']": "products.web.files[0]",
    "[products.web]\nfiles = [{path = 'V', format = 'text', key = 'x'}]": "products.web.files[0].key",
    "[products.web]\nfiles = [{path = 'package.json', key = '..'}]": "products.web.files[0].key",
    "[products.web]\nfiles = ['wib:package.json']": "products.web.files[0]",
    "[products.web]\nfiles = [{path = 'VERSION', repo = 'wib'}]": "products.web.files[0].repo",
    "[products.web]\nrepo = 'wib'": "products.web.repo",
    "[products.shop]": "products.shop.files",
    # Twice.
    "[products.web]\nslug = 'krow-withus-backend'\n[products.backend]": "products.backend.slug",
    f"[products.web]\n{NEW_SHOP}aliases = ['WEB']": "products.shop.aliases[0]",
    f"[products.web]\naliases = ['Shop']\n{NEW_SHOP}": "products.shop",
    "[products.web]\naliases = ['a-b', 'A b']": "products.web.aliases[1]",
    f"[products.web]\n{NEW_SHOP}title = 'Web'": "products.shop.title",
    "[products.web]\n[products.shop]\nfiles = ['./apps//web/package.json']": "products.shop.files[0]",
    "[products.worker-mobile]\n[products.shop]\nfiles = ['apps/mobile/apps/worker/pubspec.yaml']": (
        "products.shop.files[0]"
    ),
    "[products.web]\nfiles = ['VERSION', 'VERSION']": "products.web.files[1]",
    "[repos]\na = 'x'\nb = './x'\n[products.web]\nrepo = 'a'": "repos.b",
    "[repos]\na = 'x'\nb = 'x/y'\n[products.web]\nrepo='a'\nfiles = ['y/VERSION', 'b:VERSION']": (
        "products.web.files[1]"
    ),
    # Patterns.
    "[tags]\nproduction = '{slug}'": "tags.production",
    "[tags]\nproduction = 'v{version}'": "tags.production",
    "[tags]\nproduction = '{slug}{version}'": "tags.production",
    "[tags]\nproduction = '{slug}.{version}'": "tags.production",
    "[tags]\nproduction = '{version}-{slug}'": "tags.production",
    "[tags]\nproduction = '{slug}-v{version}-{build}'": "tags.production",
    "[tags]\nproduction = '-{slug}-v{version}'": "tags.production",
    "[tags]\nproduction = '{slug}/../v{version}'": "tags.production",
    "[tags]\nproduction = '{slug} v{version}'": "tags.production",
    "[tags]\nproduction = '{slug}-v{version}.lock'": "tags.production",
    "[tags]\nproduction = '{slug}/dev-v{version}'": "tags.production",
    "[tags]\nproduction = 'a-{slug}-v{version}'\nstaging = 'a-{slug}-v{version}'": "tags.staging",
    "[hotfix]\nbranch = '{slug}'": "hotfix.branch",
    "[products.web]\n[products.shop]\nfiles=['VERSION']\nslug='krow-withus-web-dev'\n[tags]\n"
    "production='{slug}-v{version}'\ndevelopment='{slug}-dev-v{version}'": "tags.production",
    # What runs.
    "[products.web]\ndeploy = ['./x', '{tga}']": "products.web.deploy[1]",
    "[products.web]\ndeploy = ['./x', '${HOME}']": "products.web.deploy[1]",
    "[products.web]\ndeploy = ['']": "products.web.deploy[0]",
}
LEAVING = [
    *(
        "/etc/passwd",
        "../VERSION",
        "a/../../VERSION",
        "a/..",
        ".git/VERSION",
        ".GIT/VERSION",
        "sub/.git/VERSION",
    ),
    *(
        ".git. /VERSION",
        "git~1/VERSION",
        "GIT~1",
        ".g\u200cit/VERSION",
        ".git:x/VERSION",
        "a\\VERSION",
        "a\nVERSION",
    ),
    *("", ".", "a/", "a/.", "-x/VERSION"),
]


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_key_path_and_line(text: str) -> None:
    """FAULTS 46, 61, 75, 116: each single mistake is told alone, at its key, on a line, with a remedy."""
    with pytest.raises(ConfigError) as caught:
        load(text, path=FILE)
    error = caught.value
    assert not isinstance(error, SeveralErrors), str(error)
    assert error.key == MISTAKES[text]
    assert error.hint
    assert error.line is not None
    last = str(error.key).rpartition(".")[2].partition("[")[0].strip('"')
    nearby = {last, *str(error.key).split(".")}
    assert any(part.strip('"') in str(error.excerpt) for part in nearby) or str(error.excerpt) in text


@pytest.mark.parametrize("path", LEAVING)
@pytest.mark.parametrize("form", ["text", "repo", "table", "changelog", "heading"])
def test_paths_may_not_leave_their_repository(path: str, form: str) -> None:
    """FAULTS 61, 62: absolute, by '..', into .git in any spelling, in every place that takes a path."""
    value: Any = {"text": path, "repo": f".:{path}", "table": {"path": path, "format": "text"}}.get(form)
    if value is not None:
        text = tomlkit.dumps({"products": {"web": {"files": [value]}}})
        key = "products.web.files[0]" + (".path" if form == "table" else "")
    else:
        text = tomlkit.dumps({"products": {"web": {"changelog": path + "#A" * (form == "heading")}}})
        key = "products.web.changelog"
    assert [found[0] for found in told(text)] == [key]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[prodcuts.web]", "products"),
        ("[products.web]\ntitel = 'x'", "title"),
        ("[products.web]\nfiles = [{path = 'V', format = 'pubspce'}]", "pubspec"),
        ("[repos]\nmobile = 'm'\n[products.web]\nrepo = 'mobil'", "mobile"),
        ("[products.worker-mobil]", "worker-mobile"),
        (f"{UNTIL}product = 'backen'", "backend"),
        (f"{UNTIL}abuot = 'x'", "about"),
        ("[audit]\nstale_day = 1", "stale_days"),
        ("[hotfix]\nmax_line = 1", "max_lines"),
        ("[audit.severity]\nKV205 = 'warn'", "warning"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(text: str, name: str) -> None:
    """Keys, repositories, formats and products: the hint asks whether the nearest was meant."""
    with pytest.raises(ConfigError) as caught:
        load(text, path=FILE)
    assert f"did you mean {name}?" in str(caught.value.hint)


def test_all_mistakes_are_told_at_once_and_none_that_follows_from_another() -> None:
    """Types, names and meaning are wrong in one file: each is told, once, in the order of the lines."""
    text = """\
[repos]
mobile = "/abs"
web = "w"
[products.shop]
repo = "mobile"
files = ["../x", "wib:package.json", {path = "/V", format = "text"}, 7, {path = "V", format = "txet"}]
[products.web]
title = 1
slug = "Web"
[products.two]
repo = "web"
files = [1]
"""
    assert [(key, line) for key, line, _ in told(text)] == [
        ("repos.mobile", 2),
        ("products.shop.files[0]", 6),
        ("products.shop.files[1]", 6),
        ("products.shop.files[2].path", 6),
        ("products.shop.files[3]", 6),
        ("products.shop.files[4].format", 6),
        ("products.web.repo", 7),
        ("products.web.title", 8),
        ("products.web.slug", 9),
        ("products.two.files[0]", 12),
    ]


def test_syntax_errors_name_their_place() -> None:
    """What is no TOML is told with line, column and the line itself; so are keys that are there twice."""
    with pytest.raises(ConfigError) as caught:
        load("[tags]\nproduction = \n", path=FILE)
    assert (caught.value.line, caught.value.column, caught.value.excerpt) == (2, 14, "production = ")
    assert "[tags]\n[tags]\n" not in str(told("[tags]\n[tags]\n"))


BOMBS = {
    "long": "#" * (1 << 20) + "\n",
    "deep arrays": "a = " + "[" * 100_000,
    "deep tables": "a = " + "{a = " * 20_000,
    "dots": "a" + ".a" * 100_000 + " = 1",
    "keys": "\n".join(f"k{n} = 1" for n in range(15_000)),
    "values": "".join(f"[products.w{n}]\nfiles = [{'1,' * 1000}]\n" for n in range(400)),
    "products": "".join(f"[products.w{n}]\nfiles = ['a']\n" for n in range(1001)),
    "one name": "".join(f"[products.w{n}]\nfiles = ['{n}/VERSION']\naliases = ['a']\n" for n in range(1000)),
    "pattern": f"[tags]\nproduction = '{'{slug}' * 160_000}'",
    "path": f"[products.web]\nfiles = ['{'a/' * 500_000}']",
    "severities": "[audit.severity]\n" + "\n".join(f"KV{n} = 'note'" for n in range(15_000)),
    "no such severities": "[audit.severity]\n" + "\n".join(f"{code} = '{'x' * 20_000}'" for code in CODES),
    "ignored": "".join(f"[[audit.ignore]]\ncode = '{n}'\n" for n in range(9_000)),
    "no such ids": "".join(f"[[audit.ignore]]\ncode = '{'KV' * 300}'\n" for n in range(1000)),
    "no such products": f"{UNTIL}product = 'wib'\n" * 1000,
    "one id": f"[[audit.ignore]]\ncode = '{'KV205' * 200_000}'",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused_soon(bomb: str) -> None:
    """FAULTS 116: what is huge or deep is refused with few words, in a child with little time and memory."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (10, 10))\n"
        "from krow_versions.config import ConfigError, load\n"
        "try: load(sys.stdin.read(), path='x')\n"
        "except ConfigError as error: print(len(str(error)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=BOMBS[bomb], capture_output=True, text=True, check=True
    )
    assert 0 < int(done.stdout) < 100_000


def test_no_more_mistakes_are_told_than_one_mends() -> None:
    """After fifty, it is only said that there are more."""
    found = told("\n".join(f"k{n:03} = 1" for n in range(51)))
    assert len(found) == 51
    assert found[49][0] == "k049"
    assert found[50] == (None, None, "there are more mistakes, which are not told")
    assert len(told("\n".join(f"k{n:03} = 1" for n in range(50)))) == 50


def test_importing_the_room_loads_no_parser() -> None:
    """Only a configuration that is read costs the time of loading what reads it."""
    code = "import sys, krow_versions.config; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {"cattrs", "tomllib", "tomlkit", "ruamel", "importlib.metadata"}
    assert "krow_versions.config" in loaded.split()
    assert not heavy & set(loaded.split())


# --- laws ------------------------------------------------------------------------------------


@given(configs())
def test_what_is_rendered_loads_as_it_was(config: Config) -> None:
    """``load(render(config)) == config``, with products, repositories and contacts in their order."""
    again = load(render(config), path=FILE)
    assert again == config
    assert list(again.repos) == list(config.repos)
    assert list(again.hotfix.contacts) == list(config.hotfix.contacts)
    assert list(again.audit.severity) == list(config.audit.severity)


@given(configs(), st.booleans())
def test_what_is_rendered_can_be_shown(config: Config, whole: bool) -> None:
    """No character that could mislead a reader is in the text; it means the same all the same."""
    text = render(config, whole=whole)
    assert printable(text, keep="\n") == text


@given(good_files(), st.data())
def test_every_single_mutation_of_a_good_file_names_its_key_path(
    good: dict[str, Any], data: st.DataObject
) -> None:
    """One value of a wrong type anywhere: told at its path, whatever else the file holds."""
    load(tomlkit.dumps(good), path=FILE)
    place = data.draw(st.sampled_from(list(files_of(good))))
    bad = copy.deepcopy(good)
    holder: Any = bad
    for part in place[:-1]:
        holder = holder[part]
    wrong: Any = data.draw(st.sampled_from([True, 1.5, {"unheard-of": 1}, [[]], -7]))
    holder[place[-1]] = wrong
    keys = {key for key, _, _ in told(tomlkit.dumps(bad))}
    prefix = written(place)
    assert any(str(key).startswith(prefix) for key in keys), (keys, prefix)
    assert all(str(key).startswith((prefix, "products")) for key in keys)


@given(good_files(), st.data())
def test_every_unknown_key_is_told_at_its_place(good: dict[str, Any], data: st.DataObject) -> None:
    """A key that nobody knows, put into any table of fixed keys, is the one mistake that is told."""
    tables: list[KeyPlace] = [(), *(("products", name) for name in good.get("products", {}))]
    tables += [(name,) for name in ("tags", "hotfix", "audit") if name in good]
    tables += [("audit", "ignore", index) for index in range(len(good.get("audit", {}).get("ignore", ())))]
    place = data.draw(st.sampled_from(tables))
    bad = copy.deepcopy(good)
    holder: Any = bad
    for part in place:
        holder = holder[part]
    holder["unheard-of"] = 1
    assert [key for key, _, _ in told(tomlkit.dumps(bad))] == [written((*place, "unheard-of"))]


@given(ALL)
def test_accepted_paths_are_safe_to_the_room_that_opens_them(text: str) -> None:
    """What the configuration accepts, ``files`` does: the check here is never the weaker one."""
    if not PATH.problem(text):
        safe_parts(text)
    if not PLACE.problem(text):
        safe_parts(split_place(text)[1])
    if not CHANGELOG.problem(text):
        safe_parts(text.partition("#")[0])


@given(ALL)
def test_slugs_are_those_of_the_names(text: str) -> None:
    """A slug here is a slug to the patterns of tags, and the other way round."""
    assert (SLUG.problem(text) is None) == is_slug(text)


SLUGS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}", fullmatch=True).filter(is_slug)
PARTS = st.lists(
    st.sampled_from(["{slug}", "{version}", "/", "-", "v", ".", "1", "@", "_", "prod-v"]), max_size=7
)


@given(PARTS.map("".join), SLUGS, st.builds(Version, *[st.integers(0, 99)] * 3))
def test_patterns_that_are_accepted_read_back_what_they_write(text: str, slug: str, version: Version) -> None:
    """Any slug and version of production, by any accepted pattern: ``parse`` inverts ``format``."""
    try:
        config = load(tomlkit.dumps({"tags": {"production": text}}), path=FILE)
    except ConfigError:
        return
    pattern = config.catalog.tags["production"]
    assert pattern.parse(pattern.format(slug, version)) == (slug, version)


@given(PARTS.map("".join))
def test_patterns_that_the_names_refuse_are_refused_here(text: str) -> None:
    """The kind is never weaker than the pattern's own check."""
    try:
        NamePattern(text)
    except KrowVersionsError:
        assert NAME_PATTERN.problem(text)


@given(ALL)
def test_arguments_hold_no_other_placeholders(text: str) -> None:
    """Once the three placeholders are gone, an accepted argument has no braces left."""
    if ARGUMENT.problem(text) is None:
        for field in ("{tag}", "{version}", "{slug}"):
            text = text.replace(field, "")
        assert not {"{", "}", "\0"} & set(text)


@given(configs(), ALL.filter(str.strip))
def test_names_are_compared_as_the_catalog_does(config: Config, name: str) -> None:
    """Every name, alias and title of an accepted configuration leads to its own product."""
    for product in config.catalog.products:
        for called in filter(None, (product.name, product.title, *product.aliases)):
            assert config.catalog.product(called) == product
    assert Catalog((Product("x", "x", (), aliases=("y", name)),)).product(as_compared(name)).name == "x"


@given(good_files())
def test_the_scan_finds_every_key_on_its_own_line(good: dict[str, Any]) -> None:
    """Each key and element of a written file is found where its name, or its value, stands."""
    text = tomlkit.dumps(good)
    found = places(text)
    for place in files_of(good):
        assert place in found
        line = text[found[place] :].partition("\n")[0].replace("\\", "")
        assert isinstance(place[-1], int) or place[-1].replace("\\", "") in line


def test_the_scan_takes_all_of_toml() -> None:
    """Strings of four kinds, comments, dotted keys, inline tables and arrays of tables are told apart."""
    text = (
        "a = \"# = [x]\\\"\" # b = 1\n\"c\\u0064\" . e = '''\n[f]\ng = 1'''\n"
        'h = """\n[i]""""\n[j.k]\nl = [ # [\n  1979-05-27 07:32:00, { m = [1.5,], "n.o" = {} },\n]\n'
        "[[p.q]]\nr = 1\n[p.q.s]\nt = 1\n[[p.q]]\r\nr = 2\n"
    )
    assert {written(place): text.count("\n", 0, offset) + 1 for place, offset in places(text).items()} == {
        "a": 1,
        "cd": 2,
        "cd.e": 2,
        "h": 5,
        "j": 7,
        "j.k": 7,
        "j.k.l": 8,
        "j.k.l[0]": 9,
        "j.k.l[1]": 9,
        "j.k.l[1].m": 9,
        "j.k.l[1].m[0]": 9,
        'j.k.l[1]."n.o"': 9,
        "p": 11,
        "p.q": 11,
        "p.q[0]": 11,
        "p.q[0].r": 12,
        "p.q[0].s": 13,
        "p.q[0].s.t": 14,
        "p.q[1]": 15,
        "p.q[1].r": 16,
    }
