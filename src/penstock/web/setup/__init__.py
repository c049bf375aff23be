"""The set-up pages, on Django's admin: every change goes through the verbs, and what has none is only shown."""
