"""Settings of campaigns: what the operator lets nobody say."""

from pydantic import BaseModel, ConfigDict, Field


class CampaignSettings(BaseModel):
    """[campaigns]: what holds for every campaign."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    forbidden_words: tuple[str, ...] = Field(
        default=(), description="words and phrases that no campaign's text may hold, in any case"
    )
    operator_approvals: int = Field(
        default=1, ge=1, le=2, description="1 or 2 people of the operator who approve each campaign"
    )
