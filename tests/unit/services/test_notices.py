"""An act that names a registered notice must mean a text that people were shown."""

from operator_push.services.notices import READ_AGAIN_US, Notices

OLD, NEW = "aa" * 32, "bb" * 32
NOTICES = Notices(
    [("offers", "v1", "de", OLD, 1), ("offers", "v2", "de", NEW, 2), ("offers", "v1", "en", OLD, 1)]
)


def test_the_newest_version_of_a_language_or_of_any() -> None:
    assert NOTICES.latest("offers", "en")["notice_version"] == "v1"
    assert NOTICES.latest("offers") == {
        "notice_id": "offers",
        "notice_version": "v2",
        "language": "de",
        "notice_sha256": NEW,
    }
    assert NOTICES.latest("none") == {}


def test_a_version_that_is_not_there_and_another_text_are_told() -> None:
    assert NOTICES.why_wrong("offers", "v2", "de", NEW.upper(), 0) is None
    assert NOTICES.why_wrong("offers", "v2", "de", "", 0) is None
    assert "is not that of notice" in str(NOTICES.why_wrong("offers", "v2", "de", OLD, 0))
    assert "has no version 'v2' in language 'en'" in str(NOTICES.why_wrong("offers", "v2", "en", NEW, 0))
    assert NOTICES.why_wrong("somebody-else-s", "v9", "xx", OLD, 0) is None


def test_what_is_registered_later_is_learnt() -> None:
    notices = Notices()
    notices.put([("offers", "v1", "de", OLD, 1)])
    assert notices.why_wrong("offers", "v1", "de", NEW, 0) is not None


def test_a_version_that_is_not_known_is_looked_for_once_in_a_while() -> None:
    rows = [("offers", "v1", "en", OLD, 1)]
    reads = list[int]()

    def read() -> list[tuple[str, str, str, str, int]]:
        reads.append(1)
        return rows

    notices = Notices(rows, read)
    assert notices.why_wrong("offers", "v2", "en", NEW, 0) is not None
    rows.append(("offers", "v2", "en", NEW, 2))
    assert notices.why_wrong("offers", "v2", "en", NEW, 1) is not None
    assert notices.why_wrong("offers", "v2", "en", NEW, READ_AGAIN_US) is None
    assert len(reads) == 2
