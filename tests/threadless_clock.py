"""What runs now and then beside the loop, without a loop: a clock that is its own reactor, and settings."""

from pathlib import Path

from twisted.internet.task import Clock

from operator_push.config import Settings, load_settings


class ThreadlessClock(Clock):
    """A reactor whose threads are its own."""

    def getThreadPool(self) -> "ThreadlessClock":  # noqa: N802 - Twisted's name
        return self

    def callInThreadWithCallback(self, told, work, *args, **more) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        told(True, work(*args, **more))

    def callFromThread(self, work, *args, **more) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        work(*args, **more)


def settings(folder: Path, hot_days: int) -> Settings:
    file = folder / "operator-push.toml"
    file.write_text(
        'data_dir = "."\n[[smsc]]\nname = "main"\nhost = "127.0.0.1"\nsystem_id = "x"\npassword = "x"\n'
        f'[[tariff]]\nprice_per_segment = "0.10"\ncurrency = "INR"\n[retention]\nhot_days = {hot_days}\n'
    )
    return load_settings(file)
