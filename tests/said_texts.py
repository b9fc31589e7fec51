"""What subscribers are answered, kept as texts in place of messages, for tests of dialogues."""

from collections.abc import Mapping

from shard import MSISDN

from operator_push.domain.words.answer_texts import answer_text
from operator_push.domain.words.language import TextName
from operator_push.services.changes import Changes
from operator_push.services.hear_subscribers import Inbound, Said


class Answers:
    """Keeps what is said; `mute` is an operator without an account that answers."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.mute = False

    def text_of(self, name: TextName, fields: Mapping[str, str], said: Said) -> str:
        return answer_text(name, "en", {"brand": f"B{said.brand_no}", **fields})

    def send(self, text: str, said: Said, inbound: Inbound, now_us: int, changes: Changes) -> bool:
        assert inbound.source == MSISDN
        if not self.mute:
            self.said.append(text)
        return not self.mute
