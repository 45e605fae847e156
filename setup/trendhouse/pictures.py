"""Pictures of what Trendhouse sells: flat shapes on a quiet ground, drawn here, so that no one has rights in them."""

from base64 import b64encode
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SIZE = 800
INK, PAPER = "#22303c", "#fffdf8"


def draw(motif, ground, accent, title=""):
    """Return a picture in base64.

    :param motif: name of a function of this module that draws on the ground
    """
    image = Image.new("RGB", (SIZE, SIZE), ground)
    globals()[f"_{motif}"](ImageDraw.Draw(image), accent, title)
    return _encode(image)


def draw_logo(name):
    """Return ``name`` in base64, as it stands on top of each page."""
    font = ImageFont.load_default(36)
    image = Image.new("RGBA", (int(font.getlength(name)), 80), "#0000")
    ImageDraw.Draw(image).text((0, 40), name, INK, font, anchor="lm")
    return _encode(image)


def _encode(image):
    data = BytesIO()
    image.save(data, "PNG", optimize=True)
    return b64encode(data.getvalue())


def _cover(pen, accent, title):
    """A magazine, with a sun over hills."""
    _sheet(pen, (210, 110, 590, 690))
    pen.rectangle((210, 250, 590, 690), fill=accent)
    pen.ellipse((340, 310, 460, 430), fill=PAPER)
    pen.polygon([(210, 690), (210, 590), (340, 470), (470, 600), (520, 560), (590, 620), (590, 690)], fill=INK)
    _write(pen, (400, 180), title, 50)


def _pile(pen, accent, title):
    """Some issues on each other."""
    for number, color in enumerate([INK, PAPER, accent]):
        _sheet(pen, (180 + 30 * number, 130 + 30 * number, 540 + 30 * number, 610 + 30 * number), color)
    _write(pen, (420, 270), title, 44, PAPER)


def _tablet(pen, accent, title):
    """A screen with text on it."""
    pen.rounded_rectangle((210, 110, 590, 690), 32, fill=INK)
    pen.rounded_rectangle((235, 150, 565, 650), 8, fill=PAPER)
    pen.rectangle((260, 175, 540, 340), fill=accent)
    _write(pen, (400, 258), title, 44, PAPER)
    for number in range(7):
        pen.rectangle((260, 380 + 36 * number, 540 - 70 * (number % 3 == 2), 392 + 36 * number), fill="#c8ccd0")


def _poster(pen, accent, title):
    """A framed print."""
    _sheet(pen, (190, 90, 610, 710), INK)
    pen.rectangle((205, 105, 595, 695), fill=PAPER)
    pen.ellipse((260, 180, 540, 460), fill=accent)
    pen.pieslice((260, 180, 540, 460), 90, 270, fill=INK)
    _write(pen, (400, 580), title, 64)


def _bag(pen, accent, title):
    """A tote bag."""
    pen.arc((300, 90, 500, 430), 180, 360, fill=INK, width=18)
    pen.polygon([(210, 270), (590, 270), (620, 690), (180, 690)], fill=PAPER)
    pen.rectangle((215, 270, 585, 285), fill=accent)
    pen.ellipse((330, 360, 470, 500), fill=accent)
    _write(pen, (400, 570), title, 54)


def _box(pen, accent, title):
    """A parcel, seen from a corner."""
    pen.polygon([(400, 170), (650, 290), (400, 410), (150, 290)], fill=PAPER)
    pen.polygon([(150, 290), (400, 410), (400, 690), (150, 570)], fill=accent)
    pen.polygon([(650, 290), (400, 410), (400, 690), (650, 570)], fill=INK)
    pen.polygon([(255, 240), (300, 218), (550, 338), (505, 360)], fill=accent)
    _write(pen, (525, 500), title, 40, PAPER)


def _disc(pen, accent, title):
    """Something to listen to."""
    pen.ellipse((150, 150, 650, 650), fill=INK)
    for radius in (210, 170):
        pen.ellipse((400 - radius, 400 - radius, 400 + radius, 400 + radius), outline="#45525e", width=3)
    pen.ellipse((280, 280, 520, 520), fill=accent)
    _write(pen, (400, 355), title, 36, PAPER)
    pen.ellipse((388, 408, 412, 432), fill=PAPER)


def _sheet(pen, corners, color=PAPER):
    """A rectangle that throws a shadow."""
    left, top, right, bottom = corners
    pen.rectangle((left + 14, top + 14, right + 14, bottom + 14), fill="#b9bfc4")
    pen.rectangle(corners, fill=color)


def _write(pen, place, text, size, color=INK):
    """Write ``text`` around a place, with the letters that come with the library."""
    pen.multiline_text(place, text, color, ImageFont.load_default(size), anchor="mm", align="center")
