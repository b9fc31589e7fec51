"""Proofs from the witness, on rows written by hand: some good, some that must be caught."""

import json
from pathlib import Path

from operator_push.cli.demo.witness import (
    WitnessRow,
    WitnessTail,
    end_of,
    prove_stops,
    read_witness,
    submits_by_destination,
    submits_by_key,
    unanswered_at,
)

ANNA, BORIS = "919800000001", "919800000002"


class Script:
    """Rows with ascending n; `t` is milliseconds."""

    def __init__(self) -> None:
        self.rows: list[WitnessRow] = []

    def submit(self, t: int, to: str, identifier: str = "", decision: str = "accepted") -> "Script":
        identifier = identifier or f"i{len(self.rows)}"
        return self._add(t, "in", "submit_sm", decision, destination=to, smsc_message_id=identifier)

    def response(self, t: int, identifier: str, decision: str = "answered") -> "Script":
        return self._add(t, "out", "submit_sm_resp", decision, smsc_message_id=identifier)

    def stop(self, t: int, who: str, sequence: int, decision: str = "sent", bind: str = "b1") -> "Script":
        return self._add(
            t,
            "out",
            "deliver_sm",
            decision,
            source=who,
            sequence_number=sequence,
            kind="mo_answer",
            bind=bind,
        )

    def heard(self, t: int, who: str, sequence: int, bind: str = "b1") -> "Script":
        return self._add(
            t, "in", "deliver_sm_resp", "acknowledged", source=who, sequence_number=sequence,
            kind="mo_answer", bind=bind,
        )  # fmt: skip

    def _add(self, t: int, direction: str, command: str, decision: str, **more: object) -> "Script":
        bind = str(more.pop("bind", "b1"))
        self.rows.append(
            WitnessRow(len(self.rows) + 1, t * 1000, bind, direction, command, decision, **more)  # type: ignore[arg-type]
        )
        return self


def test_silence_after_a_stop_is_proved() -> None:
    script = Script().submit(1, ANNA).stop(10, ANNA, 1).submit(11, BORIS).heard(15, ANNA, 1).submit(20, BORIS)
    proof = prove_stops(script.rows)
    assert (proof.received, proof.sent_after_stop, proof.slowest_ms) == (1, 0, 5)


def test_a_message_after_the_acknowledgement_is_caught() -> None:
    script = Script().stop(10, ANNA, 1).heard(15, ANNA, 1).submit(40, ANNA)
    proof = prove_stops(script.rows)
    assert proof.sent_after_stop == 1
    assert proof.slowest_ms == 30


def test_a_refused_submit_after_a_stop_counts_as_sent_too() -> None:
    script = Script().stop(10, ANNA, 1).heard(15, ANNA, 1).submit(40, ANNA, decision="refused")
    assert prove_stops(script.rows).sent_after_stop == 1


def test_a_message_in_the_air_is_latency_and_not_a_breach() -> None:
    script = Script().stop(10, ANNA, 1).submit(18, ANNA).heard(15, ANNA, 1)
    proof = prove_stops(script.rows)
    assert (proof.sent_after_stop, proof.slowest_ms) == (0, 8)


def test_order_is_by_row_not_by_clock() -> None:
    script = Script().stop(10, ANNA, 1).heard(15, ANNA, 1).submit(15, ANNA)
    assert prove_stops(script.rows).sent_after_stop == 1


def test_a_stop_that_nobody_acknowledged_is_not_received() -> None:
    proof = prove_stops(Script().stop(10, ANNA, 1).submit(20, ANNA).rows)
    assert (len(proof.stops), proof.received, proof.slowest_ms) == (1, 0, 0)


def test_a_stop_sent_again_over_another_bind_is_one_stop() -> None:
    script = Script().stop(10, ANNA, 1).stop(90, ANNA, 1, "sent_again", "b2").heard(95, ANNA, 1, "b2")
    proof = prove_stops(script.rows)
    assert (len(proof.stops), proof.received, proof.slowest_ms) == (1, 1, 85)


def test_a_sequence_number_belongs_to_its_bind() -> None:
    script = Script().stop(10, ANNA, 1).stop(11, BORIS, 1, bind="b2").heard(20, BORIS, 1, "b2")
    proof = prove_stops(script.rows)
    assert [stop.number for stop in proof.acknowledged] == [BORIS]


def test_unanswered_is_counted_at_a_moment() -> None:
    script = Script().submit(1, ANNA, "a").submit(2, ANNA, "b").response(3, "a").submit(9, ANNA, "c")
    script.response(10, "b", "bind_gone")
    assert unanswered_at(script.rows, 5_000) == 1
    assert unanswered_at(script.rows, 9_000) == 2
    assert unanswered_at(script.rows, 20_000) == 1


def test_only_what_the_smsc_took_is_counted() -> None:
    script = Script().submit(1, ANNA).submit(2, ANNA).submit(3, BORIS, decision="refused")
    assert submits_by_destination(script.rows) == {ANNA: 2}
    assert submits_by_key(script.rows) == {(ANNA, -1): 2}


def as_line(row: WitnessRow) -> bytes:
    return json.dumps({name: getattr(row, name) for name in row.__struct_fields__}).encode() + b"\n"


def test_a_growing_file_is_followed(tmp_path: Path) -> None:
    file = tmp_path / "witness.jsonl"
    lines = [as_line(row) for row in Script().submit(1, ANNA, "a").submit(2, ANNA, "b").response(3, "a").rows]
    file.write_bytes(lines[0] + lines[1][:20])
    tail = WitnessTail(file)
    assert tail.read() == 1
    with file.open("ab") as more:
        more.write(lines[1][20:] + lines[2])
    assert tail.read() == 1
    assert tail.read() == 1


def test_a_fault_of_a_response_is_no_second_response(tmp_path: Path) -> None:
    file, script = tmp_path / "witness.jsonl", Script()
    script.submit(1, ANNA, "a").submit(2, ANNA, "b")
    script.response(3, "a", "fault").response(4, "a")
    file.write_bytes(b"".join(map(as_line, script.rows)))
    assert WitnessTail(file).read() == 1


def test_half_a_row_at_the_end_is_left_for_later(tmp_path: Path) -> None:
    file = tmp_path / "witness.jsonl"
    line = as_line(Script().submit(1, ANNA).rows[0])
    file.write_bytes(line + line[:-5])
    assert len(list(read_witness(file))) == 1


def test_a_later_round_does_not_count_the_responses_that_a_former_one_lost(tmp_path: Path) -> None:
    file, script = tmp_path / "witness.jsonl", Script()
    script.submit(1, ANNA, "a").submit(2, ANNA, "b").response(3, "a", "fault")
    file.write_bytes(b"".join(map(as_line, script.rows)))
    begins = end_of(file)
    assert begins == file.stat().st_size
    later = Script().submit(9, BORIS, "c")
    with file.open("ab") as more:
        more.write(b"".join(map(as_line, later.rows)))
    assert WitnessTail(file, begins).read() == 1
    assert unanswered_at(read_witness(file, begins), 9_000) == 1


def test_a_round_begins_at_a_whole_row(tmp_path: Path) -> None:
    file, line = tmp_path / "witness.jsonl", as_line(Script().submit(1, ANNA).rows[0])
    file.write_bytes(line + line[:-5])
    assert end_of(file) == len(line)
    file.write_bytes(b"")
    assert end_of(file) == 0
