"""Deadlines of one bind."""

from operator_push.smpp.timers import Timers


def timers(bind=10.0, idle=30.0, response=5.0):
    return Timers(0.0, bind_timeout_s=bind, enquire_link_s=idle, response_timeout_s=response)


def test_the_bind_timer_runs_until_the_bind():
    clock = timers()
    assert not clock.bind_is_late(9.9)
    assert clock.bind_is_late(10.0)
    assert clock.next_deadline(is_bound=False) == 10.0
    clock.bound()
    assert not clock.bind_is_late(99.0)


def test_an_idle_link_is_asked_once():
    clock = timers()
    assert not clock.ask_is_due(29.9)
    assert clock.ask_is_due(30.0)
    clock.asked(30.0)
    assert not clock.ask_is_due(31.0)
    assert clock.next_deadline(is_bound=True) == 35.0


def test_anything_heard_counts_as_an_answer():
    clock = timers()
    clock.asked(30.0)
    clock.heard(34.0)
    assert not clock.peer_is_silent(35.0)
    assert clock.next_deadline(is_bound=True) == 64.0


def test_silence_after_the_question():
    clock = timers()
    clock.heard(1.0)
    clock.asked(31.0)
    assert not clock.peer_is_silent(35.9)
    assert clock.peer_is_silent(36.0)
    assert clock.silent_s(36.0) == 35.0


def test_0_switches_a_timer_off():
    clock = timers(bind=0.0, idle=0.0, response=0.0)
    assert not clock.bind_is_late(1e9)
    assert not clock.ask_is_due(1e9)
    assert clock.next_deadline(is_bound=False) is None
    assert clock.next_deadline(is_bound=True) is None
    clock.asked(0.0)
    assert not clock.peer_is_silent(1e9)
