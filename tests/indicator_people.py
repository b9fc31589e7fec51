"""Made-up people in bandicoot's form, as hostile as records come: ties, boundaries, gaps, wrong fields."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

RECORDS_HEADER = "interaction,direction,correspondent_id,datetime,call_duration,antenna_id"
RECHARGES_HEADER = "datetime,amount,balance,retailer_id"
SECOND_FORM = "%Y-%m-%d %H:%M:%S"
FIRST_DAY = datetime(2014, 12, 10)  # the weeks go over a year's end


def write_people(folder: Path, seed: int, sizes: tuple[int, ...], coordinates: bool = False) -> None:
    """A person for each size, with about that many records; the same files for the same seed.

    `coordinates`: records have some of their own, beside their antenna, instead of it, or other ones than it.
    """
    random = Random(seed)
    for room in ("records", "recharges"):
        (folder / room).mkdir(parents=True)
    antennas = [f"{number},{40 + random.random() * 2},{-70 + random.random() * 3}" for number in range(12)]
    antennas += ["x,40.5,-70.5", "y,40.5,-70.5"]  # two at one place
    _write(folder / "antennas.csv", "antenna_id,latitude,longitude", antennas)
    for number, size in enumerate(sizes):
        start = FIRST_DAY + timedelta(days=random.randint(0, 40))
        header, rows = RECORDS_HEADER, _records(random, start, size)
        if coordinates:
            header, rows = f"{header},latitude,longitude", [_with_coordinates(random, row) for row in rows]
        _write(folder / "records" / f"u{number}.csv", header, rows)
        if random.random() < 0.6:
            _write(folder / "recharges" / f"u{number}.csv", RECHARGES_HEADER, _recharges(random, start))


def _write(file: Path, header: str, rows: list[str]) -> None:
    file.write_text("\n".join([header, *rows, ""]))


def _records(random: Random, start: datetime, size: int) -> list[str]:
    days, contacts = random.choice([1, 3, 20, 60]), random.choice([1, 2, 5, 20])
    rows = []
    for _ in range(size):
        at = start + timedelta(seconds=random.randint(0, days * 86400))
        edge = random.random()
        if edge < 0.1:
            at = at.replace(hour=random.choice([7, 19]), minute=0, second=random.choice([0, 0, 1, 59]))
        elif edge < 0.3:
            at = at.replace(minute=random.choice([0, 29, 30, 59]), second=random.choice([0, 59]))
        contact = f"c{random.randint(1, contacts)}" if random.random() > 0.02 else ""
        antenna = random.choice([str(random.randint(0, 11)), str(random.randint(0, 2)), "x", "y"])
        if random.random() < 0.1:
            antenna = random.choice(["", "zz"])
        rows.append(_record(random, contact, at, antenna))
        if random.random() < 0.2:
            again = at + timedelta(seconds=random.choice([0, 1, 59, 3599, 3600, 3601]))
            way = f"{random.choice(['call', 'text'])},{random.choice(['in', 'out'])}"
            rows.append(f"{way},{contact or 'c1'},{again:{SECOND_FORM}},5,{antenna}")
    return rows


def _record(random: Random, contact: str, at: datetime, antenna: str) -> str:
    kind = random.choice(["call", "text", "text", "call"])
    if random.random() < 0.05:
        kind = random.choice(["gps", "", "fax"])
    way = random.choice(["in", "out"]) if random.random() > 0.03 else random.choice(["", "inn"])
    duration = random.choice(["", "", "0", "abc"])
    if kind == "call":
        duration = str(random.randint(0, 900))
        if random.random() < 0.05:
            duration = random.choice(["", "12.5", "-3", "x", " 7"])
    moment = f"{at:{SECOND_FORM}}"
    if random.random() < 0.02:
        moment = random.choice(["", "2014-02-30 10:00:00", "2015-1-3 4:05:06", "n/a"])
    return f"{kind},{way},{contact},{moment},{duration},{antenna}"


def _with_coordinates(random: Random, row: str) -> str:
    without, _, antenna = row.rpartition(",")
    number = int(antenna) if antenna.isdigit() else 3
    chance = random.random()
    if chance < 0.3:
        antenna = ""
    elif chance < 0.4:
        number += 1
    return f"{without},{antenna}," + ("," if chance > 0.8 else f"{40 + number},{-70 - number}")


def _recharges(random: Random, start: datetime) -> list[str]:
    rows = ["2014-11-01,5,,1"]
    for _ in range(random.choice([2, 3, 7, 30])):
        at = start + timedelta(seconds=random.randint(0, 70 * 86400))
        form = random.choice(["%Y-%m-%d", SECOND_FORM])
        amount = random.choice(["10", "0.1", "0.7", "3.3", "x", ""])
        rows.append(f"{at:{form}},{amount},,{random.randint(1, 4)}")
    return rows
