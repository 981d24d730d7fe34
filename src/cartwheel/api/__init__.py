"""JSON in, JSON out, in three dialects: pulp_v3, galaxy_v3, ui."""
