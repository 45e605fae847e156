from . import invoice
from . import quotation
from . import sale_orders
from . import subscription
from . import subscription_access
from . import subscription_messages
