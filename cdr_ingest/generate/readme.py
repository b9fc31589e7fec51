"""The README of a generated set: what the files are, by which distributions, and what faults were written."""

from cdr_ingest.generate import distributions as d
from cdr_ingest.generate.settings import GenerateSettings

_TEXT = """# Generated operator files

Nobody in these files exists. They were made by
`cdr-ingest generate --subscribers {subscribers} --seed {seed} --days {days} --as-of {as_of} \
--records-per-subscriber {records:g}`; the same command makes the same octets.

| file | rows | is |
|---|---:|---|
| subscribers.csv | {subscriber_rows} | one contract a row; about {dirty_subscribers:.0%} more are dirty |
| consents.csv | {consent_rows} | one act of consent or withdrawal a row, with its evidence; never dirty |
| cells.csv | {cell_rows} | radio cells with their city and coordinates |
| cdr/ | {cdr_rows} | calls, SMS and data sessions, one file per network node and local day |
| topups/ | {top_up_rows} | top-ups, one file per node and ten days |

Times are local with their offset (+05:30). Times of consents are UTC.

## Distributions

- Records per subscriber: log-normal, mean {records:g} over all days, deviation of the logarithm \
{activity_sigma}; {top_up_share:.0%} of them are top-ups (prepaid only).
- Kinds of CDR: {kinds}.
- Days: weights Monday to Sunday {weekdays}.
- Hours: two daily peaks, 11 and 20 on workdays, 12 and 20 at weekends (weights in \
`cdr_ingest/generate/distributions.py`).
- Places: from {home_from}:00 to 0{home_until}:00 {home:.0%} at the home cell, on workdays otherwise \
{work:.0%} at the work cell, else a cell of the same city; {travel:.0%} of those in another city; \
{no_cell:.0%} of records name no cell.
- Calls: log-normal, median {call_median:.0f} s; {missed:.0%} of incoming calls have 0 s. Sessions: \
log-normal, median {session_mb:.0f} MB down, {uplink:.0%} of that up.
- Contacts: log-normal, median {contacts:.0f} beyond the first {contacts_min}, the first ones preferred; \
{on_net:.0%} are subscribers of the same operator; {short_code:.0%} of incoming SMS come from services.
- Consent, net of withdrawals: {consents}. {withdrawn:.0%} of subscribers grant and later withdraw each.

## Faults and repeats

About {dirty:.1%} of CDR and top-up rows are spoiled; {same:.1%} are repeated in their file and \
{following:.1%} in the next file. Written into this set:

| fault | rows |
|---|---:|
{faults}

| repeated in | rows |
|---|---:|
{repeated}
"""


def readme_text(settings: GenerateSettings, summary: dict[str, object]) -> str:
    """Markdown for a generated set; `summary` is GenerateSummary.as_dict()."""
    rows, faults, repeated = (_counts(summary, key) for key in ("rows", "faults", "repeated"))
    return _TEXT.format(
        subscribers=settings.subscribers,
        seed=settings.seed,
        days=settings.days,
        as_of=settings.as_of.isoformat(),
        records=settings.records_per_subscriber,
        subscriber_rows=rows.get("subscribers", 0),
        consent_rows=rows.get("consents", 0),
        cell_rows=rows.get("cells", 0),
        cdr_rows=rows.get("cdr", 0),
        top_up_rows=rows.get("topups", 0),
        dirty_subscribers=d.DIRTY_SUBSCRIBER_SHARE,
        activity_sigma=d.ACTIVITY_SIGMA,
        top_up_share=d.TOP_UP_SHARE,
        kinds=", ".join(f"{kind} {percent} %" for kind, percent in d.KIND_PERCENT.items()),
        weekdays=", ".join(f"{weight:g}" for weight in d.WEEKDAY_WEIGHTS),
        home_from=d.HOME_FROM_HOUR,
        home_until=d.HOME_UNTIL_HOUR,
        home=d.HOME_SHARE,
        work=d.WORK_SHARE,
        travel=d.TRAVEL_SHARE,
        no_cell=d.NO_CELL_SHARE,
        call_median=d.CALL_SECONDS[0],
        missed=d.MISSED_CALL_SHARE,
        session_mb=d.SESSION_OCTETS[0] / 1e6,
        uplink=d.UPLINK_SHARE,
        contacts=d.CONTACTS_MEDIAN,
        contacts_min=d.CONTACTS_MIN,
        on_net=d.ON_NET_SHARE,
        short_code=d.SHORT_CODE_SHARE,
        consents=", ".join(
            f"{offer.purpose}{'' if offer.brand == '*' else ' of ' + offer.brand} {offer.share:.0%}"
            for offer in d.CONSENT_OFFERS
        ),
        withdrawn=d.WITHDRAWN_SHARE,
        dirty=d.DIRTY_SHARE,
        same=d.REPEATED_SAME_FILE_SHARE,
        following=d.REPEATED_NEXT_FILE_SHARE,
        faults=_table(faults),
        repeated=_table(repeated),
    )


def _counts(summary: dict[str, object], key: str) -> dict[str, int]:
    counts = summary[key]
    return dict(counts) if isinstance(counts, dict) else {}


def _table(counts: dict[str, int]) -> str:
    return "\n".join(f"| {name} | {count} |" for name, count in counts.items()) or "| none | 0 |"
