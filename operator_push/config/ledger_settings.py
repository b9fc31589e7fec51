"""Settings of the ledger's proof: when days are signed, with what, and where heads are given away."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from operator_push.config.field_types import Name, WebAddress, Whole


class LedgerSettings(BaseModel):
    """[ledger]"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seal_grace_s: Whole = Field(
        default=600,
        ge=0,
        le=86_400,
        description="0..86400 seconds after midnight (UTC) until a day is signed",
    )
    signing_key_file: Path | None = Field(
        default=None, description="Ed25519 private key in PEM; made where it is missing; default in data_dir"
    )
    heads_file: Path | None = Field(
        default=None, description="signed heads are added to it; default ledger-heads.jsonl in data_dir"
    )
    heads_url: WebAddress | None = Field(
        default=None, description="http:// or https:// address that each signed head is sent to"
    )
    heads_kind: Name = Field(
        default="webhook", description='an installed plugin; "webhook" ships with the product'
    )
