"""Look for texts that break a reader: `./dev fuzz [TARGET]... [--seconds N]`.

With atheris where it can be installed: it sees which lines a text reaches, and goes on from there. Else, or
with `--driver hypothesis`, with Hypothesis. The targets are the same. What fails is kept in ``build/fuzz``,
and printed as a literal to be pasted into a test; ``--replay FILE`` tries it again.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from targets import Target

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "fuzz"
LONGEST = 20_000


def main() -> None:
    if {"--child", "--driver=atheris"} <= {*sys.argv}:
        import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

        with atheris.instrument_imports(include=["krow_versions"]):  # Before anything else imports them.
            import targets  # noqa: F401
    wanted = arguments()
    failed = [name for name in wanted.targets if not fuzzed(name, wanted)]
    if failed:
        sys.exit(f"fuzz: {', '.join(failed)} failed")


def fuzzed(name: str, wanted: argparse.Namespace) -> bool:
    """Fuzz one target in a process of its own, which libFuzzer ends; False if it failed."""
    if wanted.child:
        drive = with_atheris if wanted.driver == "atheris" else with_hypothesis
        return drive(name, wanted.seconds, wanted.corpus)
    say(f"{name}: {wanted.seconds:g} s by {wanted.driver}")
    arguments = [name, "--child", f"--driver={wanted.driver}", f"--seconds={wanted.seconds}"]
    if wanted.corpus:
        arguments.append(f"--corpus={wanted.corpus}")
    log = BUILD / name / f"{wanted.driver}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        code = subprocess.call(
            [sys.executable, __file__, *arguments], stdout=output, stderr=subprocess.STDOUT
        )
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    facts = [line for line in lines if line.startswith(("fuzz: ", "stat::number_of_executed"))]
    say(*(f"  {line}" for line in (lines[-30:] if code else facts)))
    return code == 0


def with_hypothesis(name: str, seconds: float, corpus: Path | None) -> bool:
    """Draw texts from the seeds until the time is over."""
    target = target_of(name)
    ends = time.monotonic() + seconds
    tried, failures = [0], list[str]()

    @settings(
        max_examples=200, deadline=None, suppress_health_check=[*HealthCheck],
        database=DirectoryBasedExampleDatabase(BUILD / name / "hypothesis"), print_blob=False,
    )  # fmt: skip
    @given(texts(seeds_of(target, corpus), target.tokens))
    def search(text: str) -> None:
        if time.monotonic() > ends and not failures:
            return
        tried[0] += 1
        try:
            target.check(text)
        except BaseException:
            failures.append(text)
            raise

    try:
        while time.monotonic() < ends:
            search()
    except BaseException:
        if not failures:
            raise
        keep(name, failures[-1])  # The last that Hypothesis tries is the simplest.
        return False
    say(f"fuzz: {tried[0]} texts")
    return True


def with_atheris(name: str, seconds: float, corpus: Path | None) -> bool:
    """Have libFuzzer change the seeds; it ends this process."""
    import atheris

    with atheris.instrument_imports(include=["krow_versions"]):
        target = target_of(name)
        for seed in target.seeds:  # Formats load their modules when they are first used.
            target.check(seed)
    home = BUILD / name / "seeds"
    shutil.rmtree(home, ignore_errors=True)  # What an earlier run took from a corpus may be long, and slow.
    home.mkdir(parents=True)
    for seed in seeds_of(target, corpus):
        data = seed.encode("utf-8", "surrogatepass")
        (home / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    words = BUILD / name / "tokens"
    encoded = (token.encode("utf-8", "surrogatepass") for token in target.tokens)
    escaped = ("".join(f"\\x{byte:02x}" for byte in token) for token in encoded)
    words.write_text("".join(f'"{token}"\n' for token in escaped), encoding="ascii")

    def check(data: bytes) -> None:
        text = data.decode("utf-8", "ignore")
        try:
            target.check(text)
        except BaseException:
            keep(name, text)
            raise

    options = [
        f"-max_total_time={seconds:.0f}",
        f"-max_len={LONGEST}",
        f"-dict={words}",
        "-print_final_stats=1",
    ]
    options += [f"-artifact_prefix={BUILD / name}{os.sep}", "-timeout=30", "-rss_limit_mb=4096"]
    found = BUILD / name / "found"
    found.mkdir(exist_ok=True)
    atheris.Setup([sys.argv[0], *options, str(found), str(home)], check)
    atheris.Fuzz()
    return True


def texts(seeds: Iterable[str], tokens: Iterable[str]) -> st.SearchStrategy[str]:
    """Draw texts: a seed with places deleted, repeated, exchanged, or with tokens put in; or any text."""
    pieces = st.sampled_from([*tokens]) | st.text(max_size=4)
    change = st.tuples(
        st.integers(0, 10**4), st.integers(0, 12), st.lists(pieces, max_size=3).map("".join), st.booleans()
    )
    changed = st.builds(edited, st.sampled_from([*seeds]), st.lists(change, max_size=4))
    return changed | changed | changed | st.lists(pieces, max_size=12).map("".join)


def edited(text: str, changes: Iterable[tuple[int, int, str, bool]]) -> str:
    """Return *text* with spans replaced; or, where told so, with whole lines repeated."""
    for place, length, new, by_line in changes:
        at = place % (len(text) + 1)
        if by_line and length > 6:
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at) + 1 or len(text)
            text = text[:start] + text[start:end] + new + text[start:]
        else:
            text = text[:at] + new + text[at + length :]
    return text[:LONGEST]


def target_of(name: str) -> Target:
    from targets import TARGETS

    return TARGETS[name]


def seeds_of(target: Target, corpus: Path | None) -> list[str]:
    """Return the seeds of a target, and real files that are not long; those are read, and never kept here."""
    folders = [corpus / each for each in target.corpus] if corpus else []
    files = (file for folder in folders for file in sorted(folder.glob("*")) if file.is_file())
    real = (file.read_bytes() for file in files)
    return [*target.seeds, *(each.decode("utf-8", "ignore") for each in real if len(each) <= LONGEST)]


def keep(name: str, text: str) -> None:
    """Keep the text that failed, and print it with its error."""
    home = BUILD / name / "failed"
    home.mkdir(parents=True, exist_ok=True)
    data = text.encode("utf-8", "surrogatepass")
    file = home / hashlib.sha256(data).hexdigest()[:16]
    file.write_bytes(data)
    say(
        "",
        traceback.format_exc(limit=-6),
        f"fuzz: {name} failed with this text, kept in {file}:",
        f"    {text!r}",
    )


def replay(name: str, file: Path) -> None:
    target_of(name).check(file.read_bytes().decode("utf-8", "surrogatepass"))
    say(f"{name}: passes")


def arguments() -> argparse.Namespace:
    from targets import TARGETS

    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"default: all of {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=float, default=60, metavar="N", help="for each target; default: 60")
    parser.add_argument(
        "--driver", choices=("atheris", "hypothesis"), help="default: atheris where it is installed"
    )
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="begin with real files, too")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="try one text again")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    for name in wanted.targets:
        if name not in TARGETS:
            parser.error(f"there is no target {name!r}; there are {', '.join(TARGETS)}")
    if wanted.seconds <= 0:
        parser.error("--seconds: more than 0")
    if wanted.replay:
        if len(wanted.targets) != 1:
            parser.error("--replay: with one TARGET")
        replay(wanted.targets[0], wanted.replay)
        sys.exit(0)
    has_atheris = importlib.util.find_spec("atheris") is not None
    wanted.driver = wanted.driver or ("atheris" if has_atheris else "hypothesis")
    wanted.targets = wanted.targets or [*TARGETS]
    return wanted


def say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
