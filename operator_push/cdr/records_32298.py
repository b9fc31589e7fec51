"""All records of 3GPP TS 32.298 that are known by name: those of calls, of data sessions and of messages."""

from collections.abc import Mapping

from operator_push.cdr.field_kinds import Field
from operator_push.cdr.tags_32298 import SMS_RECORDS
from operator_push.cdr.tags_32298_cs import CS_RECORDS
from operator_push.cdr.tags_32298_ps import PS_RECORDS

RECORDS: Mapping[int, Field] = {**CS_RECORDS, **PS_RECORDS, **SMS_RECORDS}
