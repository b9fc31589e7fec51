"""How long a one-time password takes to the SMSC while a campaign saturates the link.

    python benchmarks/one_time_passwords.py [--passwords 200] [--rate 10] [--link-window 20]

A campaign hands its audience in as fast as the product takes it, over a link whose SMSC answers in 20 to
40 ms and whose window is small, so that segments always wait for room. Meanwhile an ESME with
transactional traffic submits passwords at a steady rate. The time of each runs from its submit_sm to us
until the simulator's witness has our submit_sm at the SMSC; both clocks are this machine's. Prints one
JSON line:

- `p50_ms`, `p99_ms`, `max_ms` of the passwords to the SMSC, `response_p99_ms` to our submit_sm_resp;
- `campaign_per_second`: what the campaign sent meanwhile; `waiting_min`: the fewest segments that waited.

Exit status 1 where a password did not arrive, or the link was not saturated, so that the figure says nothing.
"""

import argparse
import base64
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # raw_esme: an ESME of plain sockets

from prepared_store import ACCOUNT
from pyroaring import BitMap
from raw_esme import RawEsme
from whole_path import SIMULATOR, SMSC_FOLDER, Asked, WholePath, prepare

from operator_push.cli.campaign_hand_in import hand_in
from operator_push.cli.control_client import ControlClient
from operator_push.kernel.errors import OperatorError
from operator_push.smpp.pdu import SubmitSm, SubmitSmResp

PASSWORDS = 200
RATE_PER_S = 10.0
LINK_WINDOW = 20
P99_MAX_MS = 500.0
SCENARIO = SIMULATOR + "\n[latency]\nsubmit_sm_resp_ms = [20, 40]\n"
ANSWER_MS_MIN = 20  # the shortest of them: no more than so many windows a second can leave
SPARE_S = 5.0  # the campaign is that much longer than the passwords take
SATURATED_TIMEOUT_S = 20.0
CAMPAIGN, BANK, BANK_PASSWORD = "bench offer", "bank", "measured"
FIRST_PASSWORD_TO = 917_000_000_000  # apart from the campaign's audience
PREPAID_MICROS = 10**12


@dataclass
class _Sent:
    """When each password was submitted and answered, by recipient; seconds since 1970."""

    submitted: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    refused: int = 0


def measure_one_time_passwords(
    folder: Path, prepared: Path, passwords: int, rate_per_s: float, link_window: int, audience: int
) -> dict[str, Any]:
    """The figures of the module; the store `prepared` has at least `audience` subscribers who permit."""
    asked = Asked(link_window=link_window, scenario=SCENARIO, witness=True)
    programs = WholePath(folder.absolute(), prepared, asked)
    try:
        port = programs.start_product(programs.start_simulator())
        with ControlClient(folder) as control:
            _open_account(control)
            campaign = _begin_campaign(control, folder, audience)
            _until_saturated(control, link_window)
            started = time.time()
            waiting: list[int] = []
            sent = _send(port, passwords, rate_per_s, lambda: waiting.append(_waiting(control)))
            ended = time.time()
            control.call("campaign.pause", name=CAMPAIGN)
        campaign.join()
    finally:
        programs.stop()
    arrived, others = _arrivals(folder / SMSC_FOLDER / "witness.jsonl", started, ended)
    taken = sorted((arrived[to] - at) * 1000 for to, at in sent.submitted.items() if to in arrived)
    answers = sorted((sent.answered[to] - at) * 1000 for to, at in sent.submitted.items())
    return {
        "passwords": passwords,
        "missing": passwords - len(taken),
        "refused": sent.refused,
        "p50_ms": _percentile(taken, 50),
        "p99_ms": _percentile(taken, 99),
        "max_ms": _percentile(taken, 100),
        "response_p99_ms": _percentile(answers, 99),
        "campaign_per_second": round(others / (ended - started), 1),
        "waiting_min": min(waiting, default=0),
        "link_window": link_window,
    }


def audience_for(passwords: int, rate_per_s: float, link_window: int) -> int:
    """How many recipients keep the link busy for longer than the passwords take."""
    return round((passwords / rate_per_s + SPARE_S) * link_window * 1000 / ANSWER_MS_MIN)


def _open_account(control: ControlClient) -> None:
    control.call(
        "account.add",
        name=BANK,
        password=BANK_PASSWORD,
        traffic_class="transactional",
        any_destination=True,
        prepaid_micros=PREPAID_MICROS,
    )


