# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Branches, other references and commits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dulwich.objects import Commit

from local_cloud.services.github import access, bodies, rules
from local_cloud.services.github.accounts import show_simple, timestamp
from local_cloud.services.github.calls import Call, Reply
from local_cloud.services.github.errors import GitHubError, not_found
from local_cloud.services.github.git import HEADS
from local_cloud.services.github.links import node_id
from local_cloud.services.github.store import Repository

_UNVERIFIED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def list_branches(call: Call) -> Reply:
    repository = call.repository(access.READ_CONTENTS)
    wanted = call.query.get("protected")

    def shown(ref: str) -> dict[str, Any]:
        sha = repository.git.refs(ref)[ref]
        url = f"{call.links.repository(repository.full_name)}/commits/{sha}"
        return {
            "name": ref.removeprefix(HEADS),
            "commit": {"sha": sha, "url": url},
            "protected": is_protected(repository, ref),
        }

    branches = [
        ref
        for ref in repository.git.refs(HEADS)
        if wanted is None or is_protected(repository, ref) == (wanted == "true")
    ]
    return call.page_of(branches, shown)


def get_branch(call: Call) -> Reply:
    repository = call.repository(access.READ_CONTENTS)
    name = call.path["branch"]
    sha = repository.branch(name)
    if sha is None:
        raise not_found("Branch not found")
    url = f"{call.links.repository(repository.full_name)}/branches/{name}"
    protected = is_protected(repository, HEADS + name)
    return Reply({
        "name": name,
        "commit": show_commit(call, repository, sha),
        "_links": {"self": url, "html": call.links.page(repository.full_name, "tree", name)},
        "protected": protected,
        "protection": {
            "enabled": protected,
            "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
        },
        "protection_url": f"{url}/protection",
    })  # fmt: skip


def is_protected(repository: Repository, ref: str) -> bool:
    """Whether a ruleset holds for a branch; GitHub's older kind of branch protection is not here."""
    return next(rules.active(repository, ref), None) is not None


def get_ref(call: Call) -> Reply:
    repository = call.repository(access.READ_CONTENTS)
    return Reply(_show_ref(call, repository, _existing(repository, call.path["ref"])))


def list_matching_refs(call: Call) -> Reply:
    repository = call.repository(access.READ_CONTENTS)
    found = repository.git.refs(f"refs/{call.path['ref']}")
    return call.page_of(list(found), lambda ref: _show_ref(call, repository, ref))


def create_ref(call: Call) -> Reply:
    repository = call.repository(access.WRITE_CONTENTS)
    bodies.check(call.body, {"ref": str, "sha": str}, required=("ref", "sha"))
    ref, sha = call.body["ref"], call.body["sha"]
    if not ref.startswith("refs/") or ref.count("/") < 2 or ref.endswith("/"):
        raise GitHubError(422, "Reference name must start with 'refs/' and have at least three components.")
    if repository.git.commit(sha) is None:
        raise GitHubError(422, "Object does not exist")
    if repository.git.get(ref) is not None:
        raise GitHubError(422, "Reference already exists")
    rules.refuse(call.state, call.caller, repository, ref, rules.CREATION)
    repository.git.set(ref, sha)
    shown = _show_ref(call, repository, ref)
    return Reply(shown, 201, {"Location": shown["url"]})


def update_ref(call: Call) -> Reply:
    repository = call.repository(access.WRITE_CONTENTS)
    bodies.check(call.body, {"sha": str, "force": bool}, required=("sha",))
    sha = call.body["sha"]
    ref = f"refs/{call.path['ref']}"
    present = repository.git.get(ref)
    if present is None:
        raise GitHubError(422, "Reference does not exist")
    if repository.git.commit(sha) is None:
        raise GitHubError(422, "Object does not exist")
    kinds = [rules.UPDATE, rules.PULL_REQUEST]
    if not repository.git.descends(sha, present):
        if not call.body.get("force"):
            raise GitHubError(422, "Update is not a fast forward")
        kinds.append(rules.FORCE_PUSH)
    rules.refuse(call.state, call.caller, repository, ref, *kinds)
    repository.git.set(ref, sha)
    return Reply(_show_ref(call, repository, ref))


