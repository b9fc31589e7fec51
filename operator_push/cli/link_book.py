"""Link book: short links and whose tokens are whose, as the store has them, kept for the latest campaigns.

A campaign's tokens are computed when its first link is followed, a second for some hundred thousand people;
whoever asks meanwhile waits. A campaign that takes people in is read again when somebody is not found.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from operator_push.cli.reading_threads import ReadingThreads
from operator_push.domain.short_links import ShortLink, TokenIndex
from operator_push.store.short_link_rows import link_people, short_link_of

CAMPAIGNS_MAX: Final = 200
PEOPLE_MAX: Final = 20_000_000  # Ours: of all of them, 24 octets each; older links are seldom followed
READ_AGAIN_S: Final = 30.0


class _Page:
    """What is known of one campaign."""

    def __init__(self, link: ShortLink | None, read_s: float) -> None:
        self.link = link
        self.read_s = read_s
        self.index: TokenIndex | None = None
        self.people = 0
        self.lock = threading.Lock()  # while its tokens are computed, other campaigns are answered


class LinkBook:
    """Called in threads, several at once (http.short_links.site.LinkBook)."""

    def __init__(self, reading: ReadingThreads, now_s: Callable[[], float] = time.monotonic) -> None:
        self._reading = reading
        self._now_s = now_s
        self._pages: OrderedDict[int, _Page] = OrderedDict()
        self._lock = threading.Lock()

    def link(self, campaign_no: int) -> ShortLink | None:
        """The link of a campaign, which never changes while it leads somewhere."""
        return self._page(campaign_no).link

    def follower(self, campaign_no: int, token: int) -> int:
        """Whose address it is; 0 for nobody's."""
        return self._find(campaign_no, lambda index: index.follower(token))

    def converted(self, campaign_no: int, token: int) -> int:
        """Whose conversion token it is; 0 for nobody's."""
        return self._find(campaign_no, lambda index: index.converted(token))

    def _find(self, campaign_no: int, ask: Callable[[TokenIndex], int]) -> int:
        page = self._page(campaign_no)
        if page.link is None or not page.link.key:
            return 0
        with page.lock:
            if page.index is None:
                self._compute(page, page.link)
            found = ask(page.index) if page.index is not None else 0
            if not found and self._now_s() - page.read_s > READ_AGAIN_S:
                page.read_s = self._now_s()
                if self._compute(page, page.link) and page.index is not None:
                    found = ask(page.index)
            return found

    def _compute(self, page: _Page, link: ShortLink) -> bool:
        """Compute whose tokens are whose; False where there are no other people than before."""
        people = self._reading.read(lambda rows: link_people(rows, link.campaign_no))
        if page.index is not None and len(people) == page.people:
            return False
        page.index, page.people = TokenIndex(link.key, people), len(people)
        with self._lock:
            while len(self._pages) > 1 and sum(each.people for each in self._pages.values()) > PEOPLE_MAX:
                self._pages.popitem(last=False)
        return True

    def _page(self, campaign_no: int) -> _Page:
        with self._lock:
            page = self._pages.get(campaign_no)
            if page is not None:
                self._pages.move_to_end(campaign_no)
                return page
        link = self._reading.read(lambda rows: short_link_of(rows, campaign_no))
        page = _Page(link, self._now_s())
        if link is None:
            return page  # whoever guesses fills no memory
        with self._lock:
            page = self._pages.setdefault(campaign_no, page)
            if len(self._pages) > CAMPAIGNS_MAX:
                self._pages.popitem(last=False)
        return page
