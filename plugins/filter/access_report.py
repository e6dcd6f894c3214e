# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters that make the access report of what was read, and its page."""

from __future__ import annotations

import json
import typing as t
from base64 import b64encode
from datetime import datetime, timedelta
from hashlib import sha256

from ansible.errors import AnsibleFilterError

from ..module_utils._base.errors import InvalidInput
from ..module_utils._base.values import parse_duration, read_time


def access_report(
    scopes: t.Sequence[t.Mapping[str, t.Any]],
    title: str,
    now: str,
    max_token_age: str,
    earlier: str | None = None,
    machines: t.Sequence[t.Mapping[str, t.Any]] = (),
) -> dict[str, t.Any]:
    """The report.

    :param earlier: the file of an earlier one, whose time it keeps when nothing else differs
    :param machines: what C(package_clients_info) returned of each machine
    :raises AnsibleFilterError: an option is wrong
    """
    # Not above: for any filter of the collection, Ansible loads the files of all, in each task's process anew.
    from ..module_utils._domain.report.access_report import dated, make_report

    try:
        age = timedelta(seconds=parse_duration(max_token_age, option="max_token_age"))
        report = make_report(scopes, title=title, now=_moment(now), max_age=age, installing=machines)
    except InvalidInput as error:
        raise AnsibleFilterError(str(error)) from None
    return dated(report, _parsed(earlier))


def _moment(now: str) -> datetime:
    try:
        return read_time(now)
    except ValueError:
        raise InvalidInput(f"now {now!r} is not a time in UTC: give for example 2030-01-31T12:00:00Z.") from None


def _parsed(earlier: str | None) -> dict[str, t.Any] | None:
    """None for what is no report, which is about to be overwritten."""
    try:
        found = json.loads(earlier or "null")
    except ValueError:
        return None
    return found if isinstance(found, dict) and "as_of" in found else None


def access_report_page(
    report: t.Mapping[str, t.Any], template: str, style: str, script: str, library_style: str, library_script: str
) -> str:
    """The page. All that comes from the report is escaped, which Ansible's own templates would not do."""
    from jinja2 import Environment, StrictUndefined

    from ..module_utils._domain.iam.documents import statements
    from ..module_utils._domain.report.drawing import drawn

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["base64"] = lambda text: b64encode(text.encode()).decode()
    environment.filters["pretty"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
    environment.filters["statements"] = statements
    environment.filters["drawn"] = drawn
    # Nobody can know it before the report is made, and the same report makes the same page.
    nonce = sha256(json.dumps([report, template]).encode()).hexdigest()
    return environment.from_string(template).render(
        report=report,
        nonce=nonce,
        style=style,
        script=script,
        library_style=library_style,
        library_script=library_script,
    )


class FilterModule:
    """The filters, by name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {"access_report": access_report, "access_report_page": access_report_page}
