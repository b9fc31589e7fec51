"""A stream of records in a tailed folder, and the triggers that it sets off, for tests."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from ingest_drop import KEY, NOW, write_key, write_snapshot

from cdr_ingest.collection.tail import TailedFolder
from cdr_ingest.triggers.config import TriggersConfig, read_config
from cdr_ingest.triggers.watching import Look, StreamSource, Watching
from operator_push.kernel.contracts import TRIGGER_EVENTS_GLOB, DataPurpose, TriggerEvent
from operator_push.kernel.instants import from_epoch_us, to_epoch_us

NOW_US = to_epoch_us(NOW)
SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
EVERYTHING = DataPurpose(15)
ASHA, RAVI, MEENA = "919810000001", "919810000002", "919810000003"
PEOPLE = {ASHA: (1, EVERYTHING), RAVI: (2, EVERYTHING), MEENA: (3, DataPurpose.NONE)}
CELLS = """cell_id,city,latitude,longitude
P1,Pune,18.52,73.85
P2,Pune,18.58,73.92
M1,Mumbai,19.07,72.87
"""
HEADERS = {
    "cdr": "record_id,kind,msisdn,correspondent,started_at,duration_s,octets_up,octets_down,cell_id",
    "topups": "record_id,msisdn,topped_up_at,amount_rupees,channel",
    "subscribers": "msisdn,imsi,activated_on,birth_year,language,plan,prepaid,device_os",
}
CONFIG = """
snapshot = "{folder}/permission.parquet"
key_file = "{folder}/key"
out = "{folder}/out"
cells = "{folder}/cells.csv"
{more}
[[source]]
name = "cdr"
kind = "tail"
into = "cdr"
options = {{ path = "{folder}/stream/cdr" }}
[[source]]
name = "topups"
kind = "tail"
into = "topups"
options = {{ path = "{folder}/stream/topups" }}
[[source]]
name = "contracts"
kind = "tail"
into = ""
options = {{ path = "{folder}/stream/subscribers" }}
{tables}
"""


class TriggerStream:
    """One folder: `write` appends records, `look` is one look of the program at `now_us`."""

    def __init__(
        self,
        folder: Path,
        people: Mapping[str, tuple[int, DataPurpose]] | None = None,
        more: str = "",
        tables: str = "",
        headers: Mapping[str, str] = HEADERS,
    ) -> None:
        self.folder = folder
        self.now_us = NOW_US
        self._headers = dict(headers)
        self._records = 0
        write_key(folder / "key", KEY)
        self.permit(people or PEOPLE)
        (folder / "cells.csv").write_text(CELLS)
        self.config_file = folder / "triggers.toml"
        self.config_file.write_text(CONFIG.format(folder=folder, more=more, tables=tables))
        for into in HEADERS:
            (folder / "stream" / into).mkdir(parents=True)
        self.watching: Watching | None = None

    def permit(self, people: Mapping[str, tuple[int, DataPurpose]]) -> None:
        write_snapshot(self.folder / "permission.parquet", people)

    def write(self, into: str, row: str, name: str = "now.csv") -> None:
        """Append a line to a file of the stream, whose header is its first line."""
        path = self.folder / "stream" / into / name
        with path.open("a") as file:
            if not path.stat().st_size:
                file.write(self._headers[into] + "\n")
            file.write(row + "\n")

    def cdr(self, msisdn: str, cell: str = "", kind: str = "MO_SMS", ago_s: int = 0, **more: str) -> None:
        """A record of an SMS, or of another kind."""
        self._records += 1
        values = {
            "record_id": f"r{self._records}",
            "kind": kind,
            "msisdn": msisdn,
            "correspondent": "919820000009",
            "started_at": self._at(ago_s),
            "cell_id": cell,
        } | more
        self.write("cdr", ",".join(values.get(name, "") for name in self._headers["cdr"].split(",")))

    def top_up(self, msisdn: str, rupees: str = "100", ago_s: int = 0, **more: str) -> None:
        self._records += 1
        values = {
            "record_id": f"t{self._records}",
            "msisdn": msisdn,
            "topped_up_at": self._at(ago_s),
            "amount_rupees": rupees,
        } | more
        self.write("topups", ",".join(values.get(name, "") for name in self._headers["topups"].split(",")))

    def config(self) -> TriggersConfig:
        return read_config(self.config_file)

    def open(self) -> Watching:
        """The program, begun anew."""
        self.close()
        config = self.config()
        sources = [StreamSource(one.name, TailedFolder(one.options), one.into) for one in config.source]
        self.watching = Watching(config, sources, self.now_us)
        return self.watching

    def close(self) -> None:
        if self.watching is not None:
            self.watching.close()
            self.watching = None

    def look(self) -> Look:
        """One look; what it found."""
        watching = self.watching or self.open()
        found = watching.look(self.now_us)
        assert found.errors == [], asdict(found)
        return found

    def events(self) -> list[TriggerEvent]:
        """Everything that stands in the journal."""
        lines: list[bytes] = []
        for path in sorted((self.folder / "out" / "triggers").glob(TRIGGER_EVENTS_GLOB)):
            lines += path.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=TriggerEvent) for line in lines]

    def told(self) -> list[tuple[str, int, dict[str, Any]]]:
        """(trigger, who, attributes) of every event."""
        return [(event.trigger, event.subscriber_no, event.attributes) for event in self.events()]

    def _at(self, ago_s: int) -> str:
        return from_epoch_us(self.now_us - ago_s * SECOND_US).isoformat()
