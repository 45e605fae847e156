from . import invoice
