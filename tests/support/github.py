"""A server that answers ``gh`` as GitHub's API does, for one bare repository: real refs, real merges.

It listens on a socket in a folder, which ``http_unix_socket`` of gh's configuration names. What GitHub
decides, it decides by GitHub's rules: which reviews count, when a branch is merged, that a name is taken.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import shutil
import socketserver
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import attrs

from support import graphql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.repositories import Repo

OWNER, NAME = "krow", "withus"
PLACE = f"github.localhost/{OWNER}/{NAME}"
ADDRESS = f"https://{PLACE}.git"
_OPERATION = re.compile(r"(?:query|mutation)\s+(\w+)")
_DECIDING = {"APPROVED", "CHANGES_REQUESTED"}
_INSIDERS = {"OWNER", "MEMBER", "COLLABORATOR"}


@attrs.define
class Pull:
    """A pull request and its reviews."""

    number: int
    branch: str
    base: str
    title: str
    body: str
    author: str
    head: str
    state: str = "OPEN"
    draft: bool = False
    fork: str = ""
    merged_as: str | None = None
    labels: list[str] = attrs.field(factory=list)
    reviews: list[dict[str, Any]] = attrs.field(factory=list)


@attrs.define
class GitHub:
    """The state of the server; tests change it as people do on its pages.

    Attributes:
        remote: the bare repository.
        required: whether a rule of main requires a review.
        may: what the user of the token may do: ``READ`` or ``WRITE``.
        wrong: gives an answer (status, type, text) of its own for a request, or None.
        asked: the requests, each as method, path or name of the query, and Authorization.
    """

    remote: Repo
    folder: Path
    required: bool = True
    may: str = "WRITE"
    wrong: Callable[[str], tuple[int, str, str] | None] = lambda _: None
    labels: list[str] = attrs.field(factory=lambda: ["bug"])
    pulls: list[Pull] = attrs.field(factory=list)
    releases: list[dict[str, Any]] = attrs.field(factory=list)
    asked: list[tuple[str, str]] = attrs.field(factory=list)
    connections: int = 0

    @property
    def env(self) -> dict[str, str | None]:
        """The environment in which ``gh`` speaks to this server."""
        unset = dict.fromkeys(("GH_REPO", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN"))
        host = PLACE.partition("/")[0]
        return {"GH_CONFIG_DIR": str(self.folder), "GH_TOKEN": "token", "GH_HOST": host, **unset}

    def open(self, branch: str, base: str = "main", **more: Any) -> Pull:
        """Open a pull request."""
        pull = Pull(len(self.pulls) + 1, branch, base, "t", "b", "author", self._tip(branch), **more)
        self.pulls.append(pull)
        return pull

    def review(
        self, pull: Pull, state: str = "APPROVED", by: str = "colleague", association: str = "MEMBER"
    ) -> dict[str, Any]:
        """Review the newest commit of a pull request."""
        self.refresh()
        minute = sum(len(each.reviews) for each in self.pulls)
        review = {
            "__typename": "PullRequestReview", "id": f"R{minute}", "author": _user(by),
            "authorAssociation": association, "submittedAt": f"2026-03-05T10:{minute:02}:00Z", "body": "",
            "state": state, "commit": {"oid": pull.head}, "reactionGroups": [],
        }  # fmt: skip
        pull.reviews.append(review)
        return review

    def merge(self, pull: Pull, how: str = "merge") -> str:
        """Merge a pull request in one of the three ways of GitHub; give the new commit of its base."""
        git, base = self.remote.git, self._tip(pull.base)
        self.refresh()
        if how == "rebase":
            made = base
            for commit in git("rev-list", "--reverse", f"{base}..{pull.head}").split():
                tree = git("merge-tree", "--write-tree", f"--merge-base={commit}^", made, commit)
                made = git("commit-tree", tree, "-p", made, "-m", git("log", "-1", "--format=%B", commit))
        else:
            tree = git("merge-tree", "--write-tree", base, pull.head)
            parents = ["-p", base, *(["-p", pull.head] if how == "merge" else [])]
            made = git("commit-tree", tree, *parents, "-m", f"{pull.title} (#{pull.number})")
        git("update-ref", f"refs/heads/{pull.base}", made, base)
        pull.state, pull.merged_as = "MERGED", made
        return made

    def refresh(self) -> None:
        """Let open pull requests follow their branches, and be merged when their base has all of them."""
        for pull in self.pulls:
            if pull.state == "OPEN" and not pull.fork:
                pull.head = self._tip(pull.branch) or pull.head
                with contextlib.suppress(AssertionError):
                    self.remote.git("merge-base", "--is-ancestor", pull.head, self._tip(pull.base))
                    pull.state, pull.merged_as = "MERGED", pull.head

    def _tip(self, branch: str) -> str:
        return self.remote.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")

    def _decision(self, pull: Pull) -> str | None:
        """Only verdicts of people with rights count, and of each the last; they stay after another push."""
        if not self.required:
            return None
        last = {
            each["author"]["login"]: each["state"]
            for each in pull.reviews
            if each["state"] in _DECIDING and each["authorAssociation"] in _INSIDERS
        }
        if "CHANGES_REQUESTED" in last.values():
            return "CHANGES_REQUESTED"
        return "APPROVED" if "APPROVED" in last.values() else "REVIEW_REQUIRED"

    # --- GraphQL ---------------------------------------------------------------------------------

    def query(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        self.refresh()
        root = {
            "repository": self._repository,
            "createPullRequest": self._create,
            "updatePullRequest": self._update,
        }
        try:
            return {"data": graphql.answer(query, variables, root)}
        except graphql.Wrong as error:
            return {"data": None, "errors": [{"message": str(error)}]}

    def _repository(self, args: dict[str, Any]) -> dict[str, Any]:
        if (args["owner"], args["name"]) not in {
            (OWNER, NAME),
            ("", ""),
        }:  # gh leaves them empty for a label.
            raise graphql.Wrong("Could not resolve to a Repository with that name.")
        labels = [{"__typename": "Label", "id": f"L{each}", "name": each} for each in self.labels]
        return {
            "__typename": "Repository", "id": "REPO", "databaseId": 1, "name": NAME, "owner": _user(OWNER),
            "sshUrl": "", "hasIssuesEnabled": True, "description": "", "hasWikiEnabled": True,
            "viewerPermission": self.may, "defaultBranchRef": {"name": "main"}, "parent": None,
            "mergeCommitAllowed": True, "rebaseMergeAllowed": True, "squashMergeAllowed": True,
            "pullRequests": self._pulls, "release": None,
            "ref": self._ref,
            "label": lambda args: next((each for each in labels if each["name"] == args["name"]), None),
            "labels": lambda args: _connection(
                [each for each in labels if args.get("query", "").lower() in each["name"].lower()]
            ),
        }  # fmt: skip

    def _ref(self, args: dict[str, Any]) -> dict[str, str] | None:
        name = args["qualifiedName"]
        return {"id": name} if self.remote.git("for-each-ref", name) else None

    def _pulls(self, args: dict[str, Any]) -> dict[str, Any]:
        states, base = args.get("states") or ["OPEN", "CLOSED", "MERGED"], args.get("baseRefName")
        found = [
            self._shown(pull)
            for pull in reversed(self.pulls)
            if pull.branch == args["headRefName"] and pull.state in states and base in {None, pull.base}
        ]
        return _connection(found)

    def _shown(self, pull: Pull) -> dict[str, Any]:
        return {
            "__typename": "PullRequest", "id": f"PR{pull.number}", "number": pull.number,
            "url": f"http://{PLACE}/pull/{pull.number}", "state": pull.state, "isDraft": pull.draft,
            "headRefName": pull.branch, "headRefOid": pull.head, "baseRefName": pull.base,
            "mergeCommit": {"oid": pull.merged_as} if pull.state == "MERGED" else None,
            "reviewDecision": self._decision(pull), "author": _user(pull.author),
            "isCrossRepository": bool(pull.fork), "headRepositoryOwner": _user(pull.fork or OWNER),
            "reviews": lambda _: _connection(pull.reviews), "createdAt": "2026-03-05T09:00:00Z",
        }  # fmt: skip

    def _create(self, args: dict[str, Any]) -> dict[str, Any]:
        wanted = args["input"]
        fork, _, branch = wanted["headRefName"].rpartition(":")
        base = wanted["baseRefName"]
        if not self._tip(branch):
            none = f"No commits between {base} and {branch}"
            raise graphql.Wrong(f"Head sha can't be blank, {none}, Head ref must be a branch")
        if not self.remote.git("rev-list", f"{self._tip(base)}..{self._tip(branch)}"):
            raise graphql.Wrong(f"No commits between {base} and {branch}")
        pull = self.open(branch, base, draft=wanted["draft"], fork=fork)
        pull.title, pull.body, pull.author = wanted["title"], wanted["body"], "me"
        return {"pullRequest": self._shown(pull)}

    def _update(self, args: dict[str, Any]) -> dict[str, Any]:
        if self.may == "READ":
            raise graphql.Wrong("me does not have the correct permissions to execute `UpdatePullRequest`")
        pull = self.pulls[int(args["input"]["pullRequestId"].removeprefix("PR")) - 1]
        pull.labels += [each.removeprefix("L") for each in args["input"]["labelIds"]]
        return {"clientMutationId": None, "__typename": "UpdatePullRequestPayload"}

    # --- REST ------------------------------------------------------------------------------------

    def rest(self, method: str, path: str, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        what = path.removeprefix(f"/repos/{OWNER}/{NAME}/")
        if method == "GET" and what.startswith("releases/tags/"):
            tag = unquote(what.removeprefix("releases/tags/"))
            found = next((each for each in self.releases if each["tag_name"] == tag), None)
            return (200, found) if found else (404, {"message": "Not Found"})
        if method != "POST" or self.may == "READ":
            return 403 if method == "POST" else 404, {"message": "Must have admin rights to Repository."}
        if what == "labels":
            if data["name"].lower() in map(str.lower, self.labels):
                return _taken("Label", "name")
            self.labels.append(data["name"])
            return 201, {"id": 1, **data}
        if what == "releases":
            if any(each["tag_name"] == data["tag_name"] for each in self.releases):
                return _taken("Release", "tag_name")
            page = f"http://{PLACE}/releases/tag/{data['tag_name']}"
            made = {"id": 1, "html_url": page, "url": page, "upload_url": page, "draft": False, **data}
            self.releases.append(made)
            return 201, made
        return 404, {"message": "Not Found"}


@contextlib.contextmanager
def serving(remote: Repo) -> Iterator[GitHub]:
    """Serve a bare repository until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="gh-"))  # A short path: a socket's has at most 107 bytes.
    server = _Server(str(folder / "socket"), _Handler)
    server.github = GitHub(remote, folder)
    (folder / "config.yml").write_text(f"http_unix_socket: {folder}/socket\n", encoding="utf-8")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        shutil.rmtree(folder)


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    github: GitHub


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.github.connections += 1

    def do_GET(self) -> None:
        github = self.server.github
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        data = json.loads(text) if text else {}
        is_query = self.path == "/graphql"
        what = f"{self.command} {self.path}"
        if is_query:
            what = _OPERATION.findall(data["query"])[-1]
        github.asked.append((what, self.headers.get("Authorization", "")))
        code, kind, said = 200, "application/json; charset=utf-8", ""
        if wrong := github.wrong(what):
            code, kind, said = wrong
        elif is_query:
            said = json.dumps(github.query(data["query"], data.get("variables") or {}))
        else:
            code, found = github.rest(self.command, self.path, data)
            said = json.dumps(found)
        body = said.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - http.server finds it by this name.

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _connection(nodes: list[Any]) -> dict[str, Any]:
    page = {"hasNextPage": False, "endCursor": None}
    return {"nodes": nodes, "totalCount": len(nodes), "pageInfo": page}


def _user(login: str) -> dict[str, str]:
    return {"__typename": "User", "id": f"U{login}", "login": login, "name": login}


def _taken(what: str, field: str) -> tuple[int, dict[str, Any]]:
    wrong = {"resource": what, "code": "already_exists", "field": field}
    return 422, {"message": "Validation Failed", "errors": [wrong]}
