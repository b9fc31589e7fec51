"""Settings of campaigns: what the operator lets nobody say."""

from pydantic import BaseModel, ConfigDict, Field


class CampaignSettings(BaseModel):
    """[campaigns]: what holds for every campaign."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    forbidden_words: tuple[str, ...] = Field(
        default=(), description="words and phrases that no campaign's text may hold, in any case"
    )
