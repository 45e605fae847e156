from . import account_move
from . import res_partner
from . import subscription_access
from . import subscription_close_reason
from . import subscription_retention
from . import subscription_rights
