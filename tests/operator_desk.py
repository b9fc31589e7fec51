"""What an operator does in end-to-end tests: commands of the command line, stories of messages, restarts."""

import json
from typing import Any

from click.testing import CliRunner
from product import Programs, until
from raw_esme import RawEsme

from operator_push.cli.main import main
from operator_push.smpp.pdu import SubmitSm, SubmitSmResp

PRICE_MICROS = 100_000
INDIA, BRITAIN = "919812345670", "447700900123"


def command(programs: Programs, *words: str, told: str | None = None) -> Any:
    """One operator-push command with --json; in this process, since starting Python is not what is tested."""
    done = CliRunner().invoke(main, [*words, "--json", "--data-dir", str(programs.folder)], input=told)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def asked(programs: Programs, *words: str, status: int = 0) -> Any:
    """The same for commands that read the store, and take the configuration of the server for it."""
    config = str(programs.folder / "operator-push.toml")
    done = CliRunner().invoke(main, [*words, "--json", "--config", config])
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


def story(programs: Programs, message_id: int) -> Any:
    return asked(programs, "message", "show", str(message_id))


def send(programs: Programs, *destinations: str) -> list[int]:
    """Submit one message to each; our ids of them."""
    ids = []
    with RawEsme(programs.smpp_port) as esme:
        assert esme.bind().command_status == 0
        for destination in destinations:
            esme.send(
                SubmitSm(
                    source_addr_ton=5,
                    source_addr="SHOP",
                    dest_addr_ton=1,
                    dest_addr_npi=1,
                    destination_addr=destination,
                    short_message=b"hello",
                )
            )
            answer = esme.read()
            assert isinstance(answer, SubmitSmResp)
            assert answer.command_status == 0
            ids.append(int(answer.message_id))
    return ids


def ended(programs: Programs) -> None:
    """Wait until every message has its end, and that is on disk."""

    def are_over() -> bool:
        stats = programs.call("stats")
        return stats["open_messages"] == 0 and bool(stats["committed"])

    until(are_over, "every message to end")


def restart(programs: Programs) -> None:
    assert programs.product is not None
    programs.product.stop()
    programs.start_product()
