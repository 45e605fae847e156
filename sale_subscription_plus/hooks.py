def pre_init_hook(env):
    """Make `btree_gist` available: the ledger's exclusion constraint compares a line and a date range."""
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
