from . import account_move
from . import res_partner
from . import subscription_access
from . import subscription_rights
