"""E-mail by SMTP (RFC 5321), through the operator's own mail server.

Each e-mail is one connection: codes are few. The message is plain text in UTF-8 with a Message-ID and a date;
what the server says to a refusal is told without the address that it may hold.
"""

import asyncio
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from aiosmtplib import SMTPException, SMTPResponseException, send

from operator_push.domain.person_links import checked_email
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.services.ports import Email, EmailSenderSettings

SECURITY = ("starttls", "tls", "none")


class SmtpSender:
    """A services.ports.EmailSender over one server."""

    def __init__(self, settings: EmailSenderSettings) -> None:
        try:
            checked_email(settings.sender)
        except ValueError as fault:
            raise OperatorError("is no address such as noreply@example.com", key="email.sender") from fault
        if settings.security not in SECURITY:
            raise OperatorError(f"must be one of {', '.join(SECURITY)}", key="email.security")
        self._settings = settings

    def __call__(self, email: Email) -> None:
        """Send one.

        Raises:
            ResourceError: the server cannot be reached or did not take it.
        """
        settings = self._settings
        message = EmailMessage()
        message["From"] = settings.sender
        message["To"] = email.to
        message["Subject"] = email.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=settings.sender.partition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office comes back
        message.set_content(email.text)
        sending = send(
            message,
            hostname=settings.host,
            port=settings.port,
            username=settings.username or None,
            password=settings.password or None,
            timeout=settings.timeout_s,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
        )
        try:
            asyncio.run(sending)
        except SMTPResponseException as error:
            raise ResourceError(f"the mail server answered {error.code}") from None
        except (SMTPException, OSError) as error:
            raise ResourceError(f"the mail server could not be asked: {type(error).__name__}") from None
