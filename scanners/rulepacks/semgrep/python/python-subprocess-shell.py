import os
import subprocess


def run(name):
    # ruleid: python-subprocess-shell
    subprocess.run(f"kubectl delete pod {name}", shell=True, check=True)

    # ruleid: python-subprocess-shell
    os.system("rm -r " + name)

    # ok: python-subprocess-shell
    subprocess.run("uname -r", shell=True, check=True)

    # ok: python-subprocess-shell
    subprocess.run(["kubectl", "delete", "pod", name], check=True)
