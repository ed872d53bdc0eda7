"""``Chart.yaml``, of Helm; its ``appVersion`` needs a key (helm.sh/docs/topics/charts)."""

from __future__ import annotations

from krow_versions.formats.model import Format
from krow_versions.formats.yaml import quick_yaml, read_yaml

CHART = Format(
    "chart",
    read_yaml,
    filenames=("Chart.yaml", "Chart.yml"),
    exclusion="charts, which describe how something else is deployed",
    delimited=True,
    quick=quick_yaml,
)
