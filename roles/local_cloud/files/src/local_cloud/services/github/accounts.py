# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, organizations and their teams, and how answers show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_cloud.services.github.links import Links, node_id

FREE, TEAM, ENTERPRISE = "free", "team", "enterprise"
PLANS = (FREE, TEAM, ENTERPRISE)


@dataclass(frozen=True)
class Team:
    id: int
    name: str
    slug: str
    members: frozenset[str]


@dataclass
class Account:
    """A user, or an organization with its owners and teams."""

    id: int
    login: str
    created: datetime
    organization: bool = False
    plan: str = ENTERPRISE
    owners: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    teams: dict[str, Team] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return "Organization" if self.organization else "User"


def show_simple(account: Account, links: Links) -> dict[str, Any]:
    """An account as a part of other answers."""
    url = links.user(account.login)
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(account.kind, account.id),
        "avatar_url": f"{links.site}/avatars/u/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{links.site}/{account.login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def show_user(account: Account, links: Links, public_repos: int) -> dict[str, Any]:
    """An account looked up by its name."""
    profile = dict.fromkeys(("name", "company", "location", "email", "hireable", "bio", "twitter_username"))
    return {
        **show_simple(account, links),
        **profile,
        "blog": "",
        "public_repos": public_repos,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": timestamp(account.created),
        "updated_at": timestamp(account.created),
    }


def show_organization(account: Account, links: Links, public_repos: int) -> dict[str, Any]:
    url = links.organization(account.login)
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(account.kind, account.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{links.site}/avatars/u/{account.id}",
        "description": None,
        "name": account.login,
        "html_url": f"{links.site}/{account.login}",
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": public_repos,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "type": account.kind,
        "created_at": timestamp(account.created),
        "updated_at": timestamp(account.created),
        "archived_at": None,
    }


def show_team(team: Team, organization: Account, links: Links) -> dict[str, Any]:
    """A team as a part of other answers."""
    url = f"{links.api}/organizations/{organization.id}/team/{team.id}"
    return {
        "id": team.id,
        "node_id": node_id("Team", team.id),
        "name": team.name,
        "slug": team.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "url": url,
        "html_url": f"{links.site}/orgs/{organization.login}/teams/{team.slug}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": organization.id,
        "parent": None,
    }


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
