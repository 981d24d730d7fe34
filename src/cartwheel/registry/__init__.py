"""Namespaces, collections, repositories, people, and the tasks that change them."""
