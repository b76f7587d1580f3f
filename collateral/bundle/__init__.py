"""The bundle: files, manifest, digests, moved into place whole, verified offline."""
