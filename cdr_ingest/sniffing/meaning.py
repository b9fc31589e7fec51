"""What columns mean: by their names where they have some, else by how their values look, and by order."""

import re
from dataclasses import dataclass

from cdr_ingest.formats.layouts import RowKind
from cdr_ingest.sniffing.values import ColumnLook, Look

# Words in names of columns, in the languages that exports are seen in: a table a kind, a field a line, its
# patterns behind it. Of a name the first field counts.
_NAME_TABLES = {
    RowKind.CDR: r"""
        octets_up uplink upload bytes?_?(up|sent|out) octets_?up volume_?up \bul\b _ul\b sent_?bytes
        octets_down downlink download bytes?_?(down|rec|in) octets_?down volume_?down \bdl\b _dl\b recv
            received volume bytes octets traffic
        cell_id cell antenna bts enodeb tower \bcgi\b ecgi \blac\b \bsite zelle location_id
        duration_s billsec bill_?sec dur seconds talk_?time length minut \bmins?\b dauer durée duree duraci
        started_at start begin seizure answer_?(time|date)?$ date time datum zeit fecha hora heure \bts\b
            stamp when
        correspondent dst dest called callee b_?(party|number|num|nr|msisdn) bparty to_ ^to$ other peer
            correspond partner recipient ziel receiver contact
        msisdn msisdn src source caller calling a_?(party|number|num|nr) aparty from_ ^from$ subscriber
            served orig phone mobile rufnummer user sender number numéro numero
        kind kind type direction service event usage \bdir\b interaction (^|_)art$ category call_?type
        record_id (^|_)id$ uuid uniqueid record call_?id reference \bref\b ^seq serial ticket
    """,
    RowKind.TOP_UP: r"""
        amount_rupees amount value price sum betrag montant monto recharge_?(amount|value) paid credit
        channel channel retail method source agent kanal dealer medium
        topped_up_at date time datum zeit fecha when stamp \bat$
        msisdn msisdn subscriber phone mobile rufnummer user number numero customer
        record_id (^|_)id$ uuid record reference \bref\b serial voucher transaction txn
    """,
    RowKind.CELL: r"""
        latitude lat
        longitude lon lng
        cell_id (^|_)id$ cell antenna bts tower cgi place
        city city town name region area ort ville place site
    """,
    RowKind.SUBSCRIBER: r"""
        imsi imsi
        device_tac imei \btac\b _tac$
        activated_on activ since start contract_?date created joined aktiv alta$ fecha_alta
        birth_year birth yob geburt naissance nacimiento
        language lang sprache locale idioma
        plan_ends_on plan_?(end|expir)
        plan plan tariff tarif product offer offre oferta
        prepaid prepaid prépay prepay prepago payment pay_?type paid
        device_os (device|phone)?_?os$ device
        customer_code customer client kunde
        account_code account compte konto cuenta
        home_zone time_?zone home_?zone
        age_band age_?(band|group)
        status ^status$ status_?change
        changed_at changed modified updated
        msisdn msisdn subscriber phone mobile rufnummer number numero numéro
    """,
    RowKind.DEVICE: r"""
        tac ^tac$ _tac$ ^tac_ type_?allocation
        brand brand manufacturer make vendor marke hersteller marque marca
        os (^|_)os($|_) operating system betriebssystem
        release_year year launch release jahr
        model model marketing name modell
    """,
    RowKind.PLAN: r"""
        period_days days validity period duration tage
        price price fee cost amount preis prix precio charge rent
        ends_on ends_?on expir until valid_?to sunset
        plan_code code (^|_)id$ sku
        name name title description plan tariff
    """,
}


def _names(table: str) -> list[tuple[str, re.Pattern[str]]]:
    """(field, pattern) of a table; a line that is set in further goes on with the one above."""
    rows: list[list[str]] = []
    for line in table.splitlines():
        if line.strip() and not line.startswith(" " * 12):
            rows.append(line.split())
        elif line.strip():
            rows[-1] += line.split()
    return [(field, re.compile("|".join(patterns))) for field, *patterns in rows]


