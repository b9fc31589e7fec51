"""Rule 2: the sender address is one that the account may use, and not longer than a handset shows."""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission
from operator_push.domain.ruling import Ruling, passed, refused

ALPHANUMERIC_CHARACTERS_MAX = 11  # 3GPP TS 23.040 section 9.1.2.5: 10 octets of 7-bit characters
ADDRESS_DIGITS_MAX = 20  # SMPP v3.4 section 5.2.8: source_addr, 21 octets with its NUL


class SourceRule:
    """Reads the account's `allowed_sources`; a registered address is taken as it is."""

    number = 2
    name = "source"
    at_sending = False
    judges_account_alone = True

    _PASS = passed(number)
    _BAD = refused(number, RefusalReason.BAD_SOURCE)

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """BAD_SOURCE for an address that is too long, or not among the allowed ones.

        An empty one asks for the SMSC's default (SMPP v3.4 section 5.2.8), which an account that may use any
        sender may do.
        """
        account = self._facts.accounts.get(submission.account_no)
        source = submission.source
        if account is not None and account.allowed_sources is not None:
            return self._PASS if source in account.allowed_sources else self._BAD
        longest = ALPHANUMERIC_CHARACTERS_MAX
        if len(source) > longest and source.isascii() and source.isdigit():
            longest = ADDRESS_DIGITS_MAX
        return self._PASS if len(source) <= longest else self._BAD

    judge_again = judge
