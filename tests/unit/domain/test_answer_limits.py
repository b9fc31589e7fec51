"""Two machines that answer each other fall silent; a person who asks now and then does not notice."""

from operator_push.domain.answer_limits import DAY_US, HOUR_US, AnswerLimits

NOW_US = 1_800_000_000_000_000
MSISDN = "919812345678"


def talk(limits: AnswerLimits, text: str, at_us: int, said: str = "") -> str | None:
    why = limits.why_silent(MSISDN, text, at_us)
    if why is None:
        limits.answered(MSISDN, text, said or f"about {text}", at_us)
    return why


def test_so_many_an_hour_and_a_day():
    limits = AnswerLimits(per_hour=3, per_day=5)
    asked = [talk(limits, f"word {number}", NOW_US + number) for number in range(5)]
    assert asked == [None, None, None, "often", "often"]
    later = NOW_US + HOUR_US + 5
    assert [talk(limits, f"later {number}", later + number) for number in range(3)] == [None, None, "often"]
    assert talk(limits, "next day", later + DAY_US + 5) is None


def test_the_same_text_is_answered_twice_within_an_hour():
    limits = AnswerLimits(per_hour=100, per_day=100)
    assert [talk(limits, text, NOW_US) for text in ("HELP", "help ", "H ELP")] == [None, None, "repeated"]
    assert talk(limits, "HELP", NOW_US + HOUR_US) is None


def test_what_we_said_ourselves_is_not_answered():
    limits = AnswerLimits(per_hour=100, per_day=100)
    talk(limits, "HELP", NOW_US, said="Acme: STOP ends our messages")
    assert talk(limits, "ACME: stop ends our messages", NOW_US + 1) == "echo"


def test_other_numbers_are_counted_apart_and_a_start_reads_counts_back():
    limits = AnswerLimits(per_hour=1, per_day=5)
    limits.answered(MSISDN, "", "", NOW_US)
    assert talk(limits, "HELP", NOW_US + 1) == "often"
    assert limits.why_silent("919800000000", "HELP", NOW_US + 1) is None
    assert len(limits) == 1
