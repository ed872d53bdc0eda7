"""Patterns are those of `re` in all that can be done with them, and are compiled when they are first used."""

from __future__ import annotations

import copy
import pickle
import re

from krow_versions.regexes import regex


def test_a_pattern_is_compiled_by_its_first_use() -> None:
    """A wrong one is no error until then, and a right one has what `re` gives for it."""
    wrong = regex("(")
    late, early = regex(r"(?P<word>[a-z]+)", re.IGNORECASE), re.compile(r"(?P<word>[a-z]+)", re.IGNORECASE)
    for used in (late, late, copy.copy(late), copy.deepcopy(late), pickle.loads(pickle.dumps(late))):
        for name in ("findall", "split"):
            assert getattr(used, name)("2 Words") == getattr(early, name)("2 Words")
        assert used.sub("-", "2 Words", count=1) == "2 -"
        assert (used.pattern, used.flags, used.groups) == (early.pattern, early.flags, early.groups)
        assert [found["word"] for found in used.finditer("2 Words or 3")] == ["Words", "or"]
    try:
        wrong.match("")
    except re.error:
        return
    raise AssertionError
