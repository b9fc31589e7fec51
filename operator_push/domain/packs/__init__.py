"""Jurisdiction packs: what the law of a country asks of a push message, as dated data with its sources.

A pack is a TOML file of this folder; an operator's own are read beside them. Words that subscribers write
belong to languages and live in `operator_push.domain.words`; a pack names the languages that it hears.
"""

from operator_push.domain.packs.pack import LocalWindow, Pack, QuietHoursRow
from operator_push.domain.packs.reading import pack_files, read_pack
from operator_push.domain.packs.shelf import PackShelf, shipped_packs

__all__ = [
    "LocalWindow",
    "Pack",
    "PackShelf",
    "QuietHoursRow",
    "pack_files",
    "read_pack",
    "shipped_packs",
]
