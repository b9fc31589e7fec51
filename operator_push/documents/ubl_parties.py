"""Parties in UBL: seller and buyer with address, tax number and the register they stand in."""

from operator_push.documents.ubl_writing import Writer
from operator_push.domain.invoicing.document import Document, Party
from operator_push.kernel.errors import OperatorError

EMAIL = "EM"  # Electronic Address Scheme of Peppol: reached by e-mail


def check_parties(document: Document, *, bears_tax: bool) -> None:
    """What EN 16931 asks about parties is said: countries (BR-09, BR-11) and the seller's numbers (BR-S-02,
    BR-CO-26).

    Raises:
        OperatorError: something is missing; a credit note and a new invoice can say it.
    """
    missing = [
        name
        for name, said in (
            ("the operator's country ([invoices] country)", document.seller.country),
            ("the customer's country (account set --billing country=…)", document.buyer.country),
            ("the operator's tax number ([invoices] tax_id)", document.seller.tax_id or not bears_tax),
            (
                "the operator's registration or tax number ([invoices] registration, tax_id)",
                document.seller.registration or document.seller.tax_id or bears_tax,
            ),
        )
        if not said
    ]
    if missing:
        raise OperatorError(f"{document.number} cannot be UBL: it was issued without {' and '.join(missing)}")


def has_endpoints(document: Document) -> bool:
    """Whether both say where they are reached, as Peppol asks (PEPPOL-EN16931-R010, R020)."""
    return bool(document.seller.email and document.buyer.email)


def vat_identifier(party: Party) -> str:
    """The tax number with its country before it (BR-CO-09), which many states write into theirs."""
    has_country = party.tax_id[:2].isalpha()
    return party.tax_id if has_country else f"{party.country}{party.tax_id}"


def write_party(writer: Writer, role: str, party: Party, *, with_tax: bool) -> None:
    """One party; outside the scope of VAT nobody has a VAT number (BR-O-02)."""
    with writer.inside(role), writer.inside("Party"):
        if party.email:
            writer.text("EndpointID", party.email, schemeID=EMAIL)
        with writer.inside("PartyName"):
            writer.text("Name", party.name)
        with writer.inside("PostalAddress"):
            for name, line in zip(("StreetName", "AdditionalStreetName"), party.address, strict=False):
                writer.text(name, line)
            if party.city:
                writer.text("CityName", party.city)
            if party.postcode:
                writer.text("PostalZone", party.postcode)
            if rest := ", ".join(party.address[2:]):
                with writer.inside("AddressLine"):
                    writer.text("Line", rest)
            with writer.inside("Country"):
                writer.text("IdentificationCode", party.country)
        if party.tax_id and with_tax:
            with writer.inside("PartyTaxScheme"):
                writer.text("CompanyID", vat_identifier(party))
                with writer.inside("TaxScheme"):
                    writer.text("ID", "VAT")
        with writer.inside("PartyLegalEntity"):
            writer.text("RegistrationName", party.name)
            if company := party.registration or ("" if with_tax else party.tax_id):
                writer.text("CompanyID", company)
        if party.email:
            with writer.inside("Contact"):
                writer.text("ElectronicMail", party.email)
