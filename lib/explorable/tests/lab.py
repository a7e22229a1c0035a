"""A JupyterLab of our own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress

import pytest


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextmanager
def jupyter_lab(folder, env=os.environ):
    """A JupyterLab server of our own on loopback; it and its kernels are gone afterwards."""
    port = free_port()
    home = {f"JUPYTER_{k}_DIR": str(folder / f".{k}") for k in ("CONFIG", "DATA", "RUNTIME")}
    home |= {"IPYTHONDIR": str(folder / ".ipython"), "JUPYTERLAB_SETTINGS_DIR": str(folder / ".s")}
    env = {**env, **home}
    options = ["--no-browser", "--ServerApp.token=", "--ServerApp.password=", f"--port={port}"]
    options += [
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port_retries=0",
        f"--notebook-dir={folder}",
    ]
    options += ["--allow-root", "--LabApp.news_url=", "--LabApp.check_for_updates_class="
                "jupyterlab.NeverCheckForUpdate"]  # fmt: skip
    command = [sys.executable, "-m", "jupyter", "lab", *options]
    with open(folder / "server.log", "w") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True
        )
        try:
            for _ in range(240):
                time.sleep(0.25)
                if server.poll() is not None:
                    break
                with (
                    suppress(OSError),
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=5),
                ):
                    yield f"http://127.0.0.1:{port}"
                    return
            pytest.fail("JupyterLab did not start:\n" + (folder / "server.log").read_text()[-2000:])
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(15)


def wait_until(page, condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain")
        page.wait_for_timeout(50)
