"""Texts of configurations: the design's example, one for each mistake, and what is said of a mistake."""

from __future__ import annotations

from typing import Any

import pytest

from krow_versions.config import load
from krow_versions.errors import ConfigError, Problems, members

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
merge    = "pull-request"
remote   = "upstream"
share    = true
label    = "URGENT"
contacts = { "Release Engineer" = "call", "Product Owner" = "write" }
channel  = "#emergency-releases"
notify   = ["./say.sh", "{channel}"]
max_lines = 120
also     = ["docs/**", ".github/**"]

[audit]
stale_days = 7
since      = "2026-03-01"

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
    "[hotfix]\nnotify = './say.sh'": "hotfix.notify",
    "[hotfix]\nnotify = []": "hotfix.notify",
    "[hotfix]\nmax_lines = 1.5": "hotfix.max_lines",
    "[hotfix]\nshare = 1": "hotfix.share",
    "[hotfix]\nshare = 'true'": "hotfix.share",
    "[hotfix]\nalso = 'docs/**'": "hotfix.also",
    "[hotfix]\nalso = ['docs/**', 1]": "hotfix.also[1]",
    "audit = []": "audit",
    "[audit]\nstale_days = '14'": "audit.stale_days",
    "[audit]\nsince = '2026-02-30'": "audit.since",
    "[audit]\nsince = '20260301'": "audit.since",
    "[audit]\nsince = 20260301": "audit.since",
    "[audit]\nsince = ''": "audit.since",
    "[audit]\nsince = 2026-03-01T00:00:00Z": "audit.since",
    "[audit]\nsince = ['2026-03-01']": "audit.since",
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
    "[hotfix]\nmerge = 'rebase'": "hotfix.merge",
    "[hotfix]\nlines = 'release/*'": "hotfix.lines",
    "[hotfix]\nlines = ['release/*', 1]": "hotfix.lines[1]",
    "[hotfix]\nlines = ['-x']": "hotfix.lines[0]",
    "[hotfix]\nlines = ['release/*', 'a b']": "hotfix.lines[1]",
    "[hotfix]\nlines = ['release/']": "hotfix.lines[0]",
    "[hotfix]\nlines = ['release/../*']": "hotfix.lines[0]",
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
    "[products.web]\nslug = 'Krow-withus-Backend'\n[products.backend]": "products.backend.slug",
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
    "[tags]\nproduction = '{slug}-v1{version}'": "tags.production",
    "[tags]\nproduction = '{version}5-{slug}'": "tags.production",
    "[tags]\nproduction = '{build}-{slug}-v{version}'": "tags.production",
    "[tags]\nproduction = '{slug}-v{version}{build}'": "tags.production",
    "[tags]\nproduction = '{slug}-v{version}-{name}'": "tags.production",
    "[tags]\nproduction = ['{slug}-v{version}']": "tags.production",
    "[products.web]\ntags = {production = []}": "products.web.tags.production",
    "[products.web]\ntags = {production = 1}": "products.web.tags.production",
    "[products.web]\ntags = {production = ['v{version}', 'v']}": "products.web.tags.production[1]",
    "[products.web]\ntags.production = 'v{version}'\n[products.backend]\ntags.production = 'v{version}'": (
        "products.web.tags.production"
    ),
    "[products.web]\ntags = {production = 'v{version}', staging = 'v{version}'}": (
        "products.web.tags.production"
    ),
    "[tags]\nproduction = '-{slug}-v{version}'": "tags.production",
    "[tags]\nproduction = '{slug}/../v{version}'": "tags.production",
    "[tags]\nproduction = '{slug} v{version}'": "tags.production",
    "[tags]\nproduction = '{slug}-v{version}.lock'": "tags.production",
    "[tags]\nproduction = '{slug}/dev-v{version}'": "tags.production",
    "[tags]\nproduction = 'a-{slug}-v{version}'\nstaging = 'a-{slug}-v{version}'": "tags.staging",
    "[hotfix]\nbranch = '{slug}'": "hotfix.branch",
    "[products.web]\n[products.shop]\nfiles=['VERSION']\nslug='krow-withus-web-dev'\n[tags]\n"
    "production='{slug}-v{version}'\ndevelopment='{slug}-dev-v{version}'": "tags.development",
    # What runs.
    "[products.web]\ndeploy = ['./x', '{tga}']": "products.web.deploy[1]",
    "[products.web]\ndeploy = ['./x', '${HOME}']": "products.web.deploy[1]",
    "[products.web]\ndeploy = ['']": "products.web.deploy[0]",
}


def told(text: str, **options: Any) -> list[tuple[str | None, int | None, str]]:
    """Key path, line and message of each mistake, in order."""
    with pytest.raises((ConfigError, Problems)) as caught:
        load(text, path=FILE, **options)
    errors = members(caught.value)
    assert all(isinstance(error, ConfigError) and error.path == FILE for error in errors)
    return [(error.key, error.line, error.message) for error in errors]
