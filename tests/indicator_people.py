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


def write_network(folder: Path, seed: int, people: int) -> None:
    """People who know one another, and others: what one has of a contact, the other may have, or nearly."""
    random = Random(seed)
    (folder / "records").mkdir(parents=True)
    _write(
        folder / "antennas.csv", "antenna_id,latitude,longitude", [f"{n},{40 + n},{-70}" for n in range(5)]
    )
    (folder / "attributes").mkdir()
    rows: dict[str, list[str]] = {f"u{number}": [] for number in range(people)}
    for name in rows:
        if random.random() < 0.7:
            said = [f"age,{random.choice(['young', 'old', ''])}", f"home,{random.choice(['north', 'south'])}"]
            _write(folder / "attributes" / f"{name}.csv", "key,value", said)
    names = [*rows, *(f"c{number}" for number in range(people // 3))]
    for _ in range(people * 14):
        first = random.randrange(2, people)
        # Neighbours, so that ties close to triangles; sometimes somebody far away, or oneself.
        second = (first + random.choice([1, 1, 2, 2, 3, 4, random.randint(5, len(names))])) % len(names)
        if random.random() < 0.01:
            second = first
        at = FIRST_DAY + timedelta(seconds=random.randint(0, 10 * 86400))
        for _ in range(random.choice([1, 1, 2])):
            at += timedelta(seconds=random.choice([0, 10, 600, 1800, 86400]))
            _exchange(random, rows, names[first], names[second], at)
            first, second = (second, first) if second < people else (first, second)
    rows["u0"] = [f"text,out,u2,{FIRST_DAY:{SECOND_FORM}},,1"]  # nobody else has these, nor any of u1
    for name, each in rows.items():
        if random.random() < 0.3 and name not in ("u0", "u1"):
            each += [row.replace(",c", ",u") for row in _records(random, FIRST_DAY, 6)]
        random.shuffle(each)
        header, form = RECORDS_HEADER, random.randrange(3)
        if form == 0:
            header, each = f"{header},latitude,longitude", [_with_coordinates(random, row) for row in each]
        elif form == 1:
            header, each = _direction_last(header), [_without_some_directions(random, row) for row in each]
        _write(folder / "records" / f"{name}.csv", header, each)


def _direction_last(row: str) -> str:
    kind, way, *others = row.split(",")
    return ",".join([kind, *others, way])


def _without_some_directions(random: Random, row: str) -> str:
    """A short row, which has no direction at all: a place needs none."""
    row = _direction_last(row)
    return row.rpartition(",")[0] if row.startswith("gps") and random.random() < 0.5 else row


def _exchange(random: Random, rows: dict[str, list[str]], sender: str, receiver: str, at: datetime) -> None:
    kind = random.choice(["call", "call", "text", "text", "text", "gps", ""])
    duration = str(random.randint(0, 3)) if kind == "call" else random.choice(["", "", "", "0", "x"])
    chance = random.random()
    for name, other, way in ((sender, receiver, "out"), (receiver, sender, "in")):
        seen, lasted = at, duration
        if way == "in":
            seen += timedelta(seconds=random.choice([0, 0, 1, -29, 29, 30, -30]))
            lasted = random.choice(["4", "", "y"]) if chance < 0.1 and kind != "call" else duration
        if name in rows and not (0.1 < chance < 0.2 and way == "in"):
            antenna = random.choice(["0", "1", "2", "7", ""])
            rows[name].append(f"{kind},{way},{other},{seen:{SECOND_FORM}},{lasted},{antenna}")


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
