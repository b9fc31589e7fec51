"""UBL by EN 16931: the order of elements, the rules about sums, and nothing lost against the ledger.

The rules are checked here by code of their own, from the names that EN 16931 and Peppol give them.
"""

from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper import GST, charges, invoice

from operator_push.documents.ubl import EN_16931, PEPPOL, document_ubl
from operator_push.domain.invoicing.charges import SEGMENTS, Charge
from operator_push.domain.invoicing.document import Document, DocumentKind, Party
from operator_push.kernel.errors import OperatorError

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
# The sequences of the UBL 2.1 schemas, as far as EN 16931 uses them.
ROOT_ORDER = """CustomizationID ProfileID ID IssueDate DueDate InvoiceTypeCode CreditNoteTypeCode Note
DocumentCurrencyCode BuyerReference InvoicePeriod BillingReference AccountingSupplierParty
AccountingCustomerParty PaymentMeans PaymentTerms TaxTotal LegalMonetaryTotal InvoiceLine CreditNoteLine"""
INNER_ORDER = {
    "Party": "EndpointID PartyName PostalAddress PartyTaxScheme PartyLegalEntity Contact",
    "PostalAddress": "StreetName AdditionalStreetName CityName PostalZone AddressLine Country",
    "PartyTaxScheme": "CompanyID TaxScheme",
    "PartyLegalEntity": "RegistrationName CompanyID",
    "PaymentMeans": "PaymentMeansCode PaymentID PayeeFinancialAccount",
    "PayeeFinancialAccount": "ID Name",
    "TaxTotal": "TaxAmount TaxSubtotal",
    "TaxSubtotal": "TaxableAmount TaxAmount TaxCategory",
    "TaxCategory": "ID Percent TaxExemptionReasonCode TaxExemptionReason TaxScheme",
    "ClassifiedTaxCategory": "ID Percent TaxScheme",
    "LegalMonetaryTotal": "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount PrepaidAmount "
    "PayableRoundingAmount PayableAmount",
    "InvoiceLine": "ID InvoicedQuantity LineExtensionAmount Item Price",
    "CreditNoteLine": "ID CreditedQuantity LineExtensionAmount Item Price",
    "Item": "Name ClassifiedTaxCategory",
    "Price": "PriceAmount BaseQuantity",
    "InvoicePeriod": "StartDate EndDate",
}


def parsed(document: Document) -> ElementTree.Element:
    root = ElementTree.fromstring(document_ubl(document))
    check_order(root)
    check_rules(root, document)
    return root


def name_of(element: ElementTree.Element) -> str:
    return element.tag.partition("}")[2]


def in_order(element: ElementTree.Element, order: list[str]) -> None:
    places = [order.index(name_of(child)) for child in element]
    assert places == sorted(places), name_of(element)


def check_order(root: ElementTree.Element) -> None:
    in_order(root, ROOT_ORDER.split())
    for element in root.iter():
        if (order := INNER_ORDER.get(name_of(element))) is not None:
            in_order(element, order.split())
        if element.tag.startswith(CBC):
            assert (element.text or "").strip(), element.tag


