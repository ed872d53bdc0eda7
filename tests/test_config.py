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
from hypothesis import example, given
from hypothesis import strategies as st

from krow_versions.config import load, render
from krow_versions.config.fields import ARGUMENT, CHANGELOG, PATH, PLACE, SLUG, TAG_PATTERN
from krow_versions.config.problems import places
from krow_versions.errors import ConfigError, KrowVersionsError, Problems, UsageError
from krow_versions.files.paths import safe_parts
from krow_versions.findings import FINDINGS
from krow_versions.formats.model import dotted
from krow_versions.names import NamePattern, is_slug
from krow_versions.products import KROW, Catalog, Product, VersionFile, split_place
from krow_versions.settings import Audit, Config, Hotfix, Ignore
from krow_versions.text.escaping import printable
from krow_versions.text.words import as_compared
from krow_versions.version import Version
from support.configurations import ALL, configs, files_of, good_files
from support.examples import EXAMPLE, FILE, MISTAKES, UNTIL, told

if TYPE_CHECKING:
    from krow_versions.config.problems import KeyPlace


def test_every_key_means_what_the_design_says() -> None:
    """The example of the design becomes the catalog, repositories, commands and settings that it names."""
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
    assert (config.hotfix.merge, config.hotfix.share) == ("pull-request", True)
    assert dict(config.hotfix.contacts) == {"Release Engineer": "call", "Product Owner": "write"}
    assert config.hotfix.channel == "#emergency-releases"
    assert config.hotfix.notify == ("./say.sh", "{channel}")
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
        since=dt.date(2026, 3, 1),
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
    assert told("[project]\n", section=section) == [(None, None, "[tool.krow-versions] is missing")]


def test_a_stage_may_not_take_the_tags_of_another_that_is_left_out() -> None:
    """The built-in pattern of a stage that the file does not name counts, too."""
    for stage, short in (("staging", "staging"), ("development", "dev")):
        assert told(f"[tags]\nproduction = '{{slug}}/{short}-v{{version}}'") == [
            ("tags.production", 2, f"tags of {stage} have the same pattern")
        ]


def test_a_pattern_names_one_product_only() -> None:
    """Tags that two products could have are a mistake; one alone in its repository needs no slug."""
    shared = "[tags]\nproduction = 'v{version}'\n"
    one, other = (f"[products.{name}]\nfiles = ['{name}/package.json']\n" for name in ("shop", "api"))
    assert load(shared + one, path=FILE).catalog.products[0].name == "shop"
    assert told(shared + one + other) == [
        ("tags.production", 2, "the tag v1.2.3 could be of shop in production or of api in production")
    ]
    repos = "[repos]\na = 'a'\nb = 'b'\n"
    apart = load(f"{repos}{shared}{one}repo = 'a'\n{other}repo = 'b'\n", path=FILE)
    assert [product.repo for product in apart.catalog.products] == ["a", "b"]


def test_a_mistake_is_wrong_usage() -> None:
    """One mistake and several are both a UsageError, for which the program exits with 2."""
    assert issubclass(ConfigError, UsageError)
    with pytest.raises(Problems) as caught:
        load("a = 1\nb = 2\n", path=FILE)
    assert str(caught.value).startswith(f"{FILE}:1:1: there is no key 'a'\n")
    assert f"\n{FILE}:2:1: there is no key 'b'\n" in str(caught.value)


# --- mistakes, each with its key path --------------------------------------------------------

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


@pytest.mark.fault(46, 61, 75, 116)
@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_reported_with_its_key_path_and_line(text: str) -> None:
    """Each mistake is reported alone, at its key, with its line and what to do."""
    with pytest.raises(ConfigError) as caught:
        load(text, path=FILE)
    error = caught.value
    assert error.key == MISTAKES[text]
    assert error.hint
    assert error.line is not None
    last = str(error.key).rpartition(".")[2].partition("[")[0].strip('"')
    nearby = {last, *str(error.key).split(".")}
    assert any(part.strip('"') in str(error.excerpt) for part in nearby) or str(error.excerpt) in text


def test_a_number_of_thousands_of_digits_is_a_mistake() -> None:
    """A hexadecimal number that Python does not write in decimal digits is refused with its line."""
    [(key, line, _)] = told(f"[audit]\nstale_days = 0x{'f' * 5000}")
    assert (key, line) == ("audit.stale_days", 2)