def delete_ref(call: Call) -> Reply:
    repository = call.repository(access.WRITE_CONTENTS)
    ref = f"refs/{call.path['ref']}"
    if repository.git.get(ref) is None:
        raise GitHubError(422, "Reference does not exist")
    rules.refuse(call.state, call.caller, repository, ref, rules.DELETION)
    repository.git.delete(ref)
    return Reply(status=204)


def get_git_commit(call: Call) -> Reply:
    repository = call.repository(access.READ_CONTENTS)
    commit = repository.git.commit(call.path["commit_sha"])
    if commit is None:
        raise not_found()
    sha = commit.id.decode()
    return Reply({
        **show_git_commit(call, repository, commit),
        "html_url": call.links.page(repository.full_name, "commit", sha),
        "verification": _UNVERIFIED,
    })  # fmt: skip


def get_commit(call: Call) -> Reply:
    repository = call.repository(access.READ_CONTENTS)
    sha = repository.git.resolve(call.path["ref"])
    if sha is None:
        raise GitHubError(422, f"No commit found for SHA: {call.path['ref']}")
    return Reply(show_commit(call, repository, sha))


def show_commit(call: Call, repository: Repository, sha: str) -> dict[str, Any]:
    """A commit with who made it, as far as they have accounts."""
    commit = _commit(repository, sha)
    url = f"{call.links.repository(repository.full_name)}/commits/{sha}"
    inner = show_git_commit(call, repository, commit)
    account = call.state.account(inner["author"]["name"])
    user = show_simple(account, call.links) if account else None
    return {
        "sha": sha,
        "node_id": inner["node_id"],
        "url": url,
        "html_url": call.links.page(repository.full_name, "commit", sha),
        "comments_url": f"{url}/comments",
        "commit": {
            **{name: inner[name] for name in ("author", "committer", "message", "tree", "url")},
            "comment_count": 0,
            "verification": _UNVERIFIED,
        },
        "author": user,
        "committer": user,
        "parents": inner["parents"],
    }


def show_git_commit(call: Call, repository: Repository, commit: Commit) -> dict[str, Any]:
    """A commit as git has it."""
    root = f"{call.links.repository(repository.full_name)}/git"
    sha = commit.id.decode()
    tree = commit.tree.decode()
    name, _space, email = commit.author.decode().rpartition(" ")
    moment = timestamp(datetime.fromtimestamp(commit.commit_time, UTC))
    made = {"name": name, "email": email.strip("<>"), "date": moment}
    return {
        "sha": sha,
        "node_id": node_id("Commit", int(sha[:8], 16)),
        "url": f"{root}/commits/{sha}",
        "html_url": call.links.page(repository.full_name, "commit", sha),
        "author": made,
        "committer": made,
        "message": commit.message.decode(),
        "tree": {"sha": tree, "url": f"{root}/trees/{tree}"},
        "parents": [
            {
                "sha": parent.decode(),
                "url": f"{root}/commits/{parent.decode()}",
                "html_url": call.links.page(repository.full_name, "commit", parent.decode()),
            }
            for parent in commit.parents
        ],
    }


def _commit(repository: Repository, sha: str) -> Commit:
    commit = repository.git.commit(sha)
    if commit is None:
        raise not_found()
    return commit


def _existing(repository: Repository, name: str) -> str:
    ref = f"refs/{name}"
    if repository.git.get(ref) is None:
        raise not_found()
    return ref


def _show_ref(call: Call, repository: Repository, ref: str) -> dict[str, Any]:
    root = f"{call.links.repository(repository.full_name)}/git"
    sha = repository.git.refs(ref)[ref]
    return {
        "ref": ref,
        "node_id": node_id("Ref", repository.id),
        "url": f"{root}/{ref}",
        "object": {"sha": sha, "type": "commit", "url": f"{root}/commits/{sha}"},
    }
