"""The DLT register: headers of an entity, templates with typed variables, pieces of long messages."""

import pytest

from operator_push.domain.dlt_register import DltRegister, parse_kinds
from operator_push.domain.dlt_template import Template
from operator_push.domain.message import TrafficClass
from operator_push.kernel.errors import OperatorError

PROMOTION, SERVICE, OTP = TrafficClass.PROMOTIONAL, TrafficClass.SERVICE, TrafficClass.TRANSACTIONAL
ENTITY, P = "1101", frozenset("P")


def template(text: str, kinds: str = "P") -> Template:
    return Template(ENTITY, parse_kinds(kinds), text)


def register() -> DltRegister:
    known = DltRegister()
    known.put_entity(ENTITY, "Chai")
    known.put_header("CHAIIN", ENTITY, frozenset("PS"))
    known.put_template("1", template("Dear {#var#}, chai today"))
    known.put_template("2", template("{#var#} waits for you", "S;T"))
    return known


@pytest.mark.parametrize(
    ("source", "kind", "fits"),
    [
        ("CHAIIN", PROMOTION, True),
        ("VM-CHAIIN-P", PROMOTION, True),
        ("vm-chaiin-p", PROMOTION, True),
        ("CHAIIN-S", PROMOTION, False),
        ("CHAIIN-S", SERVICE, True),
        ("CHAIIN", OTP, True),
        ("CHAIIN-T", OTP, False),
        ("OTHERS", PROMOTION, False),
        ("919812345678", PROMOTION, False),
    ],
)
def test_a_sender_is_a_header_of_the_entity_for_the_kind(source: str, kind: TrafficClass, fits: bool) -> None:
    assert register().header_fits(source, ENTITY, kind) is fits
    assert not register().header_fits(source, "1102", kind)


def test_the_template_is_one_of_the_entity_s_for_the_kind() -> None:
    known = register()
    assert known.template_of("Dear Asha, chai today", ENTITY, PROMOTION) == "1"
    assert known.template_of("Dear Asha, chai today", ENTITY, SERVICE) is None
    assert known.template_of("Dear Asha, chai today", "1102", PROMOTION) is None
    assert known.template_of("Chai waits for you", ENTITY, OTP) == "2"
    assert known.template_of("Dear Asha, chai today", ENTITY, PROMOTION, template_id="2") is None
    assert known.template_of("Dear Asha, chai today", ENTITY, PROMOTION, template_id="1") == "1"
    assert known.template_of("chai today", ENTITY, PROMOTION, part=(2, 2)) == "1"
    known.put_template("1", template("Dear {#var#}, tea today"))
    assert known.template_of("Dear Asha, chai today", ENTITY, PROMOTION) is None


@pytest.mark.parametrize("text", ["", "X", "P;Q"])
def test_kinds_are_suffixes(text: str) -> None:
    with pytest.raises(OperatorError):
        parse_kinds(text)
