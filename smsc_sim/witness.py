"""The witness: an append-only record of every PDU decision, one JSON object per line, `witness.jsonl`.

Every row has `n` (ascending by one), `t` (microseconds since 1970), `bind`, `direction` ("in" from the ESME,
"out" to it), `command` and `decision`. Where they exist: `sequence_number`, `source`, `destination`,
`user_message_reference`, `smsc_message_id`, `status` (command_status by name), `kind` ("receipt",
"intermediate", "alert", "mo_answer", "mo_script", "mo_csv", "mo_injected", "mo_loopback", "mo_esme"), `state`
(a receipt's), `text` (of an MO: the scenario's words), `system_id`, `detail` (a sentence). enquire_link and
unbind are answered by the session and have no row of their own. Rows are formatted by hand because five of
them per message must cost less than the message itself.
"""

import json
from functools import lru_cache

from smsc_sim.line_file import LineFile
from smsc_sim.parcel import Parcel


class Witness:
    """Writes the rows. Times are arguments; the file is flushed by its owner.

    The four rows that come with every message are counted, and not made where nobody keeps them.
    """

    __slots__ = ("_append", "_file", "rows_written")

    def __init__(self, file: LineFile) -> None:
        self._file = file
        self._append = file.lines.append
        self.rows_written = 0

    def bind_event(
        self, t: int, bind: str, direction: str, command: str, system_id: str, decision: str, status: str = ""
    ) -> None:
        """A bind request and its verdict."""
        self.rows_written = n = self.rows_written + 1
        status_part = f',"status":"{status}"' if status else ""
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"{direction}","command":"{command}",'
            f'"system_id":{json_text(system_id)},"decision":"{decision}"{status_part}}}\n'
        )

    def stream_event(self, t: int, bind: str, what: str, detail: str) -> None:
        """Something about the stream itself: "unbound", "closed", "peer_silent", "framing_lost" …"""
        self.rows_written = n = self.rows_written + 1
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"none","command":"none",'
            f'"decision":"{what}","detail":{json_text(detail)}}}\n'
        )

    def violation(
        self, t: int, bind: str, command: str, sequence_number: int, status: str, detail: str
    ) -> None:
        """A PDU that the session itself refused or could not use; `status` is empty where none was sent."""
        self.rows_written = n = self.rows_written + 1
        status_part = f',"status":"{status}"' if status else ""
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"in","command":{json_text(command)},'
            f'"sequence_number":{sequence_number},"decision":"violation"{status_part},'
            f'"detail":{json_text(detail)}}}\n'
        )

    def fault(
        self, t: int, bind: str, direction: str, command: str, members: str, name: str, kind: str
    ) -> None:
        """A [[fault]] strikes a PDU; `members` with leading commas, `name` as JSON text."""
        self.rows_written = n = self.rows_written + 1
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"{direction}","command":"{command}"{members},'
            f'"decision":"fault","fault":{name},"fault_kind":"{kind}"}}\n'
        )

    def submit_accepted(
        self, t: int, bind: str, sequence_number: int, members: str, command: str = "submit_sm"
    ) -> None:
        """A message that got an smsc_message_id; `members` by `address_part` and `key_part`."""
        self.rows_written = n = self.rows_written + 1
        if self._file.goes_nowhere:
            return
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"in","command":"{command}",'
            f'"sequence_number":{sequence_number}{members},"decision":"accepted","status":"ESME_ROK"}}\n'
        )

    def request_refused(
        self, t: int, bind: str, command: str, sequence_number: int, addresses: str, key: str, status: str
    ) -> None:
        """A request answered with an error status."""
        self.rows_written = n = self.rows_written + 1
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"in","command":"{command}",'
            f'"sequence_number":{sequence_number}{addresses}{key},"decision":"refused","status":"{status}"}}\n'
        )

    def request_performed(
        self, t: int, bind: str, command: str, sequence_number: int, key: str, decision: str, detail: str = ""
    ) -> None:
        """A query_sm, cancel_sm or replace_sm that was done: "queried", "cancelled", "replaced"."""
        self.rows_written = n = self.rows_written + 1
        detail_part = f',"detail":{json_text(detail)}' if detail else ""
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"in","command":"{command}",'
            f'"sequence_number":{sequence_number}{key},"decision":"{decision}","status":"ESME_ROK"'
            f"{detail_part}}}\n"
        )

    def message_event(self, t: int, bind: str, addresses: str, key: str, decision: str, detail: str) -> None:
        """What became of a message without any PDU: "not_reached", "replaced_by" …; `bind` brought it."""
        self.rows_written = n = self.rows_written + 1
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"none","command":"none"{addresses}{key},'
            f'"decision":"{decision}","detail":{json_text(detail)}}}\n'
        )

    def submit_answered(
        self,
        t: int,
        bind: str,
        sequence_number: int,
        members: str,
        decision: str,
        command: str = "submit_sm_resp",
        status: str = "ESME_ROK",
    ) -> None:
        """The submit_sm_resp of an accepted message: "answered", or "bind_gone" when nobody can hear it.

        Its `members` are those of the submit_sm.
        """
        self.rows_written = n = self.rows_written + 1
        if self._file.goes_nowhere:
            return
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"out","command":"{command}",'
            f'"sequence_number":{sequence_number}{members},"decision":"{decision}","status":"{status}"}}\n'
        )

    def delivered_to_esme(self, t: int, bind: str, sequence_number: int, parcel: Parcel) -> None:
        """A parcel's PDU that leaves now: "sent", or "sent_again" after an earlier try."""
        self.rows_written = n = self.rows_written + 1
        if self._file.goes_nowhere:
            return
        decision = "sent" if parcel.tries == 1 else "sent_again"
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"out","command":"{parcel.command}",'
            f'"sequence_number":{sequence_number}{parcel.witness_part},"decision":"{decision}"}}\n'
        )

    def answered_by_esme(
        self, t: int, bind: str, sequence_number: int, parcel: Parcel, decision: str, status: str
    ) -> None:
        """A parcel's response, or its absence: "acknowledged", "try_again", "dropped", "unanswered"."""
        self.rows_written = n = self.rows_written + 1
        if self._file.goes_nowhere:
            return
        status_part = f',"status":"{status}"' if status else ""
        self._append(
            f'{{"n":{n},"t":{t},"bind":"{bind}","direction":"in","command":"{parcel.command}_resp",'
            f'"sequence_number":{sequence_number}{parcel.witness_part},"decision":"{decision}"{status_part}}}\n'
        )


def address_part(source: str, destination: str) -> str:
    """The members source and destination, with their leading commas."""
    if source.isalnum() and destination.isalnum():  # Most are, and then there is nothing to escape.
        return f',"source":"{source}","destination":"{destination}"'
    return f',"source":{json_text(source)},"destination":{json_text(destination)}'


def key_part(reference: int | None, smsc_message_id: str) -> str:
    """The members user_message_reference and smsc_message_id where there are such, with leading commas."""
    reference_part = "" if reference is None else f',"user_message_reference":{reference}'
    return f'{reference_part},"smsc_message_id":"{smsc_message_id}"' if smsc_message_id else reference_part


def json_text(text: str) -> str:
    """A JSON string; digits and letters, which most addresses are, need no search for what to escape."""
    return f'"{text}"' if text.isalnum() else _escaped(text)


@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    return json.dumps(text)
