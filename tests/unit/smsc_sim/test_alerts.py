"""Alerts: who set the flag hears once per handset and account."""

from types import SimpleNamespace

import pytest

from operator_push.smpp.pdu import SubmitSm
from smsc_sim.alerts import Alerts, sets_pending_flag

SET_DPF = 0x0421


class Box:
    def __init__(self):
        self.parcels = []
        self.post = self.parcels.append


def message(number, system_id, box, source="56070"):
    account = SimpleNamespace(system_id=system_id, mailbox=box)
    return SimpleNamespace(account=account, pdu=SubmitSm(source_addr=source, destination_addr=number))


@pytest.mark.parametrize(
    ("tlvs", "sets"), [((), False), (((SET_DPF, b"\1"),), True), (((SET_DPF, b"\0"),), False)]
)
def test_only_a_flag_that_is_set_asks(tlvs, sets):
    assert sets_pending_flag(SubmitSm(tlvs=tlvs)) is sets


def test_each_account_hears_once():
    told = []
    alerts = Alerts(lambda: told.append(1))
    shop, bank = Box(), Box()
    alerts.watch(message("91", "shop", shop))
    alerts.watch(message("91", "shop", shop, "99999"))
    alerts.watch(message("91", "bank", bank))
    alerts.watch(message("92", "bank", bank))
    assert told
    alerts.handset_is_back("91")
    alerts.handset_is_back("91")
    assert [parcel.pdu.esme_addr for parcel in shop.parcels] == ["56070"]
    assert [parcel.pdu.source_addr for parcel in bank.parcels] == ["91"]
    assert alerts.is_watching
    alerts.handsets_are_back("9?")
    assert [parcel.pdu.source_addr for parcel in bank.parcels] == ["91", "92"]
    assert not alerts.is_watching
