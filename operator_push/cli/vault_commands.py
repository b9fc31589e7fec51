"""operator-push vault: the keys of its look-up values, and who looked numbers up."""

from typing import Any

import click

from operator_push.bootstrap.lookup_key_files import key_file, read_lookup_keys
from operator_push.bootstrap.program import PSEUDONYM_KEY_FILE, pseudonym_key
from operator_push.cli.control_client import ControlClient
from operator_push.cli.moments import moment_of
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.server_option import through_server
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.kernel.instants import iso, to_epoch_us
from operator_push.kernel.lookup_keys import FIRST_VERSION
from operator_push.store.lookup_key_rows import versions_in_use
from operator_push.store.lookup_rows import lookups, verify_lookups

DOES_NOT_HOLD = 1  # exit status, see `operator-push --help`


@click.group(cls=SubjectGroup)
def vault() -> None:
    """The vault, which knows who is who: its look-up keys, and the audit of who looked whom up."""


@vault.command("keys")
@json_option
@with_settings
def keys_command(settings: Settings, as_json: bool) -> None:
    """Show the versions of the look-up key: which is in use, and what still needs the older ones.

    People follow a rotation within minutes. Who was erased is known by the key of their time alone, so that a
    key is kept as long as it has such suppressions. Version 0 is the pseudonym key, which stays.
    """
    keys = read_lookup_keys(settings.data_dir, pseudonym_key(settings.data_dir))
    people, erased = read_store(settings, lambda rows: versions_in_use(rows, settings.shard))
    told: list[dict[str, Any]] = [
        {
            "version": version,
            "key_id": keys.key_id(version),
            "current": version == keys.current,
            "people": people[version],
            "suppressions": erased[version],
            "file": str(
                key_file(settings.data_dir, version)
                if version != FIRST_VERSION
                else settings.data_dir / PSEUDONYM_KEY_FILE
            ),
        }
        for version in sorted({*keys.by_version, *people, *erased})
    ]
    if as_json:
        print_json(told)
        return
    rows = [
        [
            f"{one['version']}{' (current)' if one['current'] else ''}",
            one["key_id"] or "MISSING",
            f"{one['people']:,}",
            f"{one['suppressions']:,}",
            one["file"],
        ]
        for one in told
    ]
    print_table(["version", "key", "people", "suppressions", "file"], rows)


@vault.command("rotate")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@through_server
def rotate_command(server: ControlClient, as_json: bool, yes: bool) -> None:
    """Make the next look-up key, and all look-up values anew by it, while the server runs.

    Back up DATA_DIR/secrets with the store afterwards: without its key the vault does not open. Pseudonyms,
    permission snapshots and what cdr-ingest keeps go by the pseudonym key and do not change.
    """
    if not yes:
        click.confirm("Make a new look-up key?", abort=True, err=True)
    told = server.call("vault.rotate", by=who_asks())
    if as_json:
        print_json(told)
    else:
        click.echo(
            f"Version {told['version']} (key {told['key_id']}) is in use; `vault keys` tells how far it is."
        )


@vault.command("audit")
@click.option("--since", metavar="MOMENT", help="From this moment on, such as 2026-11-01T00:00:00Z.")
@click.option("--until", metavar="MOMENT", help="Before this moment.")
@click.option("--actor", default="", help="Only look-ups of this person or program.")
@click.option("--purpose", default="", help="Only for this purpose.")
@click.option("--subscriber", "subscriber_no", type=int, default=0, help="Only of this subscriber number.")
@click.option("--rows", "rows_max", type=click.IntRange(0), default=100, show_default=True, help="0: all.")
@json_option
@with_settings
def audit_command(
    settings: Settings,
    as_json: bool,
    since: str | None,
    until: str | None,
    actor: str,
    purpose: str,
    subscriber_no: int,
    rows_max: int,
) -> None:
    """List who turned people into numbers, or numbers into people, when and why; the newest first.

    What the product itself needed to send stands there as one row for each reason and commit.
    """
    found = read_store(
        settings,
        lambda rows: lookups(
            rows,
            settings.shard,
            since_us=to_epoch_us(moment_of(since)) if since else 0,
            until_us=to_epoch_us(moment_of(until)) if until else None,
            actor=actor,
            purpose=purpose,
            subscriber_no=subscriber_no,
            rows_max=rows_max,
        ),
    )
    told = [
        {
            "at": iso(one.at_us),
            "actor": one.actor,
            "purpose": one.purpose,
            "subscriber_no": one.subscriber_no or None,
            "lookups": one.lookups,
        }
        for one in found
    ]
    if as_json:
        print_json(told)
        return
    print_table(
        ["at", "actor", "purpose", "subscriber", "look-ups"],
        [
            [one["at"], one["actor"], one["purpose"], str(one["subscriber_no"] or ""), f"{one['lookups']:,}"]
            for one in told
        ],
    )


@vault.command("verify")
@click.option("--head", default="", help="A head that an earlier call told: it must stand in the chain.")
@json_option
@with_settings
def verify_command(settings: Settings, as_json: bool, head: str) -> None:
    """Check that no row of the audit was changed, added or taken out; the exit status is 1 where one was.

    Keep the head that it tells somewhere else: with it the next call sees what was cut off at the end, too.
    """
    proof = read_store(settings, lambda rows: verify_lookups(rows, settings.shard, head))
    told = {
        "holds": not proof.errors,
        "rows": proof.rows,
        "older_rows": proof.unchained,
        "errors": proof.errors,
        "first_error": proof.first_error,
        "head": proof.head,
    }
    if as_json:
        print_json(told)
    else:
        print_fields([(name.replace("_", " "), str(value)) for name, value in told.items()])
    if proof.errors:
        raise SystemExit(DOES_NOT_HOLD)
