"""Defences of runc and of what drives it, with the claims that prove them where the source of runc can."""
