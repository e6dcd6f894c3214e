# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pull requests between branches of one repository: opened, found, changed, merged."""

from __future__ import annotations

from typing import Any

from local_cloud.services.github import access, bodies
from local_cloud.services.github.accounts import show_simple, timestamp
from local_cloud.services.github.calls import Call, Reply
from local_cloud.services.github.errors import GitHubError, not_found, validation_failed
from local_cloud.services.github.git import HEADS, MergeConflictError
from local_cloud.services.github.links import node_id
from local_cloud.services.github.repositories import show as show_repository
from local_cloud.services.github.store import Pull, Repository

_KEYS = {
    "title": str,
    "head": str,
    "base": str,
    "body": str,
    "draft": bool,
    "maintainer_can_modify": bool,
    "state": str,
}
# What answers have of it, and what follows its own address there.
_ADDRESSES = {
    "commits": "/pulls/{number}/commits",
    "comments": "/issues/{number}/comments",
    "review_comments": "/pulls/{number}/comments",
    "review_comment": "/pulls/comments{{/number}}",
    "issue": "/issues/{number}",
    "statuses": "/statuses/{sha}",
}


def list_pulls(call: Call) -> Reply:
    repository = call.repository(access.READ_PULLS)
    state, base = call.query.get("state", "open"), call.query.get("base")
    head = call.query.get("head", "")
    owner, _colon, branch = head.rpartition(":")
    foreign = bool(owner) and owner.lower() != repository.owner.login.lower()
    found = [
        pull
        for pull in reversed(repository.pulls.values())
        if state in {"all", pull.state}
        and base in {None, pull.base}
        and (not head or (pull.head == branch and not foreign))
    ]
    return call.page_of(found, lambda pull: _show(call, repository, pull))


def create(call: Call) -> Reply:
    # Whoever may write to the branch that it comes from may ask for a pull.
    repository = call.repository(access.WRITE_PULLS, access.READ_CONTENTS)
    bodies.check(call.body, _KEYS, required=("head", "base", "title"))
    owner, _colon, head = call.body["head"].rpartition(":")
    head_sha = None if owner and owner.lower() != repository.owner.login.lower() else repository.branch(head)
    base_sha = repository.branch(call.body["base"])
    for field, sha in (("head", head_sha), ("base", base_sha)):
        if sha is None:
            raise validation_failed("PullRequest", field, "invalid")
    base = call.body["base"]
    if any((pull.head, pull.base, pull.state) == (head, base, "open") for pull in repository.pulls.values()):
        full = f"{repository.owner.login}:{head}"
        raise validation_failed("PullRequest", "head", "custom", f"A pull request already exists for {full}.")
    pull = Pull(
        number=len(repository.pulls) + 1,
        id=call.state.new_id(),
        title=call.body["title"],
        body=call.body.get("body"),
        head=head,
        base=base,
        head_sha=head_sha or "",
        base_sha=base_sha or "",
        author=call.user().login,
        created=call.now,
        updated=call.now,
        draft=bool(call.body.get("draft")),
    )
    if not repository.git.commits_between(pull.base_sha, pull.head_sha):
        raise validation_failed("PullRequest", "head", "custom", f"No commits between {base} and {head}")
    repository.pulls[pull.number] = pull
    shown = _show_whole(call, repository, pull)
    return Reply(shown, 201, {"Location": shown["url"]})


def get(call: Call) -> Reply:
    repository = call.repository(access.READ_PULLS)
    return Reply(_show_whole(call, repository, _pull(call, repository)))


def update(call: Call) -> Reply:
    repository = call.repository(access.WRITE_PULLS)
    pull = _pull(call, repository)
    bodies.check(call.body, _KEYS)
    if call.body.get("state") not in {None, "open", "closed"}:
        raise validation_failed("PullRequest", "state", "invalid")
    if pull.merged and call.body.get("state") == "open":
        raise validation_failed("PullRequest", "state", "invalid", "A merged pull request cannot be opened.")
    pull.title = call.body.get("title") or pull.title
    pull.body = call.body.get("body", pull.body)
    if call.body.get("state"):
        pull.state = call.body["state"]
        pull.closed = call.now if pull.state == "closed" else None
    pull.updated = call.now
    return Reply(_show_whole(call, repository, pull))


