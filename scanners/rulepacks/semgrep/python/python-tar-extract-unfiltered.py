import tarfile


def unpack(path, target):
    with tarfile.open(path) as tar:
        # ruleid: python-tar-extract-unfiltered
        tar.extractall(target)

    with tarfile.open(path) as tar:
        # ok: python-tar-extract-unfiltered
        tar.extractall(target, filter="data")
