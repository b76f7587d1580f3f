import tarfile


def unpack(path, target):
    with tarfile.open(path) as tar:
        # ruleid: python-tar-extract-unfiltered
        tar.extractall(target)

    with tarfile.open(path) as tar:
        # ok: python-tar-extract-unfiltered
        tar.extractall(target, filter="data")
def unpack_one(path, name, target):
    archive = tarfile.open(path)
    # ruleid: python-tar-extract-unfiltered
    archive.extractall(path=target, members=[name])

    checked = tarfile.open(path)
    # ok: python-tar-extract-unfiltered
    checked.extractall(path=target, filter="data")