@pytest.mark.fault(61, 62)
@pytest.mark.parametrize("path", LEAVING)
@pytest.mark.parametrize("form", ["text", "repo", "table", "changelog", "heading"])
def test_paths_may_not_leave_their_repository(path: str, form: str) -> None:
    """Absolute, by '..', into .git in any spelling, in every place that takes a path."""
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
def test_a_wrong_name_is_reported_with_the_nearest(text: str, name: str) -> None:
    """Keys, repositories, formats and products: the hint asks whether the nearest was meant."""
    with pytest.raises(ConfigError) as caught:
        load(text, path=FILE)
    assert f"did you mean {name}?" in str(caught.value.hint)


def test_all_mistakes_are_reported_at_once_and_none_that_follows_from_another() -> None:
    """Types, names and meaning are wrong in one file: each is reported once, in the order of the lines."""
    text = """\
[repos]
mobile = "/abs"
web = "w"
[products.shop]
repo = "mobile"
files = ["../x", "wib:package.json", {path = "/V", format = "text"}, 7, {path = "V", format = "txet"}]
[products.web]
title = 1
slug = "-Web"
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
    """Invalid TOML is reported with line, column and the line itself; so are duplicate keys."""
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
    "no such severities": "[audit.severity]\n" + "\n".join(f"{code} = '{'x' * 20_000}'" for code in FINDINGS),
    "ignored": "".join(f"[[audit.ignore]]\ncode = '{n}'\n" for n in range(9_000)),
    "no such ids": "".join(f"[[audit.ignore]]\ncode = '{'KV' * 300}'\n" for n in range(1000)),
    "no such products": f"{UNTIL}product = 'wib'\n" * 1000,
    "one id": f"[[audit.ignore]]\ncode = '{'KV205' * 200_000}'",
}


@pytest.mark.fault(116)
@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused_soon(bomb: str) -> None:
    """What is huge or deep is refused in few words, with little memory; what hangs is ended."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (60, 60))\n"
        "from krow_versions.config import load\n"
        "from krow_versions.errors import KrowVersionsError\n"
        "try: load(sys.stdin.read(), path='x')\n"
        "except KrowVersionsError as error: print(len(str(error)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=BOMBS[bomb], capture_output=True, text=True, check=True
    )
    assert 0 < int(done.stdout) < 100_000


def test_no_more_mistakes_are_reported_than_one_reads() -> None:
    """After fifty, it is only said that there are more."""
    found = told("\n".join(f"k{n:03} = 1" for n in range(51)))
    assert len(found) == 51
    assert found[49][0] == "k049"
    assert found[50] == (None, None, "there are more mistakes, which are not shown")
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


@given(
    st.fixed_dictionaries(
        {},
        optional={
            product.name: st.fixed_dictionaries(
                {},
                optional={
                    "title": st.just(f"Title {number}"),
                    "aliases": st.sampled_from(([], [f"alias{number}"])),
                    "slug": st.just(f"slug-{number}"),
                    "files": st.just([f"apps/{number}/package.json"]),
                    "changelog": st.just("CHANGELOG.md"),
                    "deploy": st.just(["./deploy", "{tag}"]),
                    "max_build": st.just(number + 7),
                },
            )
            for number, product in enumerate(KROW.products)
        },
    )
)
def test_what_is_said_of_a_built_in_product_survives(products: dict[str, dict[str, object]]) -> None:
    """Any settings of built-in products, the deploy command alone included, are written and read again."""
    lines = [f"[products.{name}]\n{tomlkit.dumps(table)}" for name, table in products.items()]
    config = load("\n".join(lines), path=FILE)
    assert config.deploys.keys() == {name for name, table in products.items() if "deploy" in table}
    assert load(render(config), path=FILE) == config


ORDERS = Ignore("KV202", r"##[error] ##vso[x] \##[ ::error:: \ ::set", dt.date(2026, 12, 31), about="##[end")


@given(configs(), st.booleans())
@example(attrs.evolve(Config(), audit=Audit(ignore=(ORDERS,))), False)
def test_what_is_rendered_can_be_shown(config: Config, whole: bool) -> None:
    """No character that could mislead a reader, and no command to a runner of CI, is in the text."""
    text = render(config, whole=whole)
    assert printable(text, keep="\n") == text


