"""Lines of a page, and an engine that reads what a test says: for the second looks."""

from PIL import Image

from reading.reading_order import RawWord

PAGE = Image.new("L", (2480, 3508), 255)
DPI = 300
SPACE = 15


def row(text, *confidences, number=0, x=300, y=1200):
    """Words of one line in letters 20 pixels wide and 40 high; the last confidence goes on."""
    words = []
    sure = confidences or (0.95,)
    for place, word in enumerate(text.split()):
        confidence = sure[min(place, len(sure) - 1)]
        words.append(RawWord(word, x, y, 20 * len(word), 40, confidence, number))
        x += 20 * len(word) + SPACE
    return words


class Reader:
    """Gives prepared readings of a picture, one after the other, and counts how often it did."""

    def __init__(self, *readings):
        self.readings = list(readings)
        self.sizes = []

    def __call__(self, picture, dpi):
        """One reading, where it stands in a picture of this resolution."""
        self.sizes.append((picture.size, dpi))
        text, *confidences = self.readings.pop(0)
        by = dpi / DPI
        return [
            word._replace(x=round(word.x * by), width=round(word.width * by))
            for word in row(text, *confidences, x=SPACE, y=20)
        ]


def text_of(words):
    """The words with single blanks."""
    return " ".join(word.text for word in words)