def merge(call: Call) -> Reply:
    """Rulesets that want pull requests are content with this."""
    repository = call.repository(access.WRITE_CONTENTS)
    pull = _pull(call, repository)
    bodies.check(call.body, {"commit_title": str, "commit_message": str, "sha": str, "merge_method": str})
    _refresh(repository, pull)
    tip = repository.branch(pull.base)
    if pull.state != "open" or pull.draft or tip is None:
        raise GitHubError(405, "Pull Request is not mergeable")
    if call.body.get("sha") not in {None, pull.head_sha}:
        raise GitHubError(409, "Head branch was modified. Review and try the merge again.")
    title = (
        call.body.get("commit_title") or f"Merge pull request #{pull.number} from {repository.owner.login}/{pull.head}"
    )
    try:
        sha = repository.git.merge(tip, pull.head_sha, title, call.author(), call.now)
    except MergeConflictError:
        raise GitHubError(405, "Pull Request is not mergeable") from None
    repository.git.set(HEADS + pull.base, sha)
    pull.state, pull.closed, pull.merged, pull.updated = "closed", call.now, call.now, call.now
    pull.merged_by, pull.merge_commit = call.user().login, sha
    return Reply({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def _pull(call: Call, repository: Repository) -> Pull:
    number = call.path["pull_number"]
    if not number.isdecimal() or int(number) not in repository.pulls:
        raise not_found()
    return repository.pulls[int(number)]


def _refresh(repository: Repository, pull: Pull) -> None:
    """An open pull request follows its branch."""
    if pull.state == "open":
        pull.head_sha = repository.branch(pull.head) or pull.head_sha


def _show(call: Call, repository: Repository, pull: Pull) -> dict[str, Any]:
    _refresh(repository, pull)
    root = call.links.repository(repository.full_name)
    url = f"{root}/pulls/{pull.number}"
    page = call.links.page(repository.full_name, "pull", str(pull.number))
    addresses = {name: root + rest.format(number=pull.number, sha=pull.head_sha) for name, rest in _ADDRESSES.items()}
    author = call.state.account(pull.author)
    return {
        "id": pull.id,
        "node_id": node_id("PullRequest", pull.id),
        "number": pull.number,
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        **{f"{name}_url": address for name, address in addresses.items()},
        "_links": {name: {"href": address} for name, address in {**addresses, "self": url, "html": page}.items()},
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "body": pull.body,
        "user": show_simple(author, call.links) if author else None,
        "labels": [],
        "milestone": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "author_association": "OWNER" if pull.author == repository.owner.login else "MEMBER",
        "auto_merge": None,
        "active_lock_reason": None,
        "draft": pull.draft,
        "created_at": timestamp(pull.created),
        "updated_at": timestamp(pull.updated),
        "closed_at": timestamp(pull.closed) if pull.closed else None,
        "merged_at": timestamp(pull.merged) if pull.merged else None,
        "merge_commit_sha": pull.merge_commit,
        "head": _side(call, repository, pull.head, pull.head_sha),
        "base": _side(call, repository, pull.base, pull.base_sha),
    }


def _show_whole(call: Call, repository: Repository, pull: Pull) -> dict[str, Any]:
    shown = _show(call, repository, pull)
    merged_by = call.state.account(pull.merged_by) if pull.merged_by else None
    return {
        **shown,
        "merged": pull.merged is not None,
        "mergeable": None if pull.merged else True,
        "mergeable_state": "unknown" if pull.merged else "clean",
        "rebaseable": None,
        "merged_by": show_simple(merged_by, call.links) if merged_by else None,
        "maintainer_can_modify": False,
        "comments": 0,
        "review_comments": 0,
        "commits": len(repository.git.commits_between(pull.base_sha, pull.head_sha)),
        "additions": 0,
        "deletions": 0,
        "changed_files": repository.git.changed_files(pull.base_sha, pull.head_sha),
    }


def _side(call: Call, repository: Repository, branch: str, sha: str) -> dict[str, Any]:
    return {
        "label": f"{repository.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": show_simple(repository.owner, call.links),
        "repo": show_repository(call, repository),
    }
