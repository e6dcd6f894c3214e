# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AnsibleModule that sends nothing to the machine's system log, and hides more of secrets in results.

In the log Ansible hides secrets that are options themselves. Those within an option, such as an entry of C(batch) or of C(scopes), it writes
as they are when they hold a quote or the end of a line, or when no argument spec describes them.

In results it looks for secrets as they are, and from 2.22 on it leaves that to the controller. Its own messages on wrong values may quote
one that was given for another option, too, and write the end of a line as C(\\n). And with C(-vvv) it shows what was given for options that
do not exist, such as misspelled ones, and logins in URLs.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values

from .._base.secrets import forms_of, without_logins

Spec = t.Mapping[str, t.Mapping[str, t.Any]]

#: What Ansible shows in place of a secret. Source: remove_values in ansible-core's module_utils/common/parameters.py.
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class _Quiet:
    """Goes before AnsibleModule, which has the attribute set anew with each task, to what the task has."""

    @property
    def no_log(self) -> bool:
        """Always true."""
        return True

    @no_log.setter
    def no_log(self, _value: t.Any) -> None:
        """What is set changes nothing."""

    def exit_json(self, **values: t.Any) -> t.NoReturn:
        """End well."""
        self._end(super().exit_json, **values)  # type: ignore[misc]  # AnsibleModule's

    def fail_json(self, msg: str, **values: t.Any) -> t.NoReturn:
        """End with a failure."""
        self._end(super().fail_json, msg=msg, **values)  # type: ignore[misc]  # AnsibleModule's

    def _end(self: t.Any, end: t.Callable[..., t.NoReturn], **values: t.Any) -> t.NoReturn:
        secrets = {form for secret in self.no_log_values for form in forms_of(str(secret))}
        # Ansible adds warnings to what it is given here.
        self.no_log_values = secrets
        known = of_known_options(getattr(self, "params", None) or {}, self.argument_spec)
        values.setdefault("invocation", {"module_args": known})
        shown: t.Any = remove_values({**values, "invocation": without_logins(values["invocation"])}, secrets)
        end(**shown)


def of_known_options(given: t.Mapping[str, t.Any], spec: Spec) -> dict[str, t.Any]:
    """What was given, without the values of options that do not exist."""
    rules = {name: rule for option, rule in spec.items() for name in (option, *rule.get("aliases", ()))}
    return {name: _shown(value, rules[name]) if name in rules else HIDDEN for name, value in given.items()}


def _shown(value: t.Any, rule: t.Mapping[str, t.Any]) -> t.Any:
    inner = rule.get("options")
    if inner and isinstance(value, t.Mapping):
        return of_known_options(value, inner)
    return [_shown(one, rule) for one in value] if inner and isinstance(value, (list, tuple)) else value


#: AnsibleModule has no types, and mypy lets no class be written below such a one.
QuietModule: t.Any = type("QuietModule", (_Quiet, AnsibleModule), {})
