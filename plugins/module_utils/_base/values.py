# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text forms of durations, times and addresses that users write and services answer."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime, timezone
from urllib.parse import SplitResult, urlsplit

from .errors import InvalidInput

UTC = timezone.utc  # noqa: UP017 - managed hosts may have a Python from before datetime.UTC
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"([0-9]+)([smhdw]?)")
#: Seconds of the longest duration that the APIs know (google.protobuf.Duration).
MAX_DURATION = 315_576_000_000


class FromEnvironment(str):
    """A text that an environment variable stands in with for an option, so that what the task says itself can come before it."""


def parse_duration(text: str | int, *, option: str) -> int:
    """Seconds of a duration such as V(3600), V(3600s), V(30d). Raises InvalidInput, naming C(option)."""
    match = _DURATION.fullmatch(str(text).strip())
    if not match:
        raise InvalidInput(
            f"{option} {text!r} is not a duration: give a whole number with s, m, h, d or w, for example 30d."
        )
    # Python refuses to read a number of thousands of digits.
    digits = match[1].lstrip("0") or "0"
    if len(digits) > len(str(MAX_DURATION)) or (seconds := int(digits) * _UNITS[match[2] or "s"]) > MAX_DURATION:
        raise InvalidInput(f"{option} {text!r} is longer than 10,000 years.")
    return seconds


def parse_time(text: str, *, option: str) -> str:
    """The moment in UTC as the APIs write it, for example V(2030-01-31T12:00:00Z). Raises InvalidInput."""
    try:
        moment = datetime.fromisoformat(str(text).strip().replace("Z", "+00:00"))
        if moment.tzinfo is not None:
            return format_time(moment)
    except OverflowError:
        raise InvalidInput(f"{option} {text!r} is not in the years 1 to 9999 of UTC: give one that is.") from None
    except ValueError:
        pass
    raise InvalidInput(f"{option} {text!r} is not a time with its zone: give for example 2030-01-31T12:00:00Z.")


def format_time(moment: datetime) -> str:
    """A moment as the APIs write it, in UTC, with fractions of a second only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_time(text: str) -> datetime:
    """The moment of an API's answer; nanoseconds are cut to microseconds."""
    head, dot, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{head}{dot}{fraction[:6]:0<6}+00:00" if dot else f"{head}+00:00")


def parse_url(text: str, *, option: str) -> SplitResult:
    """The parts of an http or https URL. Raises InvalidInput, naming C(option); it may hold a password and is not quoted."""
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or any(character.isspace() for character in text):
        raise InvalidInput(f"{option} is not a URL: give https://HOST[:PORT][/PATH].")
    if "@" in parts.netloc:
        raise InvalidInput(f"{option} holds a user name or password: give credentials by the options made for them.")
    return parts


def normal_url(text: str) -> str:
    """A URL without a login, with its scheme and host in lower case and without the port that its scheme has anyway.

    Clients look for the login of an address in this form.
    """
    parts = urlsplit(text)
    site, ports = parts.netloc.lower(), {"https": ":443", "http": ":80"}
    for end in (ports.get(parts.scheme, ""), ":"):
        site = site[: len(site) - len(end)] if end and site.endswith(end) else site
    _head, slashes, rest = text.partition("//")
    return f"{parts.scheme}://{site}{rest[len(parts.netloc) :]}" if slashes else text


def parse_endpoint(text: str, *, option: str, sends: str) -> str:
    """The URL of what may be trusted with something, without slashes at its end.

    :param sends: what goes there, for the sentence, for example C(the token)
    :raises InvalidInput: it is not a URL, or what is sent could be read on its way; names C(option)
    """
    parts = parse_url(text, option=option)
    if parts.scheme == "http" and not is_loopback(str(parts.hostname)):
        raise InvalidInput(
            f"{option} would send {sends} over plain http, for anybody on the way to read: give an address with https; http is "
            "accepted for this machine's loopback only."
        )
    return text.rstrip("/")


def is_host(host: str, wanted: str) -> bool:
    """Whether a host of a URL is the wanted one, or below it if that begins with a dot, or this machine's, where stand-ins are."""
    return host == wanted or (wanted.startswith(".") and host.endswith(wanted)) or is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether a host of a URL is this machine's loopback. Names such as 127.example.com are not."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
