"""The program `operator-push serve`: from a configuration to a running gateway, and to a graceful stop."""

import fcntl
import json
import logging
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from operator_push.bootstrap.large_blocks import return_large_blocks
from operator_push.config import Settings, SmscSettings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.pseudonym import KEY_OCTETS_MIN

log = logging.getLogger("operator_push")

LOCK_FILE = "operator-push.lock"
PSEUDONYM_KEY_FILE = "secrets/pseudonym.key"
VERSIONS = {"3.3": 0x33, "3.4": 0x34, "5.0": 0x50}
TICK_S = 0.2  # Ours: how often deferred messages and rate limits are looked at when nothing else happens.
DRAIN_S = 10.0  # Ours: how long a graceful stop waits for answers of the SMSC and commits.
EXIT_FAILED = 1
EXIT_TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h


def serve(
    settings: Settings,
    ready_file: Path | None = None,
    ready: Callable[[int], None] | None = None,
    config_file: Path | None = None,
) -> int:
    """Run until SIGTERM, SIGINT or the control command `stop`; returns the exit status.

    `ready_file` gets {"smpp_port", "smpp_tls_port", "pid", "control"} once ESMEs can bind, `ready` the port.
    `config_file`: where the settings are from; the daily reconciliation, a program of its own, needs it.

    Raises:
        OperatorError: something in the configuration, the store or the data folder stops the start.
    """
    from operator_push.smpp.codec_choice import CODEC
    from operator_push.smpp_twisted import reactor_choice

    loop_name = reactor_choice.install()
    from twisted.internet import reactor as installed

    reactor: Any = installed

    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log.info("event loop %s, codec %s, data in %s", loop_name, CODEC, settings.data_dir)
    return_large_blocks()
    program = _Program(settings, reactor, ready_file, ready, config_file)
    program.start()
    reactor.run(installSignalHandlers=False)
    return program.exit_status


def pseudonym_key(data_dir: Path) -> bytes:
    """The key of the vault's look-up values; made on the first start, hexadecimal text, for its owner only.

    Raises:
        OperatorError: the file holds something else.
    """
    path = data_dir / PSEUDONYM_KEY_FILE
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_OCTETS_MIN) + "\n")
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError as error:
        raise OperatorError("must hold a key in hexadecimal", file=str(path)) from error
    if len(key) < KEY_OCTETS_MIN:
        raise OperatorError(f"must hold at least {KEY_OCTETS_MIN} octets in hexadecimal", file=str(path))
    return key


