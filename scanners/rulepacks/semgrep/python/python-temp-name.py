import tempfile


def write(data):
    # ruleid: python-temp-name
    name = tempfile.mktemp()

    # ruleid: python-temp-name
    with open("/tmp/report.json", "w") as out:
        out.write(data)

    # ok: python-temp-name
    handle, path = tempfile.mkstemp()

    # ok: python-temp-name
    with open("/tmp/report.json", "r") as source:
        return source.read(), name, handle, path
