"""Settings of what ESMEs may ask: submissions, MO and addresses; one class a table, as in `settings.py`."""

from pydantic import BaseModel, ConfigDict, Field

from operator_push.config.field_types import Whole

TLV_TAG_MAX = 0xFFFF
RETRY_WINDOW_MAX_S = 86_400
PARTS_WITHIN_MAX_S = 3_600


class _TableSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SubmissionsSettings(_TableSettings):
    """[submissions]: how submit_sm, submit_multi and data_sm are read."""

    retry_window_s: Whole = Field(
        default=60,
        ge=0,
        le=RETRY_WINDOW_MAX_S,
        description="0..86400 seconds in which the same submission again is a retry; 0 is never",
    )
    parts_within_s: Whole = Field(
        default=300,
        ge=1,
        le=PARTS_WITHIN_MAX_S,
        description="1..3600 seconds in which parts of one long message follow its first part",
    )
    traffic_class_tlv: Whole = Field(
        default=0,
        ge=0,
        le=TLV_TAG_MAX,
        description="tag of the TLV that states the class of traffic, such as 0x1500; 0 is none",
    )
