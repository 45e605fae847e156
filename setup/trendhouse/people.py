"""Made-up customers: any likeness is chance."""

from itertools import product


def _words(text):
    return text.split()


FIRST = _words("""
Ada Alba Amir Anya Aris Astrid Bela Bram Bruno Cleo Dario Delia Edda Elio Emre Enzo Esme Fay Felix Fiora Gita Hanna
Hugo Ida Imre Ines Iris Ivo Jana Jonas Juno Kaia Karim Lars Lea Levi Lina Luca Mael Maja Milan Mira Nadia Nils Noor Odin
Olga Oscar Paula Pia Quinn Rafa Rosa Ruben Sami Selma Silas Sofie Tara Theo Tilda Uma Vera Viktor Wanda Xenia Yara Zoe
""")
LAST = _words("""
Abbot Aldane Arkwell Ashdown Bellamy Birch Blomquist Brandt Calloway Carver Castell Corvin Dahl Darrow Delacroix Dunmore
Easton Ekman Fairfax Falk Ferrand Finch Galloway Garnet Grady Hale Harrow Hollis Ibsen Ingram Jansson Jarrow Keller
Kestrel Kovac Lambert Larkin Lindqvist Marlow Mercer Moreau Nash Norwood Oakes Okafor Osborne Palmer Pemberton Quill
Ravenel Rhodes Rosen Sandoval Sayer Sterling Tamsin Thorne Underhill Vance Verhoeven Voss Wakefield Weller Wexford
Yarrow Zeller
""")
FIRMS = """
Harbor Dental|Fjord & Field Hotel|Linden Library|Quarry Street Salon|Northgate Clinic|Blue Door Café|Maple Court Law|
Old Mill Hotel|Parkside Barbers|Union Square Dentists|Velvet Hair|Westend Physio
""".replace("\n", "").split("|")

# Places of the subscribers of each company, with the shares they have; the last country lies abroad for taxes.
PLACES = {
    "home": [
        (("Portland", "US"), 22),
        (("Denver", "US"), 18),
        (("Chicago", "US"), 18),
        (("Boston", "US"), 16),
        (("Austin", "US"), 16),
        (("Toronto", "CA"), 10),
    ],
    "europe": [
        (("Amsterdam", "NL"), 30),
        (("Hamburg", "DE"), 25),
        (("Lyon", "FR"), 20),
        (("Ghent", "BE"), 15),
        (("Zürich", "CH"), 10),
    ],
}


def make_names(rng, count):
    """Return ``count`` different names, some of them of firms, in an order that ``rng`` decides."""
    names = [f"{first} {last}" for first, last in product(FIRST, LAST)]
    rng.shuffle(names)
    chosen = names[: max(count - len(FIRMS), 0)] + FIRMS
    rng.shuffle(chosen)
    return [chosen[number % len(chosen)] + (" jr." * (number // len(chosen))) for number in range(count)]


def pick_place(rng, house):
    """Return (city, country code) of a subscriber of ``house``."""
    places, weights = zip(*PLACES[house], strict=True)
    return rng.choices(places, weights)[0]