def number(element: ElementTree.Element, path: str) -> Decimal:
    found = element.find(path)
    return Decimal((found.text or "") if found is not None else "0")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def check_rules(root: ElementTree.Element, document: Document) -> None:
    lines = [element for element in root if name_of(element).endswith("Line")]
    assert lines  # BR-16
    total = root.find(f"{CAC}LegalMonetaryTotal")
    tax = root.find(f"{CAC}TaxTotal")
    assert total is not None
    assert tax is not None
    net = number(total, f"{CBC}LineExtensionAmount")
    assert net == sum(number(line, f"{CBC}LineExtensionAmount") for line in lines)  # BR-CO-10
    assert number(total, f"{CBC}TaxExclusiveAmount") == net  # BR-CO-13
    parts = tax.findall(f"{CAC}TaxSubtotal")
    vat = number(tax, f"{CBC}TaxAmount")
    assert vat == sum(number(part, f"{CBC}TaxAmount") for part in parts)  # BR-CO-14
    gross = number(total, f"{CBC}TaxInclusiveAmount")
    assert gross == net + vat  # BR-CO-15
    payable = number(total, f"{CBC}PayableAmount")
    rounding = number(total, f"{CBC}PayableRoundingAmount")
    assert payable == gross - number(total, f"{CBC}PrepaidAmount") + rounding  # BR-CO-16
    assert payable == cents(Decimal(document.payable_micros) / 1_000_000)
    for part in parts:
        rate = number(part, f"{CAC}TaxCategory/{CBC}Percent")
        taxable = number(part, f"{CBC}TaxableAmount")
        assert number(part, f"{CBC}TaxAmount") == cents(taxable * rate / 100)  # BR-CO-17
        code = part.findtext(f"{CAC}TaxCategory/{CBC}ID")
        alike = [
            line
            for line in lines
            if line.findtext(f"{CAC}Item/{CAC}ClassifiedTaxCategory/{CBC}ID") == code
            and number(line, f"{CAC}Item/{CAC}ClassifiedTaxCategory/{CBC}Percent") == rate
        ]
        assert taxable == sum(number(line, f"{CBC}LineExtensionAmount") for line in alike)  # BR-S-08
    for element in root.iter():
        if name_of(element).endswith("Amount") and name_of(element) != "PriceAmount":
            assert len((element.text or "").partition(".")[2]) == 2  # BR-DEC
            assert element.attrib["currencyID"] == document.currency
    if payable > 0:  # BR-CO-25
        assert root.find(f"{CBC}DueDate") is not None or root.find(f"{CAC}PaymentTerms/{CBC}Note") is not None
    for scheme in root.iter(f"{CAC}PartyTaxScheme"):
        assert (scheme.findtext(f"{CBC}CompanyID") or "")[:2].isalpha()  # BR-CO-09
    seller = root.find(f"{CAC}AccountingSupplierParty/{CAC}Party")
    assert seller is not None
    named = [
        seller.findtext(f"{CAC}{part}/{CBC}CompanyID") for part in ("PartyTaxScheme", "PartyLegalEntity")
    ]
    assert any(named)  # BR-CO-26
    for role in ("Supplier", "Customer"):  # BR-06 to BR-11
        party = root.find(f"{CAC}Accounting{role}Party/{CAC}Party")
        assert party is not None
        assert party.findtext(f"{CAC}PartyLegalEntity/{CBC}RegistrationName")
        assert len(party.findtext(f"{CAC}PostalAddress/{CAC}Country/{CBC}IdentificationCode") or "") == 2
    assert len(root.findall(f"{CBC}Note")) <= 1  # PEPPOL-EN16931-R002
    for line in lines:  # PEPPOL-EN16931-R120
        quantity = number(line, f"{CBC}InvoicedQuantity") + number(line, f"{CBC}CreditedQuantity")
        base = number(line, f"{CAC}Price/{CBC}BaseQuantity") or Decimal(1)
        price = number(line, f"{CAC}Price/{CBC}PriceAmount")
        assert abs(quantity * price / base - number(line, f"{CBC}LineExtensionAmount")) <= Decimal("0.02")


def test_an_invoice_by_peppol() -> None:
    root = parsed(invoice())
    assert root.findtext(f"{CBC}CustomizationID") == PEPPOL
    assert root.findtext(f"{CBC}InvoiceTypeCode") == "380"
    assert root.findtext(f"{CBC}BuyerReference")  # PEPPOL-EN16931-R003
    for role in ("AccountingSupplierParty", "AccountingCustomerParty"):
        endpoint = root.find(f"{CAC}{role}/{CAC}Party/{CBC}EndpointID")
        assert endpoint is not None
        assert endpoint.attrib["schemeID"] == "EM"
    assert root.findtext(f"{CAC}InvoicePeriod/{CBC}EndDate") == "2026-10-31"
    assert document_ubl(invoice()) == document_ubl(invoice())


