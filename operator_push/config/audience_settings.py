"""Settings of audiences: what they are counted from, and what counts may tell."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from operator_push.config.field_types import Count, Whole
from operator_push.domain.audience.counting import COUNT_FLOOR
from operator_push.domain.audience.noise import EPSILON_MAX, EPSILON_MIN
from operator_push.services.answer_audiences import QUERIES_PER_DAY


class AudienceSettings(BaseModel):
    """[audience]: what counts of audiences may tell a client."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    floor: Count = Field(
        default=COUNT_FLOOR,
        ge=10,
        description="people below whom there is no count and no order, at least 10",
    )
    queries_per_day: Whole = Field(
        default=QUERIES_PER_DAY, ge=0, description="questions of one client in a day (UTC)"
    )
    answers_kept_days: Count = Field(
        default=365, le=3_650, description="days for which answered sets are held against new questions"
    )
    sales_rules_file: Path | None = Field(
        default=None, description="TOML of the operator's sales rules; left out there are none"
    )
    noise_epsilon: float | None = Field(
        default=None,
        ge=EPSILON_MIN,
        le=EPSILON_MAX,
        description="0.01..10: two-sided geometric noise in counts, less for more; left out adds none",
    )


class ProfilesSettings(BaseModel):
    """[profiles]: what audiences are counted from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    features_file: Path | None = Field(
        default=None, description="features.json of cdr-ingest; default in data_dir"
    )
    memory_limit_mb: Count = Field(default=512, ge=64, description="megabytes for a query, at least 64")
    threads: Count = Field(default=2, le=1024, description="threads of a query, at least 1")
