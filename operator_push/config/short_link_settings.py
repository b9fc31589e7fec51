"""Settings of the web face of short links."""

from pydantic import BaseModel, ConfigDict, Field

from operator_push.config.field_types import Port


class ShortLinkSettings(BaseModel):
    """[short_links]: `operator-push short-link serve`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: Port = Field(default=8089, description="TCP port, 0..65535; 0 picks a free one")
    trusted_proxies: tuple[str, ...] = Field(
        default=(), description="addresses of reverse proxies whose X-Forwarded-For counts"
    )
