"""Linting what was imported, where `cartwheel[importer]` is installed: galaxy-importer with ansible-lint.

task.py      the child task of an import, and what it logs
copies.py    what is linted: a copy of the collection in which nothing can be run
program.py   running galaxy-importer, behind the guard
guard.py     a program that lets another one do nothing but read
"""
