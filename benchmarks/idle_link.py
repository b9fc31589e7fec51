"""An idle link: the beginning of a configuration whose SMSC is never there, for what needs none."""

IDLE_LINK = """
data_dir = "."
log_level = "warning"
[smpp_server]
port = 0
[[smsc]]
name = "main"
host = "127.0.0.1"
port = 9
system_id = "gateway"
password = "secret"
reconnect_min_s = 30
[[tariff]]
price_per_segment = "0.10"
currency = "INR"
"""
