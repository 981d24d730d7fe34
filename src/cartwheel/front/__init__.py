"""What stands before Django: one ASGI application that hands requests to a pool of threads, holds the
ones that wait, and streams events. Only waiting is asynchronous; all else is plain Django.
"""
