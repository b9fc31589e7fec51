"""Words that tell the kind of a record, as exports write them: MOC, outgoing, "SMS in", voice …"""

import re

_TEXT = re.compile(r"sms|text|message|msg|mms")
_DATA = re.compile(r"data|gprs|internet|session|ggsn|pgw|sgw|\bps\b|web|packet|lte|4g|5g")
_IN = re.compile(
    r"\b(in|inc|incoming|inbound|term|terminated|terminating|received|recv|entrant|eingehend|i|t)\b|\bmt"
)
_OUT = re.compile(r"\b(out|outgoing|outbound|orig|originated|originating|sent|sortant|ausgehend|o)\b|\bmo")


def kind_of(words: str) -> tuple[str, bool]:
    """(our kind, whether its direction was told) of one value or two joined ones."""
    plain = words.lower().replace("_", " ").replace("-", " ")
    if _DATA.search(plain):
        return "DATA_SESSION", True
    is_in = bool(_IN.search(plain)) and not _OUT.search(plain)
    direction = "MT" if is_in else "MO"
    told = is_in or bool(_OUT.search(plain))
    return f"{direction}_{'SMS' if _TEXT.search(plain) else 'CALL'}", told
