"""Draw ``docs/_static/releases.svg``, the picture of the README: ``python docs/_ext/picture_of_krow.py``.

Its releases are real tags of a repository that is made here for it, in a temporary folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

import krow_versions as kv
from krow_versions.cli.demo import make_workspace
from krow_versions.pictures import to_svg

PICTURE = Path(__file__).parents[1] / "_static" / "releases.svg"
STAFF = "apps/mobile/apps/staff/pubspec.yaml"
SLUG = "krow-withus-worker-mobile"
# Version, build, and the day in 2026 of each stage that it reached.
RELEASES = (
    ("0.1.0", 5, {"dev": "01-26", "staging": "02-04", "prod": "02-12"}),
    ("0.1.1", 6, {"prod": "03-05"}),
    ("0.2.0", 9, {"dev": "03-17", "staging": "03-30", "prod": "04-16"}),
    ("0.2.1", 10, {"dev": "04-29", "staging": "05-07"}),
    ("0.2.2", 12, {"staging": "05-26", "prod": "06-03"}),
    ("0.3.0", 15, {"dev": "06-16"}),
)
# Ground and ink go together, so that it can be read on any page, whatever the browser takes that for.
STYLE = """\
svg { color: #1b1f24; background: #ffffff; }
@media (prefers-color-scheme: dark) { svg { color: #e6e8ea; background: #14171a; } }
"""


def picture() -> str:
    """Give the picture as a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        root = make_workspace(os.path.join(folder, "krow"))
        _release(Path(root))
        svg = to_svg(kv.Workspace.open(root).history("worker-mobile").plot(), "r")
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" role="img" ', 1)
    svg = svg.replace(' aria-hidden="true"', "", 1).replace(">", f">\n<style>\n{STYLE}</style>", 1)
    return f"{svg}\n"


def _release(root: Path) -> None:
    _git(root, "tag", "--delete", f"{SLUG}/dev-v0.1.0", f"{SLUG}/prod-v0.1.0")
    for version, build, stages in RELEASES:
        text = (root / STAFF).read_text(encoding="utf-8")
        changed = re.sub(r"(?m)^version: \S+", f"version: {version}+{build}", text)
        (root / STAFF).write_text(changed, encoding="utf-8")
        _git(root, "commit", "--quiet", "--all", "--allow-empty", "--message", f"feat: {version}")
        for stage, day in stages.items():
            _git(root, "tag", "--annotate", "--message", version, f"{SLUG}/{stage}-v{version}", day=day)


def _git(root: Path, *args: str, day: str = "01-26") -> None:
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "KROW"), ("EMAIL", "x@y"), ("DATE", f"2026-{day}T10:00:00Z"))
    }
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(
        ["git", *args], cwd=root, env=os.environ | own | who, check=True, stdout=subprocess.DEVNULL
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
