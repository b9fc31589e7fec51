"""operator-push consent: opt-ins and opt-outs with their evidence, told to the running server."""

from datetime import UTC, datetime
from pathlib import Path

import click

from operator_push.cli.consent_proof import COMMANDS
from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.row_import import import_rows, print_count
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup
from operator_push.domain.consent import ACTION_BY_NAME, BASIS_BY_NAME, PURPOSE_BY_NAME
from operator_push.domain.consent_record import EXTRA
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso, parse_iso, to_epoch_us

REQUIRED = ("msisdn", "brand", "category", "purpose", "channel", "action", "at", "method", "evidence")
CUSTOMER_CODE = "customer_code"
OPTIONAL = ("notice_version", "language", "reference", "basis", "expires_at", "jurisdiction")
COLUMNS = (*REQUIRED, *OPTIONAL, *(name for name in EXTRA if name not in ("source_file", "source_line")))


@click.group(cls=SubjectGroup)
def consent() -> None:
    """Opt-ins and opt-outs, each with its evidence.

    A consent covers a brand, a category, a purpose and a channel; * is all. No beats yes, and what nobody
    said is no. Only a later opt-in of the same or a broader scope lifts a withdrawal.
    """


for _command in COMMANDS:
    consent.add_command(_command)


@consent.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--rejects", type=click.Path(path_type=Path), help="Write rejected rows (line, reason) here.")
@click.option("--account", help="Whose customer codes stand in the place of numbers.")
@json_option
@through_server
def import_file(
    server: ControlClient, as_json: bool, file: Path, rejects: Path | None, account: str | None
) -> None:
    """Import consents from FILE, a CSV file whose first line names its columns.

    \b
    msisdn          international number
    brand           a brand, or *
    category        1..8 (TRAI's list), or *
    purpose         marketing, service, use_subscriber_record, use_call_data, use_location, use_top_up,
                    or of W3C's DPV: dpv:DirectMarketing, dpv:ServiceProvision …
    channel         sms, email, voice, mms, rcs, ussd, push, post, or * (all); sent is by sms and ussd
    action          grant, withdraw, deny, object, void, request, challenge, confirm
    at              moment of the act with its zone, such as 2026-11-01T10:15:00Z
    method          sms, web, shop, ivr, import
    evidence        what proves it, such as the text received and the short code
    May be left out:
    notice_version, language, reference
    basis           consent [default], soft_opt_in, service, legal
    expires_at      when a grant ends, or a challenge can no longer be answered
    jurisdiction    ISO 3166 code or eu: whose law it was given under [default: * everywhere]
    and further evidence by the names in docs/permission.md: short_code, raw_text, guardian_ref …
    With --account, instead of msisdn or beside it:
    customer_code   the client's own, linked to the person by proof (docs/linking.md)
    """
    if account is None:
        count = import_rows(server, "consent.import", file, REQUIRED, COLUMNS)
    else:
        required, columns = (CUSTOMER_CODE, *REQUIRED[1:]), (CUSTOMER_CODE, *COLUMNS)
        count = import_rows(server, "consent.import", file, required, columns, account=account)
    print_count(count, file, "consents", rejects, as_json)


@consent.command()
@click.option("--msisdn", required=True, help="International number.")
@click.option("--brand", required=True, help='A brand, or "*" for all.')
@click.option("--category", default="*", show_default=True, help="1..8 (TRAI's list), or *.")
@click.option("--purpose", type=click.Choice(list(PURPOSE_BY_NAME)), required=True)
@click.option("--channel", default="sms", show_default=True, help="sms, email, voice …, or *.")
@click.option("--action", type=click.Choice(list(ACTION_BY_NAME)), required=True)
@click.option("--method", required=True, help="How it was said: sms, web, shop, ivr, import.")
@click.option("--evidence", required=True, help='What proves it, such as "form 2231 v3".')
@click.option("--at", help="When it was said, with its zone [default: now].")
@click.option("--notice-version", default="", help="Version of the text that was shown.")
@click.option("--language", default="", help="Language of that text, ISO 639-1.")
@click.option("--reference", default="", help="Your own reference.")
@click.option("--basis", type=click.Choice(list(BASIS_BY_NAME)), default="consent", show_default=True)
@click.option("--expires-at", default="", help="When a grant ends [default: it does not].")
@click.option("--jurisdiction", default="*", show_default=True, help="ISO 3166 code, or eu.")
@click.option(
    "--more",
    multiple=True,
    metavar="NAME=TEXT",
    help="Further evidence, such as short_code=56070; repeatable.",
)
@json_option
@through_server
def record(server: ControlClient, as_json: bool, at: str | None, more: tuple[str, ...], **row: str) -> None:
    """Record one act of consent."""
    for pair in more:
        name, equals, value = pair.partition("=")
        if not equals or name not in EXTRA:
            raise OperatorError(f"{pair!r} is not NAME=TEXT with one of {', '.join(EXTRA)}", key="--more")
        row[name] = value
    row["at"] = iso(_moment_us(at))
    answer = server.call("consent.import", file="", rows=[{"line": 1, **row}])
    if answer["rejected"]:
        raise OperatorError(answer["rejected"][0]["reason"])
    if as_json:
        print_json(answer)
    else:
        click.echo("Recorded." if answer["applied"] else "Not recorded: this is in force already.")


def _moment_us(text: str | None) -> int:
    if text is None:
        return to_epoch_us(datetime.now(UTC))
    try:
        return parse_iso(text)
    except ValueError as error:
        raise OperatorError(
            f"--at {text!r} is not a moment with its zone, such as 2026-11-01T10:15:00Z"
        ) from error
