"""The API of Galaxy NG, version 3. Errors and pages have Galaxy's shapes."""
