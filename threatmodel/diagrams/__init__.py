"""Data flow diagrams: a system becomes a diagram value, the value DOT, the best of several layouts SVG and PNG."""
