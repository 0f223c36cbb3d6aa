"""A saved run as one HTML file that needs nothing else."""
