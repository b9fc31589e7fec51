"""The two files that a run configures its programs with: the product's and the simulator's, as text."""

import json

from operator_push.cli.demo import enterprises as who

SMSC_SYSTEM_ID = "oppush"
SMSC_PASSWORD = "simulate"
LINK_NAME = "simulator"
MAIN_WINDOW = 150
CRASH_WINDOW = 200


def product_toml(smpp_port: int, smsc_port: int, features_file: str, window: int) -> str:
    """`operator-push.toml`; `smpp_port` 0 lets the product pick one."""
    codes = ", ".join(json.dumps(code) for code in who.SHORT_CODES)
    return f"""\
# Written by operator-push demo. Start it again with: operator-push serve --config THIS_FILE
data_dir = "."
short_codes = [{codes}]

[smpp_server]
port = {smpp_port}

[[smsc]]
name = "{LINK_NAME}"
host = "127.0.0.1"
port = {smsc_port}
system_id = "{SMSC_SYSTEM_ID}"
password = "{SMSC_PASSWORD}"
window = {window}
reconnect_min_s = 0.2
reconnect_max_s = 1.0

[[tariff]]
traffic_class = "promotional"
price_per_segment = "{who.PROMOTIONAL_PRICE}"
currency = "{who.CURRENCY}"

[[tariff]]
traffic_class = "service"
price_per_segment = "{who.SERVICE_PRICE}"
currency = "{who.CURRENCY}"

[profiles]
features_file = {json.dumps(features_file)}

[short_links]
port = 0
"""


def main_scenario_toml(seed: int, stops_at_least: int) -> str:
    """The simulator of the main run: every kind of handset and receipt, and people who answer STOP."""
    return f"""\
# Written by operator-push demo. Start it again with: smsc-sim run --config THIS_FILE
{_common(seed)}
[latency]
submit_sm_resp_ms = [5.0, 20.0]

{_POPULATION}
[receipts]
delay_ms = [10.0, 120.0]
late = {{ share = 0.05, by_ms = [500.0, 2500.0] }}
doubled = {{ share = 0.03, after_ms = [100.0, 1500.0] }}
before_response_share = 0.03

[[mo.answers]]
share = 0.03
text = "STOP ALL"
after_ms = [150.0, 1500.0]
to_source_like = "{who.CHAI_POINT.source}"
at_least = {stops_at_least}

[[mo.answers]]
share = 0.01
text = "Stop all!"
after_ms = [150.0, 2500.0]
to_source_like = "{who.CHAI_POINT.source}"

[[mo.answers]]
share = 0.02
text = "unsubscribe all"
after_ms = [150.0, 2500.0]
to_source_like = "{who.ZING_MUSIC.source}"
"""


def crash_scenario_toml(seed: int) -> str:
    """The simulator of the crash run: slow answers, so that much is in the air when the product dies."""
    return f"""\
# Written by operator-push demo. Start it again with: smsc-sim run --config THIS_FILE
{_common(seed)}
[latency]
submit_sm_resp_ms = [300.0, 700.0]

{_POPULATION}
[receipts]
delay_ms = [10.0, 200.0]
doubled = {{ share = 0.03, after_ms = [100.0, 500.0] }}
"""


_POPULATION = """\
[[population.handsets]]
state = "on"
share = 0.86

[[population.handsets]]
state = "off"
share = 0.06
delay_ms = [800.0, 2500.0]

[[population.handsets]]
state = "absent"
share = 0.05

[[population.handsets]]
state = "memory_full"
share = 0.03

# Two days of validity pass in two seconds.
[validity]
default_s = 172800.0
acceleration = 86400.0
"""


def _common(seed: int) -> str:
    return f"""\
seed = {seed}

[listen]
port = 0

[[accounts]]
system_id = "{SMSC_SYSTEM_ID}"
password = "{SMSC_PASSWORD}"
"""
