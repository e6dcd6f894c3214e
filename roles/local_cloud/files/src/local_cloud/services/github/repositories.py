# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories, and how answers show them."""

from __future__ import annotations

from typing import Any

from local_cloud.services.github.access import role_of
from local_cloud.services.github.accounts import show_simple, timestamp
from local_cloud.services.github.calls import Call, Reply
from local_cloud.services.github.links import node_id
from local_cloud.services.github.store import Repository
from local_cloud.services.github.tokens import ROLES

# What answers call a part of a repository, and what follows the repository's own address there.
_ADDRESSES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_COUNTS = (
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "size",
    "stargazers_count",
    "watchers",
    "watchers_count",
)
_ABSENT = ("description", "homepage", "language", "license", "mirror_url")


def get(call: Call) -> Reply:
    repository = call.repository()
    shown = {**show(call, repository), "network_count": 0, "subscribers_count": 0}
    if repository.owner.organization:
        shown["organization"] = show_simple(repository.owner, call.links)
    return Reply(shown)


def show(call: Call, repository: Repository) -> dict[str, Any]:
    """A repository, whole but for what only asking for it tells."""
    url, page = call.links.repository(repository.full_name), call.links.page(repository.full_name)
    host = call.links.site.partition("://")[2]
    role = ROLES.index(role_of(call.state, call.caller, repository))
    created = timestamp(repository.created)
    return {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "owner": show_simple(repository.owner, call.links),
        "private": repository.private,
        "visibility": "private" if repository.private else "public",
        "html_url": page,
        "url": url,
        **{name: url + rest for name, rest in _ADDRESSES.items()},
        "clone_url": f"{page}.git",
        "git_url": f"git://{host}/{repository.full_name}.git",
        "ssh_url": f"git@{host}:{repository.full_name}.git",
        "svn_url": page,
        **dict.fromkeys(_ABSENT),
        **dict.fromkeys(_COUNTS, 0),
        "fork": False,
        "has_issues": True,
        "has_projects": True,
        "has_wiki": True,
        "has_pages": False,
        "has_discussions": False,
        "has_downloads": True,
        "archived": repository.archived,
        "disabled": False,
        "default_branch": repository.default_branch,
        "created_at": created,
        "updated_at": created,
        "pushed_at": created,
        "permissions": {
            "admin": role >= ROLES.index("admin"),
            "maintain": role >= ROLES.index("admin"),
            "push": role >= ROLES.index("write"),
            "triage": role >= ROLES.index("write"),
            "pull": role >= ROLES.index("read"),
        },
    }
