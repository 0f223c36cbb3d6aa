"""The tabs of the workbench, one module each."""