class _Program:
    """One run of the gateway."""

    def __init__(
        self,
        settings: Settings,
        reactor: Any,
        ready_file: Path | None,
        ready: Callable[[int], None] | None,
        config_file: Path | None,
    ) -> None:
        self._settings = settings
        self._reactor = reactor
        self._ready_file = ready_file
        self._ready = ready
        self._config_file = config_file
        self._stopping = False
        self._bind_rates: dict[tuple[str, int, int], Any] = {}
        self._link_turns: Any = None  # an InputTurns, with the first link
        self.exit_status = 0

    def start(self) -> None:
        """Load, assemble, listen and connect; the reactor runs afterwards."""
        import gc

        from operator_push.bootstrap.assembly import assemble, control_handlers, start_waiting
        from operator_push.bootstrap.side_jobs import side_jobs
        from operator_push.bootstrap.state import load_state
        from operator_push.bootstrap.tls import TlsParts
        from operator_push.gateway.clock import now_us
        from operator_push.gateway.control_server import ControlServer
        from operator_push.plugins import (
            load_online_charging,
            load_reward_payer,
        )
        from operator_push.smpp_twisted.reactor_choice import call_in_loop
        from operator_push.store.consent_seal_rows import seal_older_acts
        from operator_push.store.database import Database
        from operator_push.store.migrate import upgrade
        from operator_push.store.seal_rows import seal_what_is_not
        from operator_push.store.writer_thread import WriterThread

        settings, url = self._settings, self._settings.database_url
        self._lock = _lock(settings.data_dir)
        self._tls = TlsParts(settings)
        upgrade(url)
        key = pseudonym_key(settings.data_dir)
        database = Database.open(url)
        try:
            sealed = database.run(lambda connection: seal_what_is_not(connection, settings.shard))
            acts = database.run(lambda connection: seal_older_acts(connection, settings.shard))
            state = database.run(lambda connection: load_state(connection, settings, key, now_us()))
        finally:
            database.close()
        if sealed:
            log.info("%d postings of an older version are sealed now", sealed)
        if acts:
            log.info("%d acts of consent of an older version are sealed now", acts)
        self._writer = WriterThread(url, call_in_loop(self._reactor))
        self._reader = WriterThread(url, call_in_loop(self._reactor), reads_only=True)
        self._gateway = assemble(self._reactor, settings, state, self._writer, self._fail, self._reader)
        start_waiting(self._gateway)
        self._ask_of_ported()
        self._add_sinks()
        log.info(
            "%d subscribers, %d accounts, %d open messages, %d deliveries owed",
            len(state.vault),
            sum(1 for _ in state.registry.accounts()),
            len(state.messages),
            len(state.owed),
        )
        # What was loaded lives as long as the process: keep the collector from walking it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        handlers = control_handlers(self._reactor, self._gateway, self._tls, key, self.stop)
        self._control = ControlServer(self._reactor, settings.data_dir, handlers)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._reactor.callFromThread(self.stop))
        signal.signal(signal.SIGHUP, lambda *_: self._reactor.callFromThread(self._tls.reload_or_log))
        self._listen()
        self._gateway.links.connect_all(self._connector)
        threads = self._reader, self._writer
        self._side_jobs = side_jobs(self._reactor, settings, self._config_file, self._gateway, threads)
        for job in self._side_jobs:
            job.start()
        self._gateway.online.start(load_online_charging(settings.online_charging))
        self._gateway.incentives.start(self._reactor, load_reward_payer(settings.payouts))
        self._tick()

    def _listen(self) -> None:
        from operator_push.bootstrap.listening import Listening, outbind_calls

        self._listening = Listening(self._reactor, self._settings, self._gateway.server, self._tls)
        self._listening.start(self._is_listening, self._cannot_listen)
        self._outbinds = outbind_calls(self._reactor, self._settings, self._gateway)
        self._outbinds.start()

    def _cannot_listen(self, port: int, reason: str) -> None:
        log.critical("cannot listen on %s:%d: %s", self._settings.smpp_server.host, port, reason)
        self.exit_status = EXIT_TRY_LATER
        self._reactor.callWhenRunning(self._reactor.stop)

    def _is_listening(self) -> None:
        plain, tls = self._listening.plain, self._listening.tls
        host = self._settings.smpp_server.host
        for number, words in ((plain, ""), (tls, ", TLS")):
            if number is not None:
                log.info("listening for ESMEs on %s:%d%s", host, number, words)
        number = plain if plain is not None else tls
        if self._ready_file is not None:
            control = str(self._settings.data_dir / "control.json")
            told = {"smpp_port": number, "smpp_tls_port": tls, "pid": os.getpid(), "control": control}
            unfinished = self._ready_file.with_suffix(".part")
            unfinished.write_text(json.dumps(told))
            unfinished.rename(self._ready_file)
        if self._ready is not None and number is not None:
            self._ready(number)

    def _connector(self, link: SmscSettings, owner: Any) -> Any:
        """What keeps the bind of one link up, not started yet."""
        from operator_push.smpp.session import SessionSettings
        from operator_push.smpp_twisted.bind_rate import BindRate
        from operator_push.smpp_twisted.connector import ReconnectingLink, ReconnectSettings
        from operator_push.smpp_twisted.input_turns import LINK_ROUND_PDUS, InputTurns

        if self._link_turns is None:
            self._link_turns = InputTurns(self._reactor, LINK_ROUND_PDUS)
        return ReconnectingLink(
            self._reactor,
            self._tls.smsc_endpoint(self._reactor, link),
            partial(_same, owner),
            SessionSettings(
                enquire_link_s=link.enquire_link_s,
                response_timeout_s=link.response_timeout_s,
                window=link.window,
                sc_interface_version_default=VERSIONS[link.version_when_silent],
            ),
            ReconnectSettings(min_s=link.reconnect_min_s, max_s=link.reconnect_max_s),
            random.Random(),  # spreads reconnects, guards nothing
            on_down=partial(_tell_down, link.name),
            bind_rate=self._bind_rates.setdefault(
                (link.host, link.port, link.binds_per_minute), BindRate(link.binds_per_minute)
            ),
            turns=self._link_turns,
        )

    def _ask_of_ported(self) -> None:
        from operator_push.plugins import load_number_portability

        portability = load_number_portability(self._settings.number_portability, self._reactor)
        if portability is not None:
            self._gateway.prices.ask_of_ported(portability.network_of)

    def _add_sinks(self) -> None:
        from operator_push.gateway.event_feed import SinkFeed
        from operator_push.plugins import load_delivery_event_sinks
        from operator_push.store import small_rows
        from operator_push.store.event_rows import events_above

        sinks = load_delivery_event_sinks(self._settings.delivery_events, self._reactor)
        shard = self._gateway.state.shard

        def read_events(sequence: int, limit: int, told: Callable[[Sequence[Any] | None], None]) -> None:
            def done(events: Any) -> None:
                told(None if isinstance(events, BaseException) else events)

            self._writer.submit(lambda connection: events_above(connection, shard, sequence, limit), done)

        def _cursor(name: str, connection: Any) -> int:
            return small_rows.sink_sequence(connection, name, shard)

        for settings in self._settings.delivery_events:
            sink = sinks[settings.name]

            def start(cursor: Any, settings: Any = settings, sink: Any = sink) -> None:
                if isinstance(cursor, BaseException):
                    self._fail(cursor)
                    return
                feed = SinkFeed(
                    settings.name,
                    sink,
                    settings.batch_max,
                    shard,
                    cursor,
                    read_events,
                    self._gateway.committer,
                    self._reactor.callLater,
                )
                self._gateway.feed.add(feed)
                feed.start()

            self._writer.submit(
                partial(_cursor, settings.name),
                start,
            )

    def _tick(self) -> None:
        self._gateway.expire_waiting()
        self._gateway.committer.kick()
        if not self._stopping:
            self._reactor.callLater(TICK_S, self._tick)

    # -- the end -------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop accepting, let the SMSC answer and the last commits finish, unbind, end."""
        if self._stopping:
            return
        self._stopping = True
        log.info("stopping: no more binds or submissions are taken")
        gateway = self._gateway
        gateway.server.stop_accepting()
        for job in self._side_jobs:
            job.stop()
        gateway.links.stop_sending()
        gateway.online.stop()
        if hasattr(self, "_listening"):
            self._listening.stop()
            self._outbinds.stop()
        self._drain(time.monotonic() + DRAIN_S)

    def _drain(self, deadline: float) -> None:
        gateway = self._gateway
        gateway.online.tick()
        done = gateway.committer.idle and not gateway.in_flight and gateway.online.idle
        if not done and time.monotonic() < deadline:
            gateway.committer.kick()
            self._reactor.callLater(0.05, self._drain, deadline)
            return
        gateway.server.binds.unbind_all("the product stops")
        gateway.links.unbind_all()
        self._reactor.callLater(0.5, self._close)

    def _close(self) -> None:
        from twisted.internet.defer import ensureDeferred

        self._gateway.links.close_all("the product stops")
        self._control.close()

        def end(_: object) -> None:
            self._reader.stop()
            self._writer.stop()
            log.info("stopped")
            self._reactor.callLater(0.1, self._reactor.stop)

        closing = ensureDeferred(self._gateway.feed.close())
        closing.addBoth(lambda _: self._gateway.online.close()).addBoth(end)

    def _fail(self, error: BaseException) -> None:
        """Nothing may be promised any more: end at once, and let a supervisor start us again."""
        log.critical("the product stops at once: %s", error, exc_info=error)
        self.exit_status = EXIT_FAILED
        if self._reactor.running:
            self._reactor.stop()
        else:
            self._reactor.callWhenRunning(self._reactor.stop)


def _lock(data_dir: Path) -> Any:
    """Hold the data folder for this process; the lock goes with it, however it ends.

    Raises:
        OperatorError: another product holds it.
    """
    file = (data_dir / LOCK_FILE).open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise OperatorError(
            "another operator-push runs with this data_dir; stop it first", file=str(data_dir)
        ) from error
    return file


def _same(owner: Any, protocol: object) -> Any:
    return owner


def _tell_down(name: str, reason: str, wait_s: float) -> None:
    log.warning("link %s is down (%s), next try in %.1f s", name, reason, wait_s)
