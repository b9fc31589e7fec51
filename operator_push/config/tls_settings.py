"""[smpp_server.tls]: the listener that speaks TLS, its certificates, and whose certificates it asks for."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from operator_push.config.field_types import Port


class ServerNameSettings(BaseModel):
    """[[smpp_server.tls.names]]: the certificate for a name that clients ask for (SNI)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server_name: str = Field(
        min_length=1, max_length=253, description="host name that the client asks for; unique"
    )
    certificate_file: Path = Field(description="PEM file: the certificate, then those that sign it")
    key_file: Path = Field(description="PEM file of its private key, without a passphrase")


class TlsSettings(BaseModel):
    """[smpp_server.tls]; off while certificate_file is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: Port = Field(default=2777, description="TCP port, 0..65535; 0 picks a free one")
    certificate_file: Path | None = Field(
        default=None, description="PEM file: our certificate, then those that sign it; left out: no TLS"
    )
    key_file: Path | None = Field(
        default=None, description="PEM file of its private key, without a passphrase"
    )
    only: bool = Field(default=False, description="true or false: true closes the port without TLS")
    client_certificates: Literal["off", "optional", "required"] = Field(
        default="off", description="off, optional or required"
    )
    client_ca_file: Path | None = Field(
        default=None, description="PEM file of the authorities whose clients we believe"
    )
    names: tuple[ServerNameSettings, ...] = Field(default=(), description="[[smpp_server.tls.names]] tables")

    @property
    def is_on(self) -> bool:
        """True where the server speaks TLS."""
        return self.certificate_file is not None
