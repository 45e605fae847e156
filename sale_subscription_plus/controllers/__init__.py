from . import saved_method, signup