def _begin_campaign(control: ControlClient, folder: Path, audience: int) -> threading.Thread:
    """Order, approve and launch; the thread hands the audience in until it is done or paused."""
    people = BitMap(range(1, audience + 1))  # the vault counts from 1
    control.call(
        "campaign.order",
        name=CAMPAIGN,
        account=ACCOUNT,
        rule="true",
        source="56070",
        text="Everything half price today",
        category="0",
        audience=base64.b64encode(people.serialize()).decode("ascii"),
        ordered_by="maker",
    )
    control.call("campaign.approve", name=CAMPAIGN, approver="checker", side="client")
    control.call("campaign.approve", name=CAMPAIGN, approver="operator")
    control.call("campaign.launch", name=CAMPAIGN)

    def run() -> None:
        with ControlClient(folder) as own:
            try:
                hand_in(own, CAMPAIGN, people)
            except OperatorError:
                return  # paused: the passwords are through

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _until_saturated(control: ControlClient, link_window: int) -> None:
    deadline = time.monotonic() + SATURATED_TIMEOUT_S
    while _waiting(control) < link_window:
        if time.monotonic() > deadline:
            raise TimeoutError("the campaign does not fill the link")
        time.sleep(0.02)


def _waiting(control: ControlClient) -> int:
    return int(control.call("stats")["unsent_segments"])


def _send(port: int, passwords: int, rate_per_s: float, each: Any) -> _Sent:
    """Submit one after the other at the rate, each answered before the next; `each()` after every one."""
    sent = _Sent()
    with RawEsme(port) as bank:
        bank.bind(BANK, BANK_PASSWORD)
        began = time.monotonic()
        for number in range(passwords):
            time.sleep(max(0.0, began + number / rate_per_s - time.monotonic()))
            to = str(FIRST_PASSWORD_TO + number)
            pdu = SubmitSm(0, source_addr="BANK", destination_addr=to)
            pdu.short_message = f"Your code is {number:06d}. Tell it to nobody.".encode()
            pdu.source_addr_ton, pdu.dest_addr_ton, pdu.dest_addr_npi = 5, 1, 1
            sent.submitted[to] = time.time()
            bank.send(pdu)
            answer = bank.read()
            sent.answered[to] = time.time()
            sent.refused += not isinstance(answer, SubmitSmResp) or answer.command_status != 0
            each()
    return sent


def _arrivals(witness: Path, started: float, ended: float) -> tuple[dict[str, float], int]:
    """When each password came to the SMSC (seconds since 1970), and how many others came meanwhile."""
    arrived: dict[str, float] = {}
    others = 0
    for row in _accepted(witness):
        at, to = row["t"] / 1e6, row["destination"]
        if FIRST_PASSWORD_TO <= int(to) < FIRST_PASSWORD_TO + 10**9:
            arrived.setdefault(to, at)
        elif started <= at <= ended:
            others += 1
    return arrived, others


def _accepted(witness: Path) -> Iterator[dict[str, Any]]:
    with witness.open() as lines:
        for line in lines:
            row = json.loads(line)
            if row["command"] == "submit_sm" and row["decision"] == "accepted":
                yield row


def _percentile(values: list[float], percent: int) -> float | None:
    """By nearest rank; None where there is nothing."""
    if not values:
        return None
    return round(values[max(0, -(-len(values) * percent // 100) - 1)], 1)


def is_worth_something(figures: dict[str, Any]) -> bool:
    """True where every password arrived and the link was saturated all the time."""
    lost = figures["missing"] or figures["refused"]
    return not lost and bool(figures["waiting_min"] > 0)


def main() -> int:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--passwords", type=int, default=PASSWORDS)
    parser.add_argument("--rate", type=float, default=RATE_PER_S, help="passwords a second")
    parser.add_argument("--link-window", type=int, default=LINK_WINDOW)
    options = parser.parse_args()
    audience = audience_for(options.passwords, options.rate, options.link_window)
    with tempfile.TemporaryDirectory(prefix="operator-push-bench-") as temporary:
        prepared = prepare(Path(temporary) / "prepared", audience)
        figures = measure_one_time_passwords(
            Path(temporary) / "run",
            prepared,
            options.passwords,
            options.rate,
            options.link_window,
            audience,
        )
    print(json.dumps(figures))
    return 0 if is_worth_something(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
