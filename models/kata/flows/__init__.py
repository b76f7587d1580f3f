"""Data flows, in the numbering of the model: F for interfaces, K for kernels and what crosses them."""
