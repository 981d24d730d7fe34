"""Versions, tarballs, digests, errors: what needs neither a database nor HTTP."""
