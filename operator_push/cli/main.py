"""The program operator-push: one group whose commands live in modules of their own, imported when called.

So `operator-push smpp decode` starts without a database library, and a room that cannot be imported breaks
its own command only. An error that a person can mend ends as one sentence, never as a traceback.
"""

import gc
import importlib
import importlib.util
from typing import Any

import click

from operator_push._version import __version__
from operator_push.kernel.errors import OperatorError, ResourceError

# Section → command → (module, attribute, what it does). Help shows them in this order.
SECTIONS: dict[str, dict[str, tuple[str, str, str]]] = {
    "First steps": {
        "quickstart": ("quickstart_command", "quickstart", "Start simulator and product, ready to send."),
        "demo": ("demo.command", "demo", "Run the whole main job and write a report."),
        "init": ("init_command", "init", "Write a commented configuration file."),
    },
    "Running a server": {
        "config": ("config_commands", "config", "Check a configuration file."),
        "serve": ("serve_command", "serve", "Run the product with a configuration file."),
        "selfcare": ("selfcare.command", "selfcare", "Pages for subscribers: see and change permissions."),
    },
    "Through the running server": {
        "account": ("account_commands", "account", "Clients: add, suspend, show, top up."),
        "link": ("link_commands", "link", "Binds to SMSCs: list, add, set, stop, start, remove."),
        "route": ("route_commands", "route", "What goes through which links: list, add, remove, show."),
        "network": ("route_commands", "network", "Networks of numbers: list, add, remove."),
        "tariff": ("tariff_commands", "tariff", "Prices: show, import, set, end, diff, simulate."),
        "price": ("price_command", "price", "What one message costs, and why."),
        "tls": ("tls_commands", "tls", "Certificates: show, reload."),
        "list": ("list_commands", "distribution_list", "Distribution lists: add, show, remove."),
        "subscriber": ("subscriber_commands", "subscriber", "Subscribers: import."),
        "consent": ("consent_commands", "consent", "Consents: import, record, verify, receipts."),
        "notice": ("notice_commands", "notice", "Notices that people were shown: add, show."),
        "dnd": ("dnd_commands", "dnd", "The national do-not-disturb register: import, show."),
        "dlt": ("dlt_commands", "dlt", "The DLT register of India: import."),
        "vault": ("vault_commands", "vault", "Who is who: look-up keys, audit of look-ups."),
        "permission": ("permission_commands", "permission", "Permissions: explain, snapshot for cdr-ingest."),
        "person": ("person_commands", "person", "Customer code, number and e-mail of one person, linked."),
        "reward": ("reward_commands", "reward", "Rewards: awards, payouts, pay out."),
        "database": ("database_commands", "database", "A client's four kinds of databases: list."),
        "audience": ("audience_commands", "audience", "Audiences: count, explain, sample, terms."),
        "quote": ("quote_command", "quote", "Price an audience and a text."),
        "campaign": ("campaign_commands", "campaign", "Campaigns: order, approve, launch, pause."),
        "trigger": ("trigger_commands", "trigger", "Campaigns at the moment of an event: list, run."),
        "short-link": ("short_link_commands", "short_link", "Links of campaigns: serve, show."),
        "channel": ("channel_commands", "channel", "Content that people subscribe to: create, publish."),
        "queue": ("queue_commands", "queue", "What waits: list, hold, release, requeue."),
        "message": ("message_commands", "message", "The whole story of one message."),
        "dispute": ("dispute_commands", "dispute", "Messages that somebody says were charged wrongly."),
        "reconcile": ("reconcile_commands", "reconcile", "Messages x ledger x the SMSC's own CDRs."),
        "opt-in": ("opt_in_commands", "opt_in", "Touchpoints at which people opt in."),
        "review": ("review_commands", "review", "Texts of subscribers that a person must understand."),
        "case": ("case_commands", "case", "What reconciliation left for people."),
        "usage": ("usage_commands", "usage", "What was charged, for the operator's own billing."),
        "archive": ("archive_commands", "archive", "Closed days in files of their own: run, list."),
        "retention": ("retention_commands", "retention", "What was learnt of who withdrew: erase, proofs."),
        "ledger": ("ledger_commands", "ledger", "Verify every balance from its rows."),
        "invoice": ("invoice_commands", "invoice", "Invoices: draft, issue, list, show; PDF, CSV, UBL."),
    },
    "Looking inside": {
        "rule": ("rule_commands", "rule", "Audience rules: check one, ask it of a profile."),
        "smpp": ("smpp_commands", "smpp", "Decode and encode SMPP; count segments."),
        "cdr": ("cdr_commands", "cdr", "Decode charging records of 3GPP TS 32.298."),
        "pack": ("pack_commands", "pack", "Jurisdiction packs: list, show, check."),
        "words": ("words_commands", "words", "What subscribers' words are taken for."),
        "policy": ("policy_commands", "policy", "Quiet hours: next-allowed; what a rule set was."),
    },
}

_COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}

HELP = """Permissioned, billed push messaging beside an operator's SMSC.

operator-push stands between business customers and an operator's SMSC. Clients bind to it by SMPP or buy
campaigns; it sends only what each subscriber has permitted, and bills every delivered segment exactly once.

\b
To see the whole job:          operator-push demo
To send a first message:       operator-push quickstart
To run a server of your own:   operator-push init operator-push.toml
                               operator-push config check --config operator-push.toml
                               operator-push serve --config operator-push.toml
"""

EPILOG = (
    (
        "Files",
        (
            ("operator-push.toml", "the configuration; found in the current folder without --config"),
            ("DATA_DIR/control.json", "written by a running server; commands find it there"),
        ),
    ),
    (
        "Environment",
        (
            ("OPERATOR_PUSH_CONFIG", "the configuration file, as --config"),
            ("OPERATOR_PUSH_DATA_DIR", "the data directory, as --data-dir"),
            ("OPERATOR_PUSH_…", "settings and secrets; see the file that init writes"),
        ),
    ),
    (
        "Exit status",
        (
            ("0", "done"),
            ("1", "done, and the answer is no: something did not hold"),
            ("2", "the command or the configuration is wrong; the message says what is allowed"),
            ("75", "something that is needed is not there now; try again later"),
        ),
    ),
    (
        "See also",
        (
            ("smsc-sim", "the SMSC simulator"),
            ("cdr-ingest", "call records and subscriber records to permitted features"),
        ),
    ),
)


class WrongError(click.ClickException):
    """The command or the configuration is wrong: one sentence on standard error."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Print it as `operator-push: sentence`."""
        click.echo(f"operator-push: {self.format_message()}", file=file, err=True)


class TryLaterError(WrongError):
    """Something that is needed is not there now."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h


class CommandGroup(click.Group):
    """The top group: looks commands up in SECTIONS and turns errors into sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command whose module is in this installation."""
        return [name for name in _COMMANDS if _is_installed(_module_name(name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in _COMMANDS or not _is_installed(_module_name(cmd_name)):
            return None
        try:
            module = importlib.import_module(_module_name(cmd_name))
        except ModuleNotFoundError as error:
            missing = (error.name or "").partition(".")[0]
            if missing in ("", "operator_push"):
                raise
            raise WrongError(
                f"{cmd_name} needs the package {missing}, which is not installed; "
                'install the product with its parts: pip install "operator-push[product]"'
            ) from error
        command: click.Command = getattr(module, _COMMANDS[cmd_name][1])
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; our own errors become sentences."""
        try:
            return super().invoke(ctx)
        except OperatorError as error:
            raise WrongError(str(error)) from error
        except ResourceError as error:
            raise TryLaterError(str(error)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands by section, without importing any."""
        installed = self.list_commands(ctx)
        for section, commands in SECTIONS.items():
            rows = [(name, what) for name, (_, _, what) in commands.items() if name in installed]
            if rows:
                with formatter.section(section):
                    formatter.write_dl(rows, col_spacing=4)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Files, environment and exit status, as a manual page ends."""
        for title, rows in EPILOG:
            with formatter.section(title):
                formatter.write_dl(rows, col_spacing=4)


def _module_name(command: str) -> str:
    return f"operator_push.cli.{_COMMANDS[command][0]}"


def _is_installed(module_name: str) -> bool:
    try:
        return importlib.util.find_spec(module_name) is not None
    except ModuleNotFoundError:
        return False


@click.group(
    cls=CommandGroup,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="operator-push")
def main() -> None:
    """The group itself does nothing but prepare the interpreter."""
    # A command's modules stay: walking over them again and again took a quarter of the time to load them.
    gc.set_threshold(50_000, 20, 20)


if __name__ == "__main__":
    main()
