"""Units: how many of our unit (seconds, octets, rupees) one of theirs is, as a decimal text."""

# Of a duration that is written as hours, minutes and seconds.
CLOCK = "hh:mm:ss"
DURATIONS = {"s": "1", "ms": "0.001", "us": "0.000001", "ns": "0.000000001", "min": "60", "h": "3600"}
VOLUMES = {
    "octets": "1",
    "kB": "1000",
    "KiB": "1024",
    "MB": "1000000",
    "MiB": "1048576",
    "GB": "1000000000",
    "GiB": "1073741824",
}
AMOUNTS = {"major": "1", "minor": "0.01", "milli": "0.001", "micros": "0.000001"}
FACTORS = {**DURATIONS, **VOLUMES, **AMOUNTS}
UNITS = (CLOCK, *FACTORS)
"""Every unit that a mapping may name."""
