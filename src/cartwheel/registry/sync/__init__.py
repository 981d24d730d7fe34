"""Sync: fetching collections from another server that speaks Galaxy's API, version 3.

start.py       who may ask for it, and the task that does it
task.py        what the task does, step by step
selection.py   which versions are wanted
upstream.py    what the server has
client.py      requests: credentials, limits, retries
fences.py      which addresses a server may send us to
connections.py connections to these, and to no others
deadlines.py   how long an answer may take
downloads.py   files, several at once
reports.py     how far it is
"""
