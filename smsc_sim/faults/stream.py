"""Stream faults: gates between a session's octets and its transport. No time here; the desk opens and closes.

Each gate counts what it swallowed or held, so that the witness can tell.
"""

from collections import deque


class OpenGate:
    """Lets everything through; the others differ where they must."""

    octets_swallowed = 0

    def out(self, octets: bytes, *, closing: bool) -> bytes:
        """What may leave now."""
        return octets

    def into(self, octets: bytes) -> bytes:
        """What may be heard."""
        return octets

    def is_deaf(self) -> bool:
        """Whether the session's timers and window stand still."""
        return False

    def closes(self) -> bool:
        """Whether the stream ends now."""
        return False


class CutGate(OpenGate):
    """Lets `last` leave, then nothing; `then_close` ends the stream at once, else whoever set it does."""

    def __init__(self, last: bytes, *, then_close: bool) -> None:
        self._last = last
        self._then_close = then_close

    def out(self, octets: bytes, *, closing: bool) -> bytes:
        self.octets_swallowed += len(octets)
        last, self._last = self._last, b""
        return last

    def into(self, octets: bytes) -> bytes:
        return b""

    def is_deaf(self) -> bool:
        return True

    def closes(self) -> bool:
        return self._then_close


class HalfOpenGate(CutGate):
    """The stream is up, nobody is there. What was written before still leaves."""

    def __init__(self, last: bytes) -> None:
        super().__init__(last, then_close=False)


class StallGate(OpenGate):
    """Nothing leaves and nothing is heard for a while; `held_out` and `held_in` are what waits."""

    def __init__(self, before: bytes, held: bytes) -> None:
        self._before = before
        self.held_out = [held]
        self.held_in: list[bytes] = []

    def out(self, octets: bytes, *, closing: bool) -> bytes:
        if octets:
            self.held_out.append(octets)
        before, self._before = self._before, b""
        return before

    def into(self, octets: bytes) -> bytes:
        self.held_in.append(octets)
        return b""

    def is_deaf(self) -> bool:
        return True


class DribbleGate(OpenGate):
    """Slow PDUs leave piece by piece, one at each `step`; what follows waits behind them."""

    def __init__(self, before: bytes, slow: bytes, octets_per_piece: int) -> None:
        self._ready = before
        self._waiting: deque[tuple[bytes, int]] = deque()  # (octets, octets per piece; 0 for all at once)
        self.add_slow(b"", slow, octets_per_piece)

    @property
    def is_done(self) -> bool:
        """Nothing waits any more."""
        return not self._waiting and not self._ready

    def add_slow(self, before: bytes, slow: bytes, octets_per_piece: int) -> None:
        """Another slow PDU, behind `before`, which is not."""
        if before:
            self._waiting.append((before, 0))
        self._waiting.append((slow, octets_per_piece))

    def step(self) -> None:
        """Let the next piece leave with the next write."""
        if self._waiting:
            octets, piece = self._waiting.popleft()
            self._ready += octets[:piece]
            if octets[piece:]:
                self._waiting.appendleft((octets[piece:], piece))
        while self._waiting and not self._waiting[0][1]:
            self._ready += self._waiting.popleft()[0]

    def out(self, octets: bytes, *, closing: bool) -> bytes:
        if octets:
            self._waiting.append((octets, 0))
        if closing or not any(piece for _, piece in self._waiting):
            self._ready += b"".join(waiting for waiting, _ in self._waiting)
            self._waiting.clear()
        ready, self._ready = self._ready, b""
        return ready
