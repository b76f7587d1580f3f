"""Defences of Firecracker, its jailer and its operator, with the claims that prove them where the source can."""
