"""Lock files of a tree: the components that they name, and which of them a database of vulnerabilities knows."""
