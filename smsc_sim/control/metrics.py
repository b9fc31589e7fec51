"""Metrics: the counters as Prometheus reads them (text exposition format 0.0.4). Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "smsc_sim_"
LEVELS = frozenset({"open_messages"})  # The counters that go up and down.
HELP = {
    "binds_accepted": "Bind requests that were accepted.",
    "binds_refused": "Bind requests that were refused.",
    "submits_received": "submit_sm that arrived.",
    "submits_accepted": "submit_sm that got an smsc_message_id.",
    "submits_refused": "submit_sm that were answered with an error status.",
    "responses_sent": "submit_sm_resp that were sent.",
    "responses_without_bind": "submit_sm_resp that were due when the bind was gone.",
    "open_messages": "Messages that have not reached their final state.",
    "finals": "Messages that reached their final state.",
    "receipts_due": "Receipts that entered a mailbox.",
    "receipts_sent": "Receipts that were sent, repeats included.",
    "receipts_acknowledged": "Receipts that the ESME acknowledged.",
    "receipts_dropped": "Receipts that the ESME refused for good.",
    "mo_due": "Messages from handsets that entered a mailbox.",
    "mo_sent": "Messages from handsets that were sent, repeats included.",
    "mo_acknowledged": "Messages from handsets that the ESME acknowledged.",
    "mo_dropped": "Messages from handsets that the ESME refused for good.",
    "other_requests_refused": "Requests that the simulator does not perform.",
    "tries_failed": "Tries to deliver that found the handset unreachable.",
    "notifications_due": "Intermediate notifications and alerts that entered a mailbox.",
    "notifications_sent": "Intermediate notifications and alerts that were sent, repeats included.",
    "notifications_acknowledged": "Intermediate notifications that the ESME acknowledged, and alerts sent.",
    "notifications_dropped": "Intermediate notifications that the ESME refused for good.",
    "queries": "query_sm that were performed.",
    "cancels": "cancel_sm that were performed.",
    "replaces": "replace_sm that were performed.",
    "receipts_lost": "Receipts that a fault took before they entered a mailbox.",
    "faults": "Hits of all faults of the scenario.",
}

Labels = Mapping[str, str]


class Metric(msgspec.Struct, frozen=True):
    """One family: its name without the prefix, "counter" or "gauge", and its samples by labels."""

    name: str
    kind: str
    told: str
    samples: Sequence[tuple[Labels, float]]


def counter_metrics(counters: Mapping[str, Mapping[str, int]]) -> list[Metric]:
    """The counters of every virtual SMSC (by its name) as families with the label `smsc`."""
    names = dict.fromkeys(name for values in counters.values() for name in values)
    return [
        Metric(
            name if name in LEVELS else f"{name}_total",
            "gauge" if name in LEVELS else "counter",
            HELP.get(name, name),  # A test holds the two lists together.
            [({"smsc": smsc}, values[name]) for smsc, values in counters.items() if name in values],
        )
        for name in names
    ]


def exposition(metrics: Iterable[Metric]) -> str:
    """The text of a scrape."""
    lines: list[str] = []
    for metric in metrics:
        name = PREFIX + metric.name
        lines.append(f"# HELP {name} {_escaped(metric.told)}")
        lines.append(f"# TYPE {name} {metric.kind}")
        lines += [f"{name}{_labels(labels)} {_number(value)}" for labels, value in metric.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    pairs = ",".join(f'{name}="{_label_value(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _label_value(text: str) -> str:
    return _escaped(text).replace('"', r"\"")


def _number(value: float) -> str:
    return repr(float(value)) if value % 1 else str(int(value))
