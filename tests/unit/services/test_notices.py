"""An act that names a registered notice must mean a text that people were shown."""

from operator_push.services.notices import Notices

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
    assert NOTICES.why_wrong("offers", "v2", "de", NEW.upper()) is None
    assert NOTICES.why_wrong("offers", "v2", "de", "") is None
    assert "is not that of notice" in str(NOTICES.why_wrong("offers", "v2", "de", OLD))
    assert "has no version 'v2' in language 'en'" in str(NOTICES.why_wrong("offers", "v2", "en", NEW))
    assert NOTICES.why_wrong("somebody-else-s", "v9", "xx", OLD) is None


def test_what_is_registered_later_is_learnt() -> None:
    notices = Notices()
    notices.put([("offers", "v1", "de", OLD, 1)])
    assert notices.why_wrong("offers", "v1", "de", NEW) is not None
