"""A model hub on this machine: repositories of bytes behind the protocol by which hubs serve files.

What a hub answers, and with which headers: `huggingface_hub` (file_download.py, utils/_http.py). Large files
lie at another origin, to which no token may go. Faults are given by the path of a file.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import unquote, urlsplit

LARGE = (".parquet", ".safetensors", ".gz")
API = re.compile(r"/api/(?P<kind>models|datasets)/(?P<name>[^/]+/[^/]+)(?:/revision/(?P<revision>[^/]+))?")
FILE = re.compile(
    r"/(?:api/resolve-cache/)?(?:(?P<kind>datasets|models)/)?"
    r"(?P<name>[^/]+/[^/]+)/(?P<at>resolve|at)/(?P<revision>[^/]+)/(?P<path>.+)"
)


@dataclass
class Repository:
    """One repository; `commits` maps a commit to its files."""

    commits: dict[str, dict[str, bytes]]
    kind: Literal["models", "datasets"] = "datasets"
    branches: dict[str, str] = field(default_factory=dict)
    gated: bool = False
    private: bool = False


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    token: str | None
    range: str | None


class Hub:
    """A running server. `token` is the one that may read everything; `known` others that are merely known."""

    token = "hf_reader"
    known = "hf_stranger"

    def __init__(self, repositories: Mapping[str, Repository]) -> None:
        self.repositories = repositories
        self.seen: list[Seen] = []
        self.cuts: dict[str, list[int]] = {}
        """By path: after how many bytes the connection of the next download breaks, and of those after it."""
        self.wrong: dict[str, bytes] = {}
        """By path: what comes in place of a file's content."""
        self.status: int | None = None
        """What every request is answered with."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.storage = f"http://localhost:{self.port}/storage"

    def downloads(self) -> list[str]:
        """The paths of all files that were sent, in order."""
        return [each.path for each in self.seen if each.method == "GET" and not API.fullmatch(each.path)]


@contextmanager
def running(repositories: Mapping[str, Repository]) -> Iterator[Hub]:
    hub = Hub(repositories)
    thread = threading.Thread(target=hub.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.server.shutdown()
        hub.server.server_close()
        thread.join()


def _handler_of(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        served = hub

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Hub

    def do_GET(self) -> None:
        hub, path = self.served, urlsplit(self.path).path
        bearer = self.headers.get("authorization")
        token = bearer.removeprefix("Bearer ") if bearer else None
        hub.seen.append(Seen(self.command, path, token, self.headers.get("range")))
        if hub.status is not None:
            return self._refuse(hub.status)
        if path.startswith("/storage/"):
            return self._send_stored(unquote(path.removeprefix("/storage/")))
        if token not in (None, hub.token, hub.known):
            return self._refuse(401, message="Invalid credentials in Authorization header")
        if (api := API.fullmatch(path)) is not None:
            return self._send_info(api["name"], api["kind"], api["revision"], token)
        if (file := FILE.fullmatch(path)) is not None:
            return self._send_file(file, token, is_final=file["at"] == "at")
        return self._refuse(404)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silent: a test prints what it wants to see."""

    def _found(
        self, name: str, kind: str, revision: str | None, token: str | None
    ) -> tuple[Repository, str] | None:
        repository = self.served.repositories.get(name)
        hidden = (
            repository is None
            or repository.kind != kind
            or (repository.private and token != self.served.token)
        )
        if hidden or repository is None:
            # Whether it exists is nobody's business who may not read it.
            self._refuse(401 if token is None else 404, "RepoNotFound")
            return None
        wanted = unquote(revision or "main")
        commit = repository.branches.get(wanted, wanted)
        if commit not in repository.commits:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {wanted}")
            return None
        return repository, commit

    def _send_info(self, name: str, kind: str, revision: str | None, token: str | None) -> None:
        """What a gated repository holds may be seen by all."""
        if (found := self._found(name, kind, revision, token)) is None:
            return
        repository, commit = found
        siblings = [{"rfilename": path} for path in repository.commits[commit]]
        info = {"id": name, "sha": commit, "siblings": siblings, "private": repository.private}
        self._send(200, json.dumps(info).encode(), {"Content-Type": "application/json"})

    def _send_file(self, file: re.Match[str], token: str | None, *, is_final: bool) -> None:
        name, kind, path = file["name"], file["kind"] or "models", unquote(file["path"])
        if (found := self._found(name, kind, file["revision"], token)) is None:
            return None
        repository, commit = found
        if repository.gated and token != self.served.token:
            return self._refuse(401 if token is None else 403, "GatedRepo", "Access to this is restricted")
        content = repository.commits[commit].get(path)
        if content is None:
            return self._refuse(404, "EntryNotFound", f"no {path}", {"X-Repo-Commit": commit})
        headers = {"X-Repo-Commit": commit}
        if path.endswith(LARGE):
            digest = hashlib.sha256(content).hexdigest()
            linked = {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content))}
            at = f"{self.served.storage}/{name}/{commit}/{path}"
            return self._send(302, b"", {**headers, **linked, "Location": at})
        etag = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        if not is_final:
            at = f"/api/resolve-cache/{kind}/{name}/at/{commit}/{file['path']}"
            return self._send(307, b"", {**headers, "ETag": f'"{etag}"', "Location": at})
        return self._send_content(f"{name}/{commit}/{path}", content, {**headers, "ETag": f'"{etag}"'})

    def _send_stored(self, at: str) -> None:
        owner, name, commit, path = at.split("/", 3)
        content = self.served.repositories[f"{owner}/{name}"].commits[commit][path]
        self._send_content(at, content, {})

    def _send_content(self, at: str, content: bytes, headers: dict[str, str]) -> None:
        path = at.split("/", 3)[3]
        content = self.served.wrong.get(path, content)
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range") or "")
        begin = int(asked[1]) if asked else 0
        if asked:
            headers = {**headers, "Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"}
        cuts = self.served.cuts.get(path) if self.command == "GET" else None
        self._send(206 if asked else 200, content[begin:], headers, cut=cuts.pop(0) if cuts else None)

    def _refuse(
        self, status: int, code: str | None = None, message: str = "no", more: dict[str, str] | None = None
    ) -> None:
        headers = {"X-Error-Message": message, **(more or {})}
        self._send(status, b"", {**headers, **({"X-Error-Code": code} if code else {})})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str], *, cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True
