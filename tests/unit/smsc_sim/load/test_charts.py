"""The three charts: well-formed, named for those who do not see them, and of everything that was measured."""

from xml.etree import ElementTree

from smsc_sim.load.charts import heat_chart, percentile_chart, rates_chart


def row(at_s, **values):
    return {
        "t_s": at_s, "for_s": 0.5, "due": 50.0, "sent": 50, "accepted": 50, "failed": 0, "receipts": 0,
        "p50_ms": 1.0, "p99_ms": 9.0, "max_ms": 12.0,
    } | values  # fmt: skip


SERIES = [row(number / 2) for number in range(100)]


def parsed(chart):
    return ElementTree.fromstring(f"<div>{chart}</div>")


def paths(chart, style):
    return [node for node in parsed(chart).iter("path") if node.get("class") == f"line {style}"]


def test_charts_are_well_formed_and_named():
    rows = [(1000, 90), (20_000, 9), (300_000, 1)]
    for chart in (
        rates_chart(SERIES),
        heat_chart([(0.0, 1.0, {1000: 5, 4000: 2})], SERIES),
        percentile_chart([("a", "p99", rows), ("b", "receipts", [])]),
    ):
        [drawing] = parsed(chart).iter("svg")
        assert drawing.get("role") == "img"
        assert drawing.findtext("title")
        assert drawing.findtext("desc")
        assert "nan" not in chart


def test_rates_show_what_there_is():
    assert len(paths(rates_chart(SERIES), "due")) == 1
    assert paths(rates_chart(SERIES), "failed") == []
    closed = [row(number / 2, due=None, failed=1) for number in range(10)]
    assert paths(rates_chart(closed), "due") == []
    assert len(paths(rates_chart(closed), "failed")) == 1
    assert "<svg" in rates_chart([])


def test_many_columns_are_merged_and_keep_every_latency():
    columns = [(float(number), 1.0, {1000: 1, 200_000: 1}) for number in range(1000)]
    cells = list(parsed(heat_chart(columns, SERIES)).iter("rect"))
    assert 2 * 100 <= len(cells) <= 2 * 160
    assert heat_chart([(0.0, 1.0, {})], SERIES) == ""


def test_a_stall_breaks_the_lines():
    stalled = [row(n / 2, p50_ms=0.0, p99_ms=0.0) if 40 <= n < 60 else row(n / 2) for n in range(100)]
    assert len(paths(heat_chart([(0.0, 50.0, {1000: 5})], stalled), "p99")) == 2


def test_one_value_is_a_curve_too():
    assert len(paths(percentile_chart([("a", "p99", [(1000, 1)])]), "p99")) == 1
    assert percentile_chart([]) == ""
