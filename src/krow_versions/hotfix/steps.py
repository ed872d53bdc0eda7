"""The eleven steps of the process: what each still needs, and the command for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.approval import is_out
from krow_versions.hotfix.clock import times_of
from krow_versions.hotfix.deployments import described, rolled_back
from krow_versions.hotfix.done import is_done
from krow_versions.hotfix.entries import ANNOUNCEMENT, FOLLOW_UP, ROLLBACK_NOTICE
from krow_versions.hotfix.gates import FAILED, new_files
from krow_versions.hotfix.landing import difference, seeing_undone, undone
from krow_versions.hotfix.messages import fixes
from krow_versions.hotfix.milestones import FOLLOWED_UP_AFTER, WATCH
from krow_versions.hotfix.postmortem import DOCUMENTED, documenting
from krow_versions.hotfix.sending import OPTIONS, sending, sent_before, when_begun
from krow_versions.hotfix.step_context import OpenPoint
from krow_versions.planning.commands import DECLARING
from krow_versions.text.escaping import shell_word
from krow_versions.text.times import at
from krow_versions.text.words import counted, listed

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates import Gate
    from krow_versions.hotfix.step_context import StepContext

_THERE = "the remote has its branch, and it is not here"
_UNRECORDED = "not known: it is out, and nothing is recorded here of what people did since"


def declare(case: StepContext) -> OpenPoint | None:
    """Step 1: recorded with issue and impact."""
    facts = case.facts
    older = facts.base if facts and facts.newer else None  # Else it would start from the newest.
    command = case.calls.start(f"--from {shell_word(older.name)} {DECLARING}" if older else DECLARING)
    if case.record.declaration is None:
        begun = case.facts is not None and case.facts.tip is not None
        if case.facts is not None and (case.facts.merged or case.facts.tag):
            return OpenPoint("nothing is recorded here; another checkout may have it", command, past=True)
        if case.facts is not None and begun and case.facts.tip_here is None:
            name = case.facts.branch
            return OpenPoint(
                f"{name} is not here, but {case.facts.found_as} is", f"{case.git} switch {shell_word(name)}"
            )
        if case.join:
            return OpenPoint(_THERE, case.join)
        why = "the branch is there, but nothing is recorded here" if begun else "nothing is declared"
        return OpenPoint(why, command)
    if not is_done(case.boxes, "severity"):
        return OpenPoint("issue or impact is not said", command)
    return None


def branch(case: StepContext) -> OpenPoint | None:
    """Step 2: made from the production tag."""
    facts = case.facts
    if case.shipped:
        return None
    if facts is None or facts.tip is None:
        if case.join:
            return OpenPoint(_THERE, case.join)
        if declared := case.record.declaration:
            making = f"{case.git} branch {shell_word(declared.branch)} COMMIT"
            why = f"{declared.branch} is recorded, but not here: find its last commit, then {making}"
            return OpenPoint(why, f"{case.git} reflog", blocked=True)
        return OpenPoint("there is no branch yet", case.calls.start())
    found = case.wrong(2)
    if found and not facts.merged:
        return OpenPoint(_reason(found), case.run("hotfix check"), blocked=True)
    return None


def fix(case: StepContext) -> OpenPoint | None:
    """Step 3: one committed fix with a complete message, small, inside the product."""
    facts = case.facts
    if facts is None or case.shipped or facts.merged:
        return None
    under_way = facts.state.repo.under_way
    if under_way:
        why = f"a {under_way} is under way: finish or abort it"
        return OpenPoint(why, f"{case.git} status", blocked=True)
    if not facts.checked_out and case.wrong(3, 4, 5):
        return OpenPoint(
            f"{facts.branch} is not checked out", f"{case.git} switch {shell_word(facts.branch)}"
        )
    if not fixes(facts):
        why = f"not committed: {listed(facts.dirty)}" if facts.dirty else "there is no fix: commit yet"
        return OpenPoint(why, case.commit_fix)
    others = {path for path in facts.dirty if path not in own_paths(facts)}
    new = new_files(facts)
    found = case.wrong(3, without="" if others or new else "clean")
    if found is None:
        return None
    if found.id == "clean" and facts.dirty:
        return OpenPoint(_reason(found), case.commit)
    if found.id == "commit-message" and found.todo == f"{case.git} commit --amend":
        return OpenPoint(found.found, f"{case.git} commit --amend")
    return OpenPoint(_reason(found), case.run("hotfix check"), blocked=True)


def version(case: StepContext) -> OpenPoint | None:
    """Step 4: every version file committed at the target."""
    return _files_step(case, case.run("bump-patch"), 4)


def changelog(case: StepContext) -> OpenPoint | None:
    """Step 5: the row committed."""
    return _files_step(case, case.run("changelog add", "-m TEXT"), 5)


def review(case: StepContext) -> OpenPoint | None:
    """Step 6: pushed, asked for, approved."""
    facts = case.facts
    if facts is None or is_out(facts) is not False or is_done(case.boxes, "approval"):
        return None
    when = f"when {str(facts.tip or facts.tag_at)[:12]} is approved"
    waiting = OpenPoint(_waiting(case), case.tick("approval"), blocked=True, until=when)
    if facts.merged or case.shipped:
        return waiting
    # What main has undone is for the merge: the review looks at the tip in any case.
    failing = next((gate for gate in case.gates if gate.verdict == FAILED and gate.id != "main"), None)
    if failing:
        return OpenPoint(_reason(failing), case.run("hotfix check"), blocked=True)
    if facts.branch_there and facts.lacking != 0 and (found := difference(facts)):
        return OpenPoint(found.why, found.command, blocked=True)
    if facts.branch_pushed is False:
        return OpenPoint("the branch is not pushed, or was changed since", case.run("hotfix pr", "--run"))
    if not is_done(case.boxes, "review") and facts.remote is None:
        return OpenPoint("there is no remote: ask for the review yourself, and say so", case.tick("review"))
    if not is_done(case.boxes, "review") and not (facts.pull_request and facts.pull_request.asks):
        if facts.unseen is not None:
            why = "the branch is pushed: open the pull request, and say so"
            return OpenPoint(f"{why} ({facts.unseen})", case.tick("review"))
        return OpenPoint("the review is not asked for", case.run("hotfix pr", "--run"))
    return waiting


def merge(case: StepContext) -> OpenPoint | None:
    """Step 7: main contains the branch, here and on the remote."""
    facts, command = case.facts, case.run("hotfix finish")
    if facts is None:
        return None
    if facts.newer is not None:  # Of an older line: main stays as it is.
        return None
    if facts.undone:
        is_out = case.shipped and facts.tag_pushed is True
        return OpenPoint(undone(facts), seeing_undone(facts), blocked=True, past=is_out)
    if not facts.merged and not (case.shipped and facts.tip is None):
        failing = next((gate for gate in case.gates if gate.verdict == FAILED), None)
        if failing:
            return OpenPoint(_reason(failing), case.run("hotfix check"), blocked=True)
        if differing := difference(facts):
            return OpenPoint(differing.why, differing.command, blocked=True)
        moved = f", and has moved on by {counted(facts.behind, 'commit')}" if facts.behind else ""
        why = f"{facts.main_name} does not contain the hotfix{moved}"
        # A main that has moved since the last fetch may have it: finish fetches, and sees.
        if case.reviewed and not facts.main_moved and (facts.branch_pushed or facts.requested):
            why += f": waiting for the merge of the pull request on {facts.remote}; then: {command}"
            return OpenPoint(why, case.run("hotfix pr"), blocked=True)
        return OpenPoint(why, command)
    if facts.main_pushed is False:
        return OpenPoint(f"merged here, but {facts.main_name} is not pushed", command)
    return None


def tag(case: StepContext) -> OpenPoint | None:
    """Step 8: the annotated tag on the tip, pushed, and its GitHub Release."""
    facts, command = case.facts, case.run("hotfix finish")
    if facts is None:
        return None
    if facts.tag is None:
        return OpenPoint("merged, but not tagged" if facts.merged else "not tagged", command)
    name = facts.tag.name
    is_lightweight = not facts.tag_annotated and not facts.tag_pushed
    if not facts.finished or is_lightweight:
        what = "is no annotated tag, and a tag never moves"
        what = what if facts.finished else "is elsewhere, and a tag never moves: the version is taken"
        return OpenPoint(f"{name} {what}", f"{case.git} show {shell_word(name)}", blocked=True)
    if facts.remote is None:
        return None
    if facts.tag_pushed is None:
        why = f"whether {facts.remote} has {name} is not known: it could not be asked"
        return OpenPoint(why, case.run("hotfix status"), blocked=True)
    if not facts.tag_pushed:
        return OpenPoint(f"{name} is made, but not pushed", command)
    if not is_done(case.boxes, "github-release") and case.record.is_tracked:
        ticking = case.tick("github-release")
        why = f"{name} is pushed, but its GitHub Release is not ticked: {ticking}"
        return OpenPoint(why, ticking if facts.unseen else case.run("hotfix finish", "--run"))
    return None


def deploy(case: StepContext) -> OpenPoint | None:
    """Step 9: the last deployment succeeded."""
    if is_done(case.boxes, "deployed"):
        return None
    record = case.record
    command = case.run("hotfix deploy", "--run") if case.deploys else case.tick("deployed")
    if record.rollback is not None and not record.rollback.is_done:
        running = record.running(case.now)
        again = " --again" if running and running.tag == record.rollback.decision.to else ""
        going_on = case.run("hotfix rollback", f"--run{again}" if case.deploys else "--done")
        until = "if that died" if again else ""
        return OpenPoint(rolled_back(record.rollback), going_on, blocked=True, until=until)
    if record.rollback is not None and _is_back(case):
        return OpenPoint(rolled_back(record.rollback), command, past=True)
    if case.unrecorded:
        return OpenPoint(_UNRECORDED, command, past=True)
    if case.above:
        deciding = f"--to {record.version} --reason TEXT --decided-by NAME"
        why = f"{case.above}: what is older is deployed only by a rollback"
        return OpenPoint(why, case.run("hotfix rollback", deciding), blocked=True)
    if not case.deploys:
        return OpenPoint("deploy it by hand (no command is configured), then tick it", command)
    if running := record.running(case.now):
        again = case.run("hotfix deploy", "--run --again")
        why = f"{described(running)}; wait for its end, or repeat it if it died"
        return OpenPoint(why, again, blocked=True, until="if that died")
    last = record.last_attempt
    if last is not None:
        return OpenPoint(described(last), command, blocked=True)
    return OpenPoint("not deployed, as far as is recorded here", command)


def verify(case: StepContext) -> OpenPoint | None:
    """Step 10: smoke tests passed, logs watched."""
    if case.unrecorded:
        return OpenPoint(_UNRECORDED, case.run("hotfix report"), past=True)
    if _is_back(case):
        return OpenPoint("it is not in production any more", case.run("hotfix report"), past=True)
    box = next((box for box in ("smoke-tests", "logs-watched") if not is_done(case.boxes, box)), None)
    if box is None:
        return None
    due = case.record.deployed + WATCH if box == "logs-watched" and case.record.deployed else case.now
    if case.now >= due:
        return OpenPoint(f"{box} is not ticked", case.tick(box))
    why, until = f"logs are watched until {at(due)}", f"at {at(due)}"
    meanwhile = not is_done(case.boxes, "users-notified")  # Users hear of it before that is over.
    return OpenPoint(why, case.tick(box), blocked=True, past=meanwhile, until=until)


def notify(case: StepContext) -> OpenPoint | None:
    """Step 11: users notified, status update after a day, incident documented."""
    record = case.record
    if case.unrecorded:
        return OpenPoint(_UNRECORDED, case.run("hotfix announce", "--draft"), past=True)
    way, text = "--send" if case.notifies else "--done", case.run("hotfix announce")
    by_hand = "" if case.notifies else f": send what {text} prints"
    due_now = ROLLBACK_NOTICE if _is_back(case) else ANNOUNCEMENT
    if sent_before(record, due_now) is None and (begun := sending(record, due_now)):
        done = case.run("hotfix announce", f"{OPTIONS[due_now]}--done")
        return OpenPoint(when_begun(begun), done, blocked=True, until="if it has arrived")
    if _is_back(case) and sent_before(record, ROLLBACK_NOTICE) is None:
        by_hand = by_hand.replace(text, f"{text} --rollback")
        return OpenPoint(f"users are not notified of the rollback{by_hand}", f"{text} --rollback {way}")
    if not _is_back(case) and sent_before(record, ANNOUNCEMENT) is None:
        return OpenPoint(f"users are not notified{by_hand}", f"{text} {way}")
    if sent_before(record, FOLLOW_UP) is None and not _is_back(case):
        due = (record.deployed or case.now) + FOLLOWED_UP_AFTER
        why, command = f"the status update is due at {at(due)}", f"{text} --follow-up {way}"
        waiting = case.now < due
        return OpenPoint(why, command, blocked=waiting, until=f"at {at(due)}" if waiting else "")
    if not is_done(case.boxes, DOCUMENTED):
        why, command, rest = documenting(record, times_of(record, case.facts), case.now)
        return OpenPoint(why, case.run(f"hotfix {command}", rest))
    return None


STEPS = {
    "Declare": declare,
    "Branch": branch,
    "Fix": fix,
    "Version": version,
    "CHANGELOG": changelog,
    "Review": review,
    "Merge": merge,
    "Tag": tag,
    "Deploy": deploy,
    "Verify": verify,
    "Tell": notify,
}
"""The steps by title, in order."""


def own_paths(facts: Facts) -> set[str]:
    """Give the paths that steps 4 and 5 change."""
    own = {file.path for file in facts.state.files if file.repo == facts.state.product.repo}
    return own | ({facts.state.changelog.path} if facts.state.changelog else set())


def _is_back(case: StepContext) -> bool:
    """Whether it was deployed, and production went back to an older version since."""
    rollback = case.record.rollback
    return rollback is not None and rollback.is_done and case.record.last_attempt is not None


def _waiting(case: StepContext) -> str:
    """Say that the approval is missing, and what was approved instead."""
    found = next((each.note for each in case.boxes if each.box.id == "approval"), "")
    return f"waiting for the approval{f': {found}' if 'approv' in found else ''}"


def _files_step(case: StepContext, command: str, step: int) -> OpenPoint | None:
    facts = case.facts
    if facts is None or case.shipped or facts.merged:
        return None
    found = case.wrong(step)
    if found is None:
        return None
    if facts.checked_out and any(path in own_paths(facts) for path in facts.dirty):
        here = [f.version for f in facts.state.files if f.version]
        if here and all(str(version.with_build(None)) == str(facts.version) for version in here):
            return OpenPoint(f"changed, but not committed: {listed(facts.dirty)}", case.commit)
    if found.verdict != FAILED:
        return OpenPoint(found.found, case.run("hotfix check"), blocked=True)
    return OpenPoint(found.found, command)


def _reason(gate: Gate) -> str:
    return f"{gate.found}{f'; {gate.todo}' if gate.todo else ''}"