_NAMED, _LOOKED, _ORDERED = 0.9, 0.6, 0.5
# Which looks a field may have; one of another look is not believed, whatever its name.
_LOOKS: dict[str, tuple[Look, ...]] = {
    "msisdn": (Look.NUMBER, Look.TEXT, Look.WORDS, Look.QUANTITY),
    "correspondent": (Look.NUMBER, Look.TEXT, Look.WORDS, Look.QUANTITY),
    "started_at": (Look.MOMENT, Look.DAY, Look.TIME),
    "topped_up_at": (Look.MOMENT, Look.DAY, Look.TIME),
    "activated_on": (Look.MOMENT, Look.DAY),
    "duration_s": (Look.QUANTITY, Look.CLOCK, Look.TIME),
    "octets_up": (Look.QUANTITY, Look.NUMBER),
    "octets_down": (Look.QUANTITY, Look.NUMBER),
    "amount_rupees": (Look.QUANTITY,),
    "latitude": (Look.QUANTITY,),
    "longitude": (Look.QUANTITY,),
    "kind": (Look.WORDS, Look.QUANTITY, Look.TEXT),
    "imsi": (Look.NUMBER, Look.QUANTITY),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column is for: a field of the layout, the reason and how sure it is."""

    column: str
    field: str
    reason: str
    confidence: float


def find_kind(names: list[str], looks: dict[str, ColumnLook]) -> tuple[RowKind, str]:
    """What the rows are, and why."""
    said = " ".join(names).lower()
    if re.search(r"\blat|latitude", said) and re.search(r"\blon|lng|longitude", said):
        has_time = any(look.look in (Look.MOMENT, Look.DAY) for look in looks.values())
        if not has_time:
            return RowKind.CELL, "it has latitudes and longitudes, and no times"
    if "imsi" in said and re.search(r"plan|tarif|activ|lang|birth", said):
        return RowKind.SUBSCRIBER, "it has IMSIs and what a contract has"
    if not re.search(r"dur|called|dst|dest|dauer|bytes|octets|amount|montant|betrag", said):
        found = _of_catalogue_or_contract(said, looks)
        if found is not None:
            return found
    amount = re.search(r"amount|recharge|top_?up|betrag|montant|monto|voucher", said)
    numbers = [name for name, look in looks.items() if look.look is Look.NUMBER]
    if amount and not re.search(r"dur|billsec|dauer|seconds|called|dst|dest", said):
        return RowKind.TOP_UP, "it has amounts and no durations"
    fractions = any(look.look is Look.QUANTITY and not look.is_whole for look in looks.values())
    is_call = any(look.look is Look.CLOCK for look in looks.values())
    is_call |= re.search(r"dur|call|kind|direction", said) is not None
    if len(numbers) == 1 and fractions and not is_call:
        return RowKind.TOP_UP, "it has numbers of one person a row and amounts with fractions"
    return RowKind.CDR, "it has numbers of people, times and durations or volumes"


# What only a contract has, each in the languages that exports are seen in.
_CONTRACT_WORDS = (
    r"plan|tarif|offer|offre|oferta", r"activ|aktiv|since|fecha_?alta", r"birth|yob|geburt|naissance|nacim",
    r"lang|sprache|idioma", r"prepaid|prepay|prépay|prepago|postpa", r"imei|device|handset",
)  # fmt: skip


def _of_catalogue_or_contract(said: str, looks: dict[str, ColumnLook]) -> tuple[RowKind, str] | None:
    if re.search(r"(\b|_)tac(\b|_)|type.?allocation", said) and re.search(
        r"brand|manufact|make|vendor|marke|marque|marca", said
    ):
        return RowKind.DEVICE, "it has type allocation codes and their makers"
    words = sum(re.search(one, said) is not None for one in _CONTRACT_WORDS)
    has_people = any(look.look is Look.NUMBER for look in looks.values())
    if words >= 3 and has_people:
        return RowKind.SUBSCRIBER, "it has numbers of people and what a contract has"
    if not has_people and re.search(r"plan|tari[fr]", said) and re.search(r"code|id\b|sku", said):
        return RowKind.PLAN, "it has plans by their codes and no numbers of people"
    return None


def find_meanings(
    kind: RowKind, names: list[str], looks: dict[str, ColumnLook], named: bool
) -> list[Meaning]:
    """The meaning of the columns that have one; some fields are made of two columns."""
    found: list[Meaning] = []
    taken: set[str] = set()
    if named:
        for field, pattern in _names(_NAME_TABLES[kind]):
            _by_name(field, pattern, names, looks, found, taken)
    _by_look(kind, names, looks, found, taken)
    return found


def _by_name(
    field: str,
    pattern: re.Pattern[str],
    names: list[str],
    looks: dict[str, ColumnLook],
    found: list[Meaning],
    taken: set[str],
) -> None:
    candidates = []
    for name in names:
        plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.rpartition(".")[2]).lower().replace(" ", "_")
        match = pattern.search(plain)
        look = looks[name].look
        if name in taken or match is None or look is Look.EMPTY:
            continue
        if look not in _LOOKS.get(field, tuple(Look)) or (field == "kind" and not looks[name].words):
            continue
        candidates.append((len(match[0]) / len(plain), name, match[0]))
    if field in ("started_at", "topped_up_at"):
        candidates = _moment_candidates(candidates, looks)
    elif field != "kind":
        candidates = sorted(candidates, key=lambda one: (-_fitness(field, looks[one[1]]), -one[0]))[:1]
    for _, name, word in candidates[:2]:
        reason = f"its name has {word!r} and it holds {looks[name].look.value}"
        found.append(Meaning(name, field, reason, _NAMED))
        taken.add(name)


def _fitness(field: str, look: ColumnLook) -> int:
    """Numbers of people before anything else where they are asked for; zeros and ones are no durations."""
    return int(field in ("msisdn", "correspondent") and look.look is Look.NUMBER)


def _moment_candidates(
    candidates: list[tuple[float, str, str]], looks: dict[str, ColumnLook]
) -> list[tuple[float, str, str]]:
    """One moment, the start before others; or a day and the time of day that stands nearest behind it."""
    moments = [one for one in candidates if looks[one[1]].look is Look.MOMENT]
    starts = [one for one in moments if re.search(r"start|begin|seizure|setup", one[1].lower())]
    if moments:
        return (starts or moments)[:1]
    days = [one for one in candidates if looks[one[1]].look is Look.DAY]
    times = [one for one in candidates if looks[one[1]].look is Look.TIME]
    return [*days[:1], *times[:1]] if days else []


def _by_look(
    kind: RowKind, names: list[str], looks: dict[str, ColumnLook], found: list[Meaning], taken: set[str]
) -> None:
    """Fields that no name told, by the first column that looks like one."""
    have = {one.field for one in found}

    def take(field: str, reason: str, confidence: float, *wanted: Look, **more: bool) -> None:
        if field in have:
            return
        for name in names:
            look = looks[name]
            if name in taken or look.look not in wanted or (more.get("unlike") and look.distinct < 1):
                continue
            found.append(Meaning(name, field, f"{reason} {look.look.value}", confidence))
            taken.add(name)
            have.add(field)
            return

    at = "started_at" if kind is RowKind.CDR else "topped_up_at"
    if kind in (RowKind.CDR, RowKind.TOP_UP):
        take("msisdn", "the first column that holds", _LOOKED, Look.NUMBER)
        take(at, "the first column that holds", 0.8, Look.MOMENT)
        if at not in have and any(looks[name].look is Look.DAY for name in names):
            take(at, "the first column that holds", _LOOKED, Look.DAY)
            have.discard(at)
            take(at, "beside the day, the first column that holds a", _LOOKED, Look.TIME)
            have.add(at)
    if kind is RowKind.CDR:
        take("correspondent", "the second column that holds", _LOOKED, Look.NUMBER)
        take("duration_s", "the first column that holds", _LOOKED, Look.CLOCK, Look.TIME)
        _words_of_kind(names, looks, found, taken, have)
        _duration(names, looks, found, taken, have)
    if kind is RowKind.TOP_UP:
        take("amount_rupees", "the first column that holds", _LOOKED, Look.QUANTITY)
    if kind in (RowKind.CDR, RowKind.TOP_UP):
        # What is different in every row and is nothing else.
        take(
            "record_id", "no two rows have the same of these", _ORDERED, Look.TEXT, Look.QUANTITY, unlike=True
        )
    if kind is RowKind.SUBSCRIBER:
        take("msisdn", "the first column that holds", _LOOKED, Look.NUMBER)


_KIND_WORDS = re.compile(
    r"(?i)\b(mo|mt|moc|mtc|in|out|call|voice|sms|text|data|gprs|incoming|outgoing|orig|term|[oti]$)"
)


def _words_of_kind(
    names: list[str],
    looks: dict[str, ColumnLook],
    found: list[Meaning],
    taken: set[str],
    have: set[str],
) -> None:
    if "kind" in have:
        return
    for name in names:
        words = looks[name].words
        if name not in taken and words and all(_KIND_WORDS.search(word.replace("_", " ")) for word in words):
            found.append(Meaning(name, "kind", f"it holds {', '.join(words[:4])}", _LOOKED))
            taken.add(name)
            have.add("kind")


def _duration(
    names: list[str],
    looks: dict[str, ColumnLook],
    found: list[Meaning],
    taken: set[str],
    have: set[str],
) -> None:
    """Without a name: the last small whole quantity, for billed seconds stand behind all seconds."""
    if "duration_s" in have:
        return
    fits = [
        name
        for name in names
        if name not in taken
        and looks[name].look is Look.QUANTITY
        and looks[name].is_whole
        and 1 < looks[name].largest < 86_400
    ]
    if fits:
        found.append(Meaning(fits[-1], "duration_s", "the last column of small whole quantities", _ORDERED))
        taken.add(fits[-1])
