import ssl

import requests


def fetch(url, bundle):
    # ruleid: python-tls-verification-off
    requests.get(url, timeout=5, verify=False)

    # ruleid: python-tls-verification-off
    context = ssl._create_unverified_context()

    # ok: python-tls-verification-off
    requests.get(url, timeout=5, verify=bundle)
    return context
def context(bundle):
    # ok: python-tls-verification-off
    return ssl.create_default_context(cafile=bundle)
