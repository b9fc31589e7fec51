"""operator-push short-link: the web face of campaigns' links, and what their visits were."""

import logging
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from operator_push.cli.campaign_lookup import find_campaign
from operator_push.cli.control_client import ControlClient
from operator_push.cli.link_book import LinkBook
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.reading_threads import ReadingThreads
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.visit_telling import VisitTelling
from operator_push.cli.web_program import log_to_stderr, ready_file_option, tell_ready
from operator_push.config import Settings
from operator_push.domain.audience.counting import disclose_cell
from operator_push.domain.link_visits import Filtered, VisitKind
from operator_push.gateway.clock import now_us
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.store.short_link_rows import (
    filtered_visits,
    people_of_visits,
    short_link_of,
)

log = logging.getLogger("operator_push.short_links")


@click.group("short-link", cls=SubjectGroup)
def short_link() -> None:
    """Short links of campaigns: an address for each recipient, on the client's own host.

    \b
    operator-push account set chaipoint --link-host go.chai.example
    operator-push campaign create … --text 'Chai: {{ link }}' --link 'https://chai.example/offer?c={token}'
    """


@short_link.command()
@ready_file_option
@with_settings
def serve(settings: Settings, ready_file: Path | None) -> None:
    """Lead people on who follow a link, until Ctrl-C or SIGTERM, beside the running server.

    Clients point their hosts to it, with a reverse proxy for TLS before it. Visits and conversions are told
    to the server and are in `campaign report`, in tens; nobody learns who it was.
    """
    from operator_push.http.short_links.site import ShortLinkSite
    from operator_push.http.web_server import run

    log_to_stderr(settings)
    asked = settings.short_links
    reading = ReadingThreads(settings.database_url)
    client = ControlClient(settings.data_dir, timeout_s=30.0)
    telling = VisitTelling(client.call)
    site = ShortLinkSite(LinkBook(reading), telling.tell, now_us, log.warning)

    telling.start()
    try:
        run(
            site,
            asked.host,
            asked.port,
            is_secure=False,
            trusted_proxies=asked.trusted_proxies,
            ready=tell_ready(log, "short links", asked.host, ready_file),
        )
    finally:
        telling.stop()
        client.close()
        reading.close()


@short_link.command()
@click.argument("campaign")
@json_option
@with_settings
def show(settings: Settings, as_json: bool, campaign: str) -> None:
    """Show the link of CAMPAIGN: where it leads, until when, who followed it, and what programs did."""
    with server_of(settings) as server:
        number = int(find_campaign(server, campaign)["campaign_no"])

    def read(rows: Connection) -> dict[str, Any]:
        link = short_link_of(rows, number)
        if link is None:
            raise OperatorError(f"campaign {campaign!r} has handed nobody in yet whose text has a link")
        filtered = filtered_visits(rows, number)
        return {
            "campaign": campaign,
            "host": link.host,
            "target": link.target,
            "expires": iso(link.expires_us),
            "erased": not link.key,
            "clicked": disclose_cell(len(people_of_visits(rows, number, VisitKind.CLICK))),
            "converted": disclose_cell(len(people_of_visits(rows, number, VisitKind.CONVERSION))),
            "filtered_visits": {
                Filtered(why).name.lower(): disclose_cell(count) for why, count in filtered.items()
            },
        }

    told = read_store(settings, read)
    if as_json:
        print_json(told)
        return
    programs = ", ".join(f"{count} {why}" for why, count in told["filtered_visits"].items()) or "none"
    print_fields(
        [
            ("campaign", campaign),
            ("host", told["host"]),
            ("leads to", told["target"]),
            ("until", f"{told['expires']}{', its tokens are erased' if told['erased'] else ''}"),
            ("clicked", f"{told['clicked']} people"),
            ("converted", f"{told['converted']} people"),
            ("visits of programs", programs),
        ]
    )
