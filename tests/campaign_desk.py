"""A double of the running server for audiences and campaigns, and the feature file that they count."""

import base64
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyroaring import BitMap
from store_rows import row

from operator_push.domain.personal.values import PersonalValues
from operator_push.kernel.errors import OperatorError
from operator_push.services.campaign_texts import texts_asked
from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

DATA_PURPOSES = ("use_subscriber_record", "use_call_data", "use_location", "use_top_up")
PRICE = 120_000


class Desk:
    """What a server answers. `permitting`: purpose → subscribers; everybody permits all data at first."""

    def __init__(self, people: BitMap) -> None:
        self.permitting: dict[str, BitMap] = dict.fromkeys(("marketing", *DATA_PURPOSES), people)
        self.calls: list[dict[str, Any]] = []
        self.campaigns: list[dict[str, Any]] = []
        self.handed_in = BitMap()
        self.recipients: dict[str, BitMap] = {}
        self.busy_answers = 0
        self.hours = [
            {"hour": f"2027-01-15T{hour:02}:00:00.000000Z", "percent": 0 if hour < 9 else 90}
            for hour in range(8, 12)
        ]
        self.refused: dict[str, int] = {}

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        """As ControlClient.call."""
        self.calls.append({"do": do, **args})
        match do:
            case "account.show":
                return {"account": {"name": args["name"], "brand": "Chai Point", "currency": "INR"}}
            case "permission.bitmap":
                return {"bitmap": _encoded(self.permitting[args["purpose"]]), "sequence": 7}
            case "campaign.quote":
                return self._quote(args)
            case "campaign.forecast":
                return {"percent": 90, "capped_percent": 5, "by_hour": self.hours}
            case "campaign.explain":
                return {"contestants": [], "channel": "sms", "channel_why": "ordered"}
            case "campaign.list":
                return {"campaigns": self.campaigns}
            case "campaign.contestants":
                approved = [each["name"] for each in self.campaigns if each["state"] == "approved"]
                return {"names": [name for name in approved if name not in self.recipients]}
            case "campaign.enter":
                return self._enter(args)
            case "campaign.rest":
                return self._rest(args["name"])
            case "campaign.hand_in":
                return self._hand_in(args)
            case _ if do.startswith("campaign."):
                return self._campaign(do.removeprefix("campaign."), args)
        raise OperatorError(f"{do!r} is not a command")

    def called(self, do: str) -> list[dict[str, Any]]:
        """The calls of one name."""
        return [call for call in self.calls if call["do"] == do]

    def _quote(self, args: dict[str, Any]) -> dict[str, Any]:
        audience = BitMap.deserialize(base64.b64decode(args["audience"]))
        people = len(audience)
        segments = 1 + len(args["text"]) // 161
        return {
            "audience": people,
            **({"texts": self._texts(args, audience)} if args.get("shown") else {}),
            "segments": segments,
            "price_micros": PRICE,
            "quoted_micros": people * segments * PRICE,
            "valid_until_us": 1_800_000_000_000_000,
            "lines": [
                {
                    "people": people,
                    "segments": segments,
                    "message_micros": segments * PRICE,
                    "charged": [
                        {"what": "segment", "units": segments, "each_micros": PRICE, "amount_micros": 0}
                    ],
                }
            ],
        }

    def _texts(self, args: dict[str, Any], audience: BitMap) -> list[dict[str, Any]]:
        texts = texts_asked(args)
        values = PersonalValues.from_wire(args.get("values"), len(audience))
        found: dict[str, list[int]] = {}
        for place, number in enumerate(audience):
            known = values.at(place)
            found.setdefault(texts.filled(texts.chosen(0, number, "", known), known), []).append(number)
        return [
            {"text": text, "segments": 1, "message_micros": PRICE, "people": len(some), "one": some[0]}
            for text, some in found.items()
        ]

    def _campaign(self, action: str, args: dict[str, Any]) -> dict[str, Any]:
        if action == "change":
            self.campaigns = [each for each in self.campaigns if each["name"] != args["name"]]
        if action in ("order", "change"):
            quote = self._quote(args)
            asked = {name: args[name] for name in ("name", "rule", "category", "source", "text", "account")}
            self.campaigns.append(
                {
                    **quote,
                    **asked,
                    "audience": args.get("people_max", quote["audience"]),
                    "campaign_no": len(self.campaigns) + 1,
                    "account_no": 1,
                    "brand_no": 1,
                    "brand": "Chai Point",
                    "state": "pending_approval",
                    "ordered_by": args["ordered_by"] or args["account"],
                    "approved_by": "",
                    "checkpoint": 0,
                    "created_us": 1_800_000_000_000_000,
                    "changed_us": 1_800_000_000_000_000,
                    "terms": args["terms"],
                    "progress": {},
                }
            )
            return self.campaigns[-1]
        found = next(each for each in self.campaigns if each["name"] == args["name"])
        states = {"approve": "approved", "launch": "running", "resume": "running", "pause": "paused"}
        found["state"] = states.get(action, {"finish": "finished", "cancel": "cancelled"}.get(action))
        if action == "approve":
            found["approved_by"] = args["approver"]
        return found

    def _enter(self, args: dict[str, Any]) -> dict[str, Any]:
        entered = args["name"] not in self.recipients
        if entered:
            self.recipients[args["name"]] = BitMap.deserialize(base64.b64decode(args["audience"]))
        return {"entered": entered}

    def _rest(self, name: str) -> dict[str, Any]:
        fixed = self.recipients.get(name)
        if fixed is None:
            return {"people": 0, "rest": None}
        return {"people": len(fixed), "rest": _encoded(fixed - self.handed_in)}

    def _hand_in(self, args: dict[str, Any]) -> dict[str, Any]:
        if self.busy_answers:
            self.busy_answers -= 1
            return {"busy": True}
        fresh = BitMap(args["subscribers"]) - self.handed_in
        self.handed_in |= fresh
        repeated = len(args["subscribers"]) - len(fresh)
        return {
            "busy": False,
            "taken": len(args["subscribers"]),
            "outcomes": {"accepted": len(fresh), "repeated": repeated, **self.refused},
        }


def _encoded(numbers: BitMap) -> str:
    return base64.b64encode(numbers.serialize()).decode("ascii")


CONFIG = """
data_dir = "data"
[[smsc]]
name = "main"
host = "127.0.0.1"
system_id = "operator"
password = "secret"
[[tariff]]
price_per_segment = "0.12"
currency = "INR"
[profiles]
features_file = "features.json"
"""


def write_store(folder: Path, account: str = "chai") -> Database:
    """A store for `write_config`'s configuration with one account, open; made once, copied after that."""
    path = folder / "data" / "operator-push.db"
    path.write_bytes(_empty_store())
    database = Database.open(f"sqlite:///{path}")
    account_row = row(
        schema.account, account_no=1, name=account, kind="enterprise", currency="INR", terms="{}"
    )
    database.run(lambda connection: insert_rows(connection, schema.account, [account_row]))
    (folder / "data" / "secrets").mkdir()
    (folder / "data" / "secrets" / "pseudonym.key").write_text("5e" * 32 + "\n")
    return database


@cache
def _empty_store() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        migrate.upgrade(f"sqlite:///{path}")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        return path.read_bytes()


def write_config(folder: Path) -> Path:
    """A configuration whose data directory and features lie in `folder`."""
    (folder / "data").mkdir()
    path = folder / "operator-push.toml"
    path.write_text(CONFIG)
    return path