def test_who_has_no_address_of_its_own_is_invoiced_by_en_16931() -> None:
    root = parsed(invoice(buyer=Party(name="Chai", country="IN")))
    assert root.findtext(f"{CBC}CustomizationID") == EN_16931
    assert root.find(f"{CBC}ProfileID") is None


def test_a_credit_note_names_its_invoice() -> None:
    root = parsed(
        invoice(kind=DocumentKind.CREDIT_NOTE, number="CN-2026-000001", about="INV-2026-000042", due_date="")
    )
    assert name_of(root) == "CreditNote"
    assert root.findtext(f"{CBC}CreditNoteTypeCode") == "381"
    reference = f"{CAC}BillingReference/{CAC}InvoiceDocumentReference/{CBC}ID"
    assert root.findtext(reference) == "INV-2026-000042"


@pytest.mark.parametrize(
    ("changed", "code", "vat"),
    [({}, "S", True), ({"taxes": (), "exempt": "GST"}, "E", True), ({"taxes": ()}, "O", False)],
)
def test_categories_of_tax(changed: dict[str, object], code: str, vat: bool) -> None:
    asked = {"taxes": changed.get("taxes", GST)}
    root = parsed(invoice(**asked, exempt=changed.get("exempt", "")))  # type: ignore[arg-type]
    category = root.find(f"{CAC}TaxTotal/{CAC}TaxSubtotal/{CAC}TaxCategory")
    assert category is not None
    assert category.findtext(f"{CBC}ID") == code
    assert bool(root.findall(f".//{CAC}PartyTaxScheme")) is vat  # BR-S-02, BR-E-02, BR-O-02
    if code != "S":
        assert category.findtext(f"{CBC}TaxExemptionReason")  # BR-E-10, BR-O-10


def test_an_empty_invoice_has_a_line() -> None:
    parsed(invoice([], advance_micros=0, due_date=""))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"kind": DocumentKind.RECEIPT}, "a receipt has no form in UBL"),
        ({"number": ""}, "a draft has no form"),
        ({"buyer": Party(name="Chai")}, "the customer's country"),
        ({"seller": Party(name="Tel")}, "the operator's country .* tax number"),
        (
            {"seller": Party(name="Tel", country="IN"), "taxes": ()},
            "the operator's registration or tax number",
        ),
    ],
)
def test_what_cannot_be_ubl_is_said(changed: dict[str, object], error: str) -> None:
    with pytest.raises(OperatorError, match=error):
        document_ubl(invoice(**changed))  # type: ignore[arg-type]


@given(
    sent=st.lists(
        st.builds(
            lambda price, segments, more: Charge(
                what=SEGMENTS,
                amount_micros=price * segments + more,
                segments=segments,
                messages=segments,
                unit_price_micros=price,
            ),
            st.integers(0, 5_000_000),
            st.integers(1, 10_000_000),
            st.integers(0, 10_000),
        ),
        max_size=8,
    ),
    advance=st.integers(0, 10**12),
    kind=st.sampled_from([DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE]),
)
def test_the_rules_hold_for_any_document(sent: list[Charge], advance: int, kind: DocumentKind) -> None:
    if kind is DocumentKind.INVOICE:
        parsed(invoice(sent, advance_micros=advance))
    else:
        about = {"number": "CN-2026-000001", "about": "INV-2026-000042", "due_date": ""}
        assert name_of(parsed(invoice(sent, advance_micros=0, kind=kind, **about))) == "CreditNote"


@pytest.mark.parametrize(
    ("tax_id", "country", "said"),
    [
        ("29AAACC4321D1Z6", "IN", "IN29AAACC4321D1Z6"),
        ("DE123456789", "DE", "DE123456789"),
        ("EL1", "GR", "EL1"),
    ],
)
def test_a_tax_number_tells_its_country(tax_id: str, country: str, said: str) -> None:
    root = parsed(invoice(buyer=Party(name="Chai", country=country, tax_id=tax_id)))
    path = f"{CAC}AccountingCustomerParty/{CAC}Party/{CAC}PartyTaxScheme/{CBC}CompanyID"
    assert root.findtext(path) == said


def test_the_sample_is_not_empty() -> None:
    assert len(charges()) == 4
