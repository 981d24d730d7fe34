"""The description of the API that programs read (OpenAPI 3.0.3), made from the mounted routes.

What is mounted is described, whether or not anybody thought of it here: methods and paths come from the
routes, query parameters from the filter tables, operation ids by Pulp's convention. The tables in pulp.py
and galaxy.py add what routes cannot tell: bodies, answers, and the exceptions.
"""
