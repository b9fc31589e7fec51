"""Person commands of the control socket: customer code, number and e-mail address of one person, by proof.

Numbers and addresses come in; what goes out is masked. Codes leave by SMS through the one door, and by e-mail
from a thread; whoever looks somebody up is noted in the vault's audit first.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from operator_push.domain.person_links import PersonLink, masked_email
from operator_push.domain.words.answer_texts import answer_text
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.gateway.lookup_commands import Audits
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.kernel.numbering import mask_number, normalise_msisdn
from operator_push.services.changes import Changes
from operator_push.services.link_people import LinkCodes, LinkPeople, LinkRequest
from operator_push.services.ports import Email
from operator_push.services.registry import Registry
from operator_push.services.submit_text import SubmitText

PURPOSE = "person show"
TOLD_BY_EMAIL, NOT_SENT = "sent", "not sent"

# Sends an e-mail in a thread, then tells whether it was taken: (email, told).
PostEmail = Callable[[Email, Callable[[bool], object]], None]


class People(Audits, Protocol):
    """What is asked of the vault."""

    def number_of(self, msisdn: str) -> int: ...

    def msisdn_of(self, subscriber_no: int, reason: str) -> str: ...


class PersonTerms(Protocol):
    """What is asked of [linking]."""

    @property
    def account(self) -> str | None: ...
    @property
    def sender(self) -> str: ...
    @property
    def code_lifetime_s(self) -> int: ...


class PersonCommands:
    """The handlers by name; `post` None where no e-mail leaves."""

    def __init__(
        self,
        people: LinkPeople,
        registry: Registry,
        vault: People,
        enrol: Callable[[str, int, Changes], int],
        submit: SubmitText,
        terms: PersonTerms,
        operator: tuple[str, str],
        next_id: Callable[[int], int],
        committer: Committer,
    ) -> None:
        """`operator`: its name and the language where none is asked for."""
        self.people = people
        self._registry = registry
        self._vault = vault
        self._enrol = enrol
        self._submit = submit
        self._terms = terms
        self._operator, self._language = operator
        self._next_id = next_id
        self._committer = committer
        self.post: PostEmail | None = None

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "person.link": self._link,
            "person.confirm": self._confirm,
            "person.unlink": self._unlink,
            "person.show": self._show,
        }

    def _link(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """Send codes to the number (unless `number_proof` tells how it was proved) and to the address."""
        if self._terms.account is None:
            raise OperatorError("no codes can be sent: the configuration names no [linking] account")
        self._registry.require_account(self._terms.account)
        at_us, changes = now_us(), self._committer.changes
        request = self._request(args, at_us)
        if request.email and self.post is None:
            raise OperatorError("no e-mail can be sent: the configuration names no [email] kind")
        codes = self.people.ask(request, at_us, changes)
        if codes.sms:
            text = self._text("link_by_sms", args, request, codes.sms)
            valid_s = self._terms.code_lifetime_s
            sms = self._terms.account, self._terms.sender, request.msisdn, text, valid_s, at_us
            try:
                self._submit.submit(*sms, changes)
            except OperatorError:
                self.people.take_back(codes.link, changes)
                raise
        told = {"sms": bool(codes.sms), "email": "", "expires_at": iso(codes.link.expires_us)}
        if codes.email and self.post is not None:
            email = self._email(args, request, codes)
            self._committer.promise(lambda: self._post(email, told, answer))
            self._committer.kick()
        else:
            after_commit(self._committer, answer, told)

    def _confirm(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"account", "msisdn", "sms_code", "email_code", "by"} → {"linked", "missing"}."""
        at_us, changes = now_us(), self._committer.changes
        codes = str(args.get("sms_code") or ""), str(args.get("email_code") or "")
        if not any(codes):
            raise OperatorError("give sms_code, email_code or both")
        try:
            link = self.people.confirm(self._request(args, at_us, known=True), *codes, at_us, changes)
        except OperatorError:
            self._committer.kick()  # a wrong guess is counted on disk
            raise
        after_commit(self._committer, answer, {"linked": bool(link.linked_us), "missing": list(link.missing)})

    def _unlink(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"account", "msisdn" or "customer_code", "by"} → {"unlinked"}."""
        account_no = self._account_no(args)
        at_us, changes = now_us(), self._committer.changes
        number, _ = self._whose(args, account_no)
        done = bool(number) and self.people.unlink(account_no, number, who(args), at_us, changes)
        after_commit(self._committer, answer, {"unlinked": done})

    def _show(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"account", "msisdn" or "customer_code", "by"} → {"link", "asked"}, masked; null for none."""
        account_no = self._account_no(args)
        number, msisdn = self._whose(args, account_no)
        at_us = now_us()
        row = self._vault.asked_for(
            msisdn, actor=who(args), purpose=PURPOSE, audit_id=self._next_id(at_us), at_us=at_us
        )
        self._committer.changes.vault_audit.append(row)
        linked = self.people.links.linked(account_no, number) if number else None
        asked = self.people.links.asked(account_no, number) if number else None
        if asked is not None and asked.expires_us <= at_us:
            asked = None
        told = {
            "link": _told(linked, msisdn) | {"linked_at": iso(linked.linked_us)} if linked else None,
            "asked": (
                _told(asked, msisdn) | {"missing": list(asked.missing), "expires_at": iso(asked.expires_us)}
                if asked
                else None
            ),
        }
        after_commit(self._committer, answer, told)

    def _request(self, args: Mapping[str, Any], at_us: int, *, known: bool = False) -> LinkRequest:
        account_no = self._account_no(args)
        msisdn = normalise_msisdn(str(args.get("msisdn") or ""))
        if msisdn is None:
            raise OperatorError("msisdn is not an international number")
        number = self._vault.number_of(msisdn)
        if not number and not known:
            number = self._enrol(msisdn, at_us, self._committer.changes)
        return LinkRequest(
            account_no=account_no,
            subscriber_no=number,
            msisdn=msisdn,
            customer_code=str(args.get("customer_code") or ""),
            email=str(args.get("email") or ""),
            number_proof=str(args.get("number_proof") or ""),
            by=who(args),
        )

    def _account_no(self, args: Mapping[str, Any]) -> int:
        name = str(args.get("account") or "")
        return self._registry.require_account(name).account_no if name else 0

    def _whose(self, args: Mapping[str, Any], account_no: int) -> tuple[int, str]:
        """The person that a call is about, and the number."""
        if args.get("customer_code"):
            number = self.people.links.holder(account_no, str(args["customer_code"]).strip())
            try:
                return number, self._vault.msisdn_of(number, PURPOSE) if number else ""
            except LookupError:
                return 0, ""
        msisdn = normalise_msisdn(str(args.get("msisdn") or ""))
        if msisdn is None:
            raise OperatorError("give msisdn, an international number, or customer_code")
        return self._vault.number_of(msisdn), msisdn

    def _text(self, name: Any, args: Mapping[str, Any], request: LinkRequest, code: str) -> str:
        account = self._registry.account(request.account_no)
        brand = self._registry.brand_name(account.brand_no) if account else self._operator
        minutes = str(max(1, self._terms.code_lifetime_s // 60))
        language = str(args.get("language") or self._language)
        return answer_text(name, language, {"brand": brand, "code": code, "minutes": minutes})

    def _email(self, args: Mapping[str, Any], request: LinkRequest, codes: LinkCodes) -> Email:
        subject = self._text("link_subject", args, request, "")
        return Email(
            codes.link.email, subject, self._text("link_by_email", args, request, codes.email) + "\n"
        )

    def _post(self, email: Email, told: dict[str, Any], answer: Answer) -> None:
        def posted(taken: bool) -> None:
            answer({**told, "email": TOLD_BY_EMAIL if taken else NOT_SENT})

        if self.post is not None:
            self.post(email, posted)


def _told(link: PersonLink, msisdn: str) -> dict[str, Any]:
    return {
        "number": mask_number(msisdn),
        "customer_code": link.customer_code,
        "email": masked_email(link.email),
    }
