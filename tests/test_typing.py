"""What checkers of types see of the package; ``typing_tests/`` has what importers write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import krow_versions
from support.hang import SECONDS

SOURCE = Path(krow_versions.__file__).parents[1]


def test_every_name_has_a_type_that_all_checkers_agree_on(tmp_path: Path) -> None:
    """pyright finds no name of the package whose type is missing, or left to a checker to infer."""
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--verifytypes", "krow_versions", "--ignoreexternal",
         "--outputjson", "--pythonpath", sys.executable],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )  # fmt: skip
    found = json.loads(done.stdout)["typeCompleteness"]
    assert Path(found["packageRootDirectory"]) == SOURCE / "krow_versions"
    unsure = [each["name"] for each in found["symbols"] if not each["isTypeKnown"] or each["isTypeAmbiguous"]]
    assert unsure == []
    assert found["completenessScore"] == 1
