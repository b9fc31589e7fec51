"""QR codes (ISO/IEC 18004) as SVG: dark squares on a quiet zone, for posters and web pages."""

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

QUIET_MODULES = 4  # ISO/IEC 18004 section 5.3.8


def qr_svg(text: str) -> str:
    """The code of a text as an SVG image; error correction M, which bears 15 percent of damage.

    Raises:
        ValueError: more than a QR code takes.
    """
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    try:
        code.make()
    except Exception as error:  # the library raises its base class
        raise ValueError(f"{len(text)} characters are too many for a QR code") from error
    side = code.getModuleCount() + 2 * QUIET_MODULES
    dark = "".join(
        f"M{column + QUIET_MODULES},{row + QUIET_MODULES}h1v1h-1z"
        for row in range(code.getModuleCount())
        for column in range(code.getModuleCount())
        if code.isDark(row, column)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{dark}" fill="#000"/></svg>\n'
    )
