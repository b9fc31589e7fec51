"""Reading what was generated: sizes, the first people, and a brand's own view of its customers."""

from pathlib import Path

import pytest

from operator_push.cli.demo.product_input import Customers, customers_of, first_people, measure

ANNA, BORIS, CLARA = "919800000001", "919800000002", "919800000003"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    drop = tmp_path / "input"
    (drop / "cdr").mkdir(parents=True)
    (drop / "topups").mkdir()
    (drop / "subscribers.csv").write_text(
        f"msisdn,plan\n{ANNA},a\n{BORIS},b\nnonsense,c\n{CLARA},d\n{ANNA},a\n"
    )
    consents = [
        (ANNA, "Nagar Bank", "marketing", "grant"),
        (BORIS, "Nagar Bank", "marketing", "grant"),
        (BORIS, "Nagar Bank", "marketing", "withdraw"),
        (CLARA, "Chai Point", "marketing", "grant"),
        (CLARA, "*", "use_call_data", "grant"),
    ]
    lines = ["msisdn,brand,purpose,action", *(",".join(each) for each in consents)]
    (drop / "consents.csv").write_text("\n".join(lines) + "\n")
    (drop / "cdr" / "one.csv").write_text("header\n1\n2\n")
    (drop / "cdr" / "two.csv").write_text("header\n")
    (drop / "topups" / "one.csv").write_text("header\n1\n")
    return drop


def test_lines_are_counted_without_headers(folder: Path) -> None:
    size = measure(folder)
    assert (size.files, size.subscriber_rows, size.consent_rows) == (5, 5, 5)
    assert (size.cdr_rows, size.top_up_rows) == (2, 1)


def test_the_last_act_about_the_brand_counts(folder: Path) -> None:
    assert customers_of(folder, "Nagar Bank") == Customers([ANNA], [BORIS, CLARA])


def test_the_first_people_take_their_consents_along(folder: Path, tmp_path: Path) -> None:
    first_people(folder, tmp_path / "crash", 2)
    assert customers_of(tmp_path / "crash", "Nagar Bank") == Customers([ANNA], [BORIS])
    assert CLARA not in (tmp_path / "crash" / "consents.csv").read_text()
