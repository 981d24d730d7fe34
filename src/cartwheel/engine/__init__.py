"""Tasks, resources, workers, groups. Has never heard of a collection."""
