"""The table of faults: each row has tests that name it by the mark ``fault``, and no test names another."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

import krow_versions as kv

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs/faults.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([0-9]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/test_\w+\.py::test_\w+)`")
ROWS = {
    int(number): (fault, outcome, NAMED.findall(tests)) for number, fault, outcome, tests in ROW.findall(PAGE)
}
CODES = {"0", "2", "3", "4", "130"}


def marked(tree: ast.Module) -> dict[str, list[int]]:
    """Give the numbers in the mark of each test of a module, parametrized or not."""
    found = {}
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            marks = [
                each
                for each in function.decorator_list
                if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.mark.fault"
            ]
            numbers = [ast.literal_eval(number) for each in marks for number in each.args]
            if marks:
                found[function.name] = numbers
    return found


def expected() -> dict[int, list[str]]:
    """Give the tests of each number, in the order of their names."""
    tests = defaultdict(list)
    for file in sorted(TESTS.glob("test_*.py")):
        for name, numbers in marked(ast.parse(file.read_bytes())).items():
            assert numbers == sorted(set(numbers)) != [], f"{file.name}::{name}"
            for number in numbers:
                tests[number].append(f"tests/{file.name}::{name}")
    return {number: sorted(names) for number, names in tests.items()}


def test_each_fault_has_its_row_and_each_row_its_tests() -> None:
    """Marks and table say the same, both ways; an error shows the cells as they have to be."""
    tests = expected()
    assert [*ROWS] == [*range(1, 119)]
    wrong = {number: names for number, names in tests.items() if ROWS.get(number, ("", "", []))[2] != names}
    cells = "\n".join(
        f"{number}: {', '.join(f'`{each}`' for each in names)}" for number, names in wrong.items()
    )
    assert not wrong, f"docs/faults.md has to say:\n{cells}"
    assert [*ROWS] == sorted(tests)


def test_a_row_says_what_happens() -> None:
    """No two rows are of one fault; each outcome names exit codes that are documented, and errors of ours."""
    assert len({fault for fault, _, _ in ROWS.values()}) == len(ROWS)
    for number, (_, outcome, _) in ROWS.items():
        codes = re.findall(r"\b([0-9]+), `(\w+)`", outcome)
        for code, name in codes:
            assert code in CODES, number
            kind = getattr(kv.errors, name)
            usual = "2" if issubclass(kind, kv.errors.UsageError) else "4"
            assert code == (
                usual if issubclass(kind, (kv.errors.UsageError, kv.errors.OperationFailed)) else "3"
            ), number


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("@pytest.mark.fault(1, 2)\ndef test_a(): ...", {"test_a": [1, 2]}),
        ("@pytest.mark.parametrize('x', [1])\n@pytest.mark.fault(3)\ndef test_a(x): ...", {"test_a": [3]}),
        ("@pytest.mark.skip\ndef test_a(): ...\ndef helper(): ...", {}),
    ],
)
def test_marks_are_found(source: str, found: dict[str, list[int]]) -> None:
    """A mark counts beside other decorators, and a test without one is of no fault."""
    assert marked(ast.parse(source)) == found
