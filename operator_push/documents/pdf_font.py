"""The face that a PDF is set in: Helvetica, which every reader has, or a TrueType font that is embedded."""

from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from operator_push.kernel.errors import OperatorError

EMBEDDED = "operator-push-text"


class Face:
    """A plain and a bold font, and which characters they have."""

    def __init__(self, plain: str, bold: str, characters: frozenset[int] | None) -> None:
        self.plain = plain
        self.bold = bold
        self._characters = characters  # None: those of Windows-1252

    def checked(self, text: str) -> str:
        """The text, all of whose characters can be drawn.

        Raises:
            OperatorError: one cannot; the message says which and what to do.
        """
        for character in text:
            if not self._has(character):
                raise OperatorError(
                    f"the font has no {character!r} (in {text!r}); name a TrueType font that has it",
                    key="invoices.font_file",
                )
        return text

    def _has(self, character: str) -> bool:
        if self._characters is not None:
            return ord(character) in self._characters
        try:
            character.encode("cp1252")
        except UnicodeEncodeError:
            return False
        return True


def face_of(font_file: Path | None) -> Face:
    """Helvetica, or the font of a file for everything.

    Raises:
        OperatorError: the file is no TrueType font that can be embedded.
    """
    if font_file is None:
        return Face("Helvetica", "Helvetica-Bold", None)
    try:
        font = TTFont(EMBEDDED, str(font_file))
    except (TTFError, OSError) as error:
        raise OperatorError(f"cannot be embedded: {error}", key="invoices.font_file") from error
    pdfmetrics.registerFont(font)
    return Face(EMBEDDED, EMBEDDED, frozenset(font.face.charToGlyph))
