"""Id forms: one message_id written as another system would write it.

SMSCs are known to answer submit_sm in one base and to send receipts in the other, with and without leading
zeros, in either case. An id that is no number in the scenario's base stays as it is.
"""

from smsc_sim.faults.pdu_tables import IdForm

_PADDED_TO = 24  # Longer than any id of ours (19 digits), within the 64 of SMPP v3.4 section 5.2.23.
_FOREIGN = "9" * 19  # Above every run's first id, so nobody was ever given it.


def written_as(identifier: str, form: IdForm, base: str) -> str:
    """The id in this form; `base` is "decimal" or "hex", that in which the scenario writes ids."""
    match form:
        case "empty":
            return ""
        case "foreign":
            return _FOREIGN
        case "upper":
            return identifier.upper()
        case "zeros":
            return identifier.zfill(_PADDED_TO)
        case "no_zeros":
            return identifier.lstrip("0")
    try:
        number = int(identifier, 16 if base == "hex" else 10)
    except ValueError:
        return identifier
    return {"decimal": f"{number:d}", "hex": f"{number:x}", "HEX": f"{number:X}"}[form]
