"""Configuration: one TOML file becomes typed, frozen values, checked as a whole before any port opens.

`load_settings` is the door. An error names the file, the line, the key, the value and what is allowed.
Secrets come from the environment or from files of their own. What changes while the product runs (accounts,
balances, consents) is not here: it lives in the store and is changed through the running server.
"""

from operator_push.config.audience_settings import ProfilesSettings
from operator_push.config.loading import TEMPLATE_FILE, data_dir_of, load_settings
from operator_push.config.operations_settings import SubmissionsSettings
from operator_push.config.settings import (
    CapsSettings,
    DatabaseSettings,
    DeliveryEventsSettings,
    LimitsSettings,
    PolicySettings,
    PortabilitySettings,
    QuietHoursSettings,
    Settings,
    SmppServerSettings,
    TariffSettings,
)
from operator_push.config.smsc_settings import NetworkSettings, RouteSettings, SmscSettings

__all__ = [
    "TEMPLATE_FILE",
    "CapsSettings",
    "DatabaseSettings",
    "DeliveryEventsSettings",
    "LimitsSettings",
    "NetworkSettings",
    "PolicySettings",
    "PortabilitySettings",
    "ProfilesSettings",
    "QuietHoursSettings",
    "RouteSettings",
    "Settings",
    "SmppServerSettings",
    "SmscSettings",
    "SubmissionsSettings",
    "TariffSettings",
    "data_dir_of",
    "load_settings",
]
