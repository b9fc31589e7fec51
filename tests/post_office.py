"""A mail server on this machine for tests: keeps what it is given, and can refuse."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from free_ports import free_port


class PostOffice:
    """Use it in a `with`; `letters` came in, `answer` is said to each."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answer = "250 taken"
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> "PostOffice":
        self._controller.start()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: object) -> None:
        self._controller.stop()  # type: ignore[no-untyped-call]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """aiosmtpd's name: a letter has come."""
        letter = message_from_bytes(envelope.content, policy=policy.default)
        if self.answer.startswith("2") and isinstance(letter, EmailMessage):
            self.letters.append(letter)
        return self.answer
