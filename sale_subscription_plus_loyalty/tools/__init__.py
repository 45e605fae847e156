from .shares import share_out
