"""operator-push selfcare: the pages on which the holder of a number sees and changes what is permitted."""

import logging
import secrets
from pathlib import Path

import click
from sqlalchemy import Connection

from operator_push.cli.printing import json_option, print_json
from operator_push.cli.reading_threads import ReadingThreads
from operator_push.cli.selfcare.code_journal import JOURNAL_FILE, KEY_FILE, CodeJournal, kept_key
from operator_push.cli.selfcare.feature_reading import FeatureReading
from operator_push.cli.selfcare.house_desk import HouseDesk, check_account
from operator_push.cli.selfcare.session_journal import SESSIONS_FILE, SessionJournal
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import open_store, read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.web_program import log_to_stderr, ready_file_option, tell_ready
from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.http.selfcare.data_page import DataPage
from operator_push.http.selfcare.history_page import HistoryPage
from operator_push.http.selfcare.join_page import BY_QR, PREFIX, JoinPage
from operator_push.http.selfcare.languages import languages
from operator_push.http.selfcare.links_page import LinksPage
from operator_push.http.selfcare.permission_page import NOTICE_ID, PermissionPage, notice_version
from operator_push.http.selfcare.profile_page import ProfilePage
from operator_push.http.selfcare.rewards_page import RewardsPage
from operator_push.http.selfcare.site import Site, Terms
from operator_push.http.selfcare.widget_page import WidgetPage
from operator_push.kernel.errors import OperatorError
from operator_push.services.enter_selfcare import EnterSelfcare, Limits
from operator_push.store.channel_rows import channels
from operator_push.store.notice_rows import add_notice

log = logging.getLogger("operator_push.selfcare")

WRITER = "operator-push selfcare"


@click.group(cls=SubjectGroup)
def selfcare() -> None:
    """Self-care: pages on which the holder of a number sees and changes what is permitted."""


@selfcare.command()
@ready_file_option
@with_settings
def serve(settings: Settings, ready_file: Path | None) -> None:
    """Serve the pages until Ctrl-C or SIGTERM, beside the running server of the same configuration.

    Who asks for a number gets a code and a one-time link by SMS, sent by the account of [selfcare]. The texts
    that people agree to are kept as the notice "selfcare".
    """
    from operator_push.http.web_server import run

    log_to_stderr(settings)
    check_account(settings)
    _keep_notices(settings)
    reading = ReadingThreads(settings.database_url)
    features = FeatureReading(settings)
    desk = HouseDesk(settings, reading, features)
    journal = code_journal(settings)
    sessions = session_journal(settings, journal)
    site = make_site(settings, desk, journal, sessions)

    try:
        run(
            site,
            settings.selfcare.host,
            settings.selfcare.port,
            is_secure=settings.selfcare.base_url.startswith("https://"),
            trusted_proxies=settings.selfcare.trusted_proxies,
            ready=tell_ready(log, "self-care", settings.selfcare.host, ready_file),
        )
    finally:
        sessions.close()
        journal.close()
        desk.close()
        features.close()
        reading.close()


@selfcare.command()
@click.argument("name")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Write the QR code here, as SVG.",
)
@json_option
@with_settings
def qr(settings: Settings, as_json: bool, name: str, out: Path) -> None:
    """Write the QR code that leads to the opt-in page of NAME: an [[opt_in]], or a channel.

    Prints the address, which a web site can link to as well (without ?by=qr).
    """
    from operator_push.documents.qr_code import qr_svg

    is_known = name in {each.name for each in settings.opt_in}  # which needs no store
    if not is_known and name not in {each.name for each in read_store(settings, channels) if each.is_open}:
        raise OperatorError(f"no [[opt_in]] and no open channel is called {name!r}")
    if not settings.selfcare.base_url:
        raise OperatorError("is needed for the address in the QR code", key="selfcare.base_url")
    address = f"{settings.selfcare.base_url}{PREFIX}{name}?by={BY_QR}"
    try:
        out.write_text(qr_svg(address), encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"cannot be written: {error.strerror}", file=str(out)) from error
    print_json({"address": address, "file": str(out)}) if as_json else click.echo(address)


def code_journal(settings: Settings) -> CodeJournal:
    """When codes were asked for lately, under a key of its own.

    Raises:
        OperatorError: a file cannot be written.
    """
    key_file, path = settings.data_dir / KEY_FILE, settings.data_dir / JOURNAL_FILE
    try:
        return CodeJournal(path, kept_key(key_file), now_us())
    except OSError as error:
        raise OperatorError(f"cannot be written: {error.strerror}", file=str(path)) from error


def session_journal(settings: Settings, codes: CodeJournal) -> SessionJournal:
    """The sessions that outlive the program, with numbers under the names of the code journal.

    Raises:
        OperatorError: the file cannot be written.
    """
    path = settings.data_dir / SESSIONS_FILE
    try:
        return SessionJournal(path, codes.name_of, now_us)
    except OSError as error:
        raise OperatorError(f"cannot be written: {error.strerror}", file=str(path)) from error


def make_site(settings: Settings, desk: HouseDesk, journal: CodeJournal, sessions: SessionJournal) -> Site:
    """All pages over a desk."""
    asked = settings.selfcare
    limits = Limits(
        asked.code_lifetime_s,
        asked.idle_s,
        ((asked.codes_per_number, 900), (asked.codes_per_number_per_day, 86_400)),
        ((asked.codes_per_address, 3_600),),
        ((asked.guesses_per_address, 600),),
    )
    terms = Terms(asked.operator, asked.base_url, asked.code_lifetime_s, asked.history_days)
    entry = EnterSelfcare(limits, secrets.token_bytes, journal, now_us(), sessions)
    rooms = (PermissionPage, HistoryPage, ProfilePage, RewardsPage, LinksPage)
    inside = dict(DataPage(terms, desk, entry.leave_everywhere).handlers())
    for room in rooms:
        inside |= room(terms, desk).handlers()
    site = Site(terms, entry, desk, now_us, inside, log.warning)
    site.open_to_all |= JoinPage(terms, desk, entry).handlers()
    site.embedded |= WidgetPage(terms, desk, entry, secrets.token_bytes(32)).handlers()
    return site


def _keep_notices(settings: Settings) -> None:
    """Keep the texts that will be shown, so that an act's hash leads to its text for good."""

    def work(connection: Connection) -> None:
        for words in languages().values():
            text = words["notice"]
            add_notice(connection, NOTICE_ID, notice_version(text), words.language, text, now_us(), WRITER)

    with open_store(settings) as database:
        database.run(work)
