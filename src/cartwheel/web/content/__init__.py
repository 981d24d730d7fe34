"""What the pages about content show: collections, namespaces, repositories, people."""
