"""The API of Pulp, version 3. Errors and pages have Pulp's shapes."""
