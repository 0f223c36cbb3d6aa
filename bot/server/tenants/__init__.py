"""Multi-tenancy: one application per office, and routing of requests to them."""

from bot.server.tenants.opening import Hang, open_tenants

__all__ = ["Hang", "open_tenants"]
