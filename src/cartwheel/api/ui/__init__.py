"""The API behind the UI of the original hub. Errors and pages have Galaxy's shapes."""
