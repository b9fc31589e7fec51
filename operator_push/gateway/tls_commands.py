"""TLS commands of the control socket: show the certificates in use, read them again."""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.gateway.control_server import Answer, Handler, Refuse

Certificates = list[dict[str, Any]]


class TlsCommands:
    """The handlers by name; `reload` raises OperatorError where a file is not good."""

    def __init__(self, shown: Callable[[], Certificates], reload: Callable[[], Certificates]) -> None:
        self._shown = shown
        self._reload = reload

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"tls.show": self._show, "tls.reload": self._reload_command}

    def _show(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        answer({"certificates": self._shown()})

    def _reload_command(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        answer({"certificates": self._reload()})
