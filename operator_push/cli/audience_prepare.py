"""operator-push audience prepare: bit slices of attributes, so that counts are set algebra and no scan."""

import click

from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.settings_option import with_settings
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import DERIVED
from operator_push.profiles.open_profiles import OpenProfiles
from operator_push.profiles.slice_files import SLICEABLE


@click.command()
@click.option("--attribute", "names", multiple=True, help="Of this attribute alone; repeat [default: all].")
@json_option
@with_settings
def prepare(settings: Settings, as_json: bool, names: tuple[str, ...]) -> None:
    """Make counts quick: sort every attribute of the present features into bitmaps.

    To be run after each `cdr-ingest run`, by the user who runs that. A count then compares bitmaps and scans
    no file. Without it every count is as right, and slower. What it makes goes with the features it is of.
    """
    told: dict[str, int | None] = {}
    profiles = settings.profiles
    memory = f"{profiles.memory_limit_mb}MB"
    with OpenProfiles(settings.features_file, memory_limit=memory, threads=profiles.threads) as opened:
        prepared = [
            feature.name
            for feature in DERIVED
            if feature.type in SLICEABLE and feature.name in opened.computed
        ]
        for name in names:
            if name not in prepared:
                raise OperatorError(
                    f"{name!r} is no attribute of these features that can be prepared; there are: "
                    f"{', '.join(prepared)}"
                )
        for name in names or prepared:
            told[name] = opened.prepare(name)
    if as_json:
        print_json({"prepared": told, "octets": sum(each or 0 for each in told.values())})
        return
    print_table(("ATTRIBUTE", "OCTETS"), ((name, _words(octets)) for name, octets in told.items()))


def _words(octets: int | None) -> str:
    return "too many values" if octets is None else f"{octets:,}"
