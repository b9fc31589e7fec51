"""CSV files of handsets' messages: their moments, and every mistake with its line."""

import pytest

from operator_push.kernel.errors import OperatorError
from smsc_sim.mo_csv import cycle_s, read_mo_csv
from smsc_sim.scenario_handsets import MoCsv

HEADER = "at_s,system_id,source,destination,text\n"


@pytest.fixture
def rows(tmp_path):
    def read(text, **fields):
        path = tmp_path / "mo.csv"
        path.write_text(text, encoding="utf-8")
        return read_mo_csv(MoCsv(file=str(path), **fields))

    return read


def test_rows_come_in_the_order_of_their_moments(rows):
    found = rows(HEADER + '2.5,shop,91987,56070,"yes, please"\n0.5,bank,91988,56071,नमस्ते\n', start_s=10)
    assert [(row.offset_s, row.system_id, row.text, row.line) for row in found] == [
        (10.5, "bank", "नमस्ते", 3),
        (12.5, "shop", "yes, please", 2),
    ]


def test_a_rate_spaces_the_rows_evenly_and_one_account_may_be_named_for_all(rows):
    found = rows("source,destination,text\n1,2,a\n3,4,b\n5,6,c\n", rate_per_s=4, start_s=1, system_id="shop")
    assert [row.offset_s for row in found] == [1.0, 1.25, 1.5]
    assert {row.system_id for row in found} == {"shop"}
    assert cycle_s(MoCsv(file="x", rate_per_s=4), found) == 0.75


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("at_s,source,destination\n", "lacks the column 'text'"),
        ("source,destination,text,system_id\n", "lacks the column 'at_s'"),
        ("at_s,source,destination,text\n", "lacks the column 'system_id'"),
        (HEADER, "no rows"),
        (HEADER + "1,shop,,56070,x\n", "line 2: source has 0 characters"),
        (HEADER + f"1,shop,91987,{'5' * 21},x\n", "line 2: destination has 21 characters"),
        (HEADER + "1,shop,91987,नमस्ते,x\n", "line 2: destination is 'नमस्ते'; digits, letters"),
        (HEADER + "1,shop,91987,56070,\n", "line 2: text is empty"),
        (HEADER + "1,,91987,56070,x\n", "line 2: system_id is empty"),
        (HEADER + "1,shop,91987,56070,x\nsoon,shop,91987,56070,x\n", "line 3: at_s is 'soon'"),
        (HEADER + "-1,shop,91987,56070,x\n", "at_s is '-1'"),
        (HEADER + "nan,shop,91987,56070,x\n", "at_s is 'nan'"),
    ],
)
def test_a_mistake_names_its_line(rows, text, words):
    with pytest.raises(OperatorError, match=words):
        rows(text)


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(OperatorError, match=r"cannot read none\.csv"):
        read_mo_csv(MoCsv(file=str(tmp_path / "none.csv")))
    (tmp_path / "x.csv").write_bytes(b"at_s,source,destination,text,system_id\n\xff")
    with pytest.raises(OperatorError, match="no CSV in UTF-8"):
        read_mo_csv(MoCsv(file=str(tmp_path / "x.csv")))
