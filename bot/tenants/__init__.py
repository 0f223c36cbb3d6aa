"""One service for many offices: an application each, and which of them a request is for."""

from bot.tenants.opening import Hang, open_tenants

__all__ = ["Hang", "open_tenants"]
