"""Multi-tenancy: one application per office, and routing of requests to them."""

from bot.server.tenants.opening import MountPages, open_tenants

__all__ = ["MountPages", "open_tenants"]
