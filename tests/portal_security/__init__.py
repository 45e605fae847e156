"""Every route of ours, called by people who must not, in ways that nobody should; nothing may come of it."""