def test_what_a_runner_would_obey_means_the_same_when_it_is_escaped() -> None:
    """In keys and in values, behind a backslash too."""
    hotfix = Hotfix(contacts={"##[group] ::x": "##[end"})
    config = attrs.evolve(Config(), audit=Audit(ignore=(ORDERS,)), hotfix=hotfix)
    text = render(config)
    assert load(text, path=FILE) == config


@given(good_files(), st.data())
def test_every_single_mutation_of_a_good_file_names_its_key_path(
    good: dict[str, Any], data: st.DataObject
) -> None:
    """One value of a wrong type anywhere is reported at its path, whatever else the file holds."""
    load(tomlkit.dumps(good), path=FILE)
    place = data.draw(st.sampled_from(list(files_of(good))))
    bad = copy.deepcopy(good)
    holder: Any = bad
    for part in place[:-1]:
        holder = holder[part]
    right = holder[place[-1]]
    wrongs = [1.5, {"unheard-of": 1}, [[]], -7, *([] if isinstance(right, bool) else [True])]
    holder[place[-1]] = data.draw(st.sampled_from(wrongs))
    keys = {key for key, _, _ in told(tomlkit.dumps(bad))}
    prefix = dotted(place)
    assert any(str(key).startswith(prefix) for key in keys), (keys, prefix)
    assert all(str(key).startswith((prefix, "products")) for key in keys)


@given(good_files(), st.data())
def test_every_unknown_key_is_reported_at_its_place(good: dict[str, Any], data: st.DataObject) -> None:
    """An unknown key, put into any table of fixed keys, is the one mistake that is reported."""
    tables: list[KeyPlace] = [(), *(("products", name) for name in good.get("products", {}))]
    tables += [(name,) for name in ("tags", "hotfix", "audit") if name in good]
    tables += [("audit", "ignore", index) for index in range(len(good.get("audit", {}).get("ignore", ())))]
    place = data.draw(st.sampled_from(tables))
    bad = copy.deepcopy(good)
    holder: Any = bad
    for part in place:
        holder = holder[part]
    holder["unheard-of"] = 1
    assert [key for key, _, _ in told(tomlkit.dumps(bad))] == [dotted((*place, "unheard-of"))]


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
    st.sampled_from(["{slug}", "{version}", "{build}", "/", "-", "v", ".", "1", "@", "_", "prod-v"]),
    max_size=7,
)


VERSIONS = st.builds(Version, *[st.integers(0, 99)] * 3, build=st.integers(0, 99))


@given(PARTS.map("".join), SLUGS, VERSIONS)
def test_patterns_that_are_accepted_read_back_what_they_write(text: str, slug: str, version: Version) -> None:
    """Any slug and version of production, by any accepted pattern: ``read`` inverts ``format``."""
    products = {"web": {"files": ["VERSION"], "slug": slug, "tags": {"production": text}}}
    try:
        config = load(tomlkit.dumps({"products": products}), path=FILE)
    except ConfigError:
        return
    (pattern,) = config.catalog.products[0].tags["production"]
    kept = version if pattern.has_build else version.with_build(None)
    assert pattern.read(slug, pattern.format(slug, version)) == kept


@given(PARTS.map("".join))
def test_patterns_that_the_names_refuse_are_refused_here(text: str) -> None:
    """The kind is never weaker than the pattern's own check."""
    try:
        NamePattern(text)
    except KrowVersionsError:
        assert TAG_PATTERN.problem(text)


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
    """Strings of four kinds, comments, dotted keys, inline tables and arrays of tables are distinguished."""
    text = (
        "a = \"# = [x]\\\"\" # b = 1\n\"c\\u0064\" . e = '''\n[f]\ng = 1'''\n"
        'h = """\n[i]""""\n[j.k]\nl = [ # [\n  1979-05-27 07:32:00, { m = [1.5,], "n.o" = {} },\n]\n'
        "[[p.q]]\nr = 1\n[p.q.s]\nt = 1\n[[p.q]]\r\nr = 2\n"
    )
    assert {dotted(place): text.count("\n", 0, offset) + 1 for place, offset in places(text).items()} == {
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
