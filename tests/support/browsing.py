"""What a page of a browser test did: its console errors, its exceptions, its requests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})
NETWORK_SCHEMES = frozenset({"http", "https", "ws", "wss", "ftp"})


@dataclass
class PageLog:
    """What the pages of one test did: read it, or `allow` what the test provokes on purpose.

    Attributes:
        errors: console errors and uncaught exceptions, as text.
        requests: every URL that was asked for, in order.
        allowed: regular expressions of the errors that do not fail the test.
    """

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """The URLs among `requests` that are not on this computer."""
        return [url for url in self.requests if not is_local(url)]

    @property
    def unexpected(self) -> list[str]:
        """The errors that no `allow` covers."""
        return [e for e in self.errors if not any(re.search(pattern, e) for pattern in self.allowed)]

    def allow(self, pattern: str) -> None:
        """Errors that match the regular expression are what this test provokes."""
        self.allowed.append(pattern)

    def watch(self, page: Page) -> None:
        """Record what this page does from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("request", self._request)
        page.on("websocket", lambda socket: self.requests.append(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def check(self) -> None:
        """Fail the test on any unexpected error and any request that leaves this computer."""
        found = [*self.unexpected, *(f"request to another host: {url}" for url in self.foreign)]
        if found:
            pytest.fail("the page misbehaved:\n  " + "\n  ".join(found), pytrace=False)


def is_local(url: str) -> bool:
    """True where the URL is on this computer or needs no network at all (data:, blob:, about:)."""
    parts = urlsplit(url)
    return parts.scheme not in NETWORK_SCHEMES or parts.hostname in LOCAL_HOSTS
