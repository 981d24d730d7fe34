"""Pages for people, and their live fragments."""
