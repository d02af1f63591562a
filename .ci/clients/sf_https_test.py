"""The real `sf` command against the simulated org over https: the sign-in by an auth URL, which it insists on having there."""

from sf_command import ENV, HOME, ORG, ok, run

(HOME / "org.pem").write_text(ORG["certificate"])
ENV["NODE_EXTRA_CA_CERTS"] = str(HOME / "org.pem")

assert ORG["instance_url"].startswith("https://127.0.0.1:"), ORG["instance_url"]
(HOME / "auth").write_text(ORG["sfdx_auth_url"])
login = ("org", "login", "sfdx-url", "--sfdx-url-file", str(HOME / "auth"), "--alias", "test")
code, answer = run(*login, "--json", NODE_EXTRA_CA_CERTS="")
assert code != 0, "a certificate that nobody trusts is taken"
result = ok(*login)
assert (result["username"], result["orgId"]) == (ORG["username"], ORG["org_id"]), result
made = ok("data", "create", "record", "--sobject", "Account", "--values", "Name=Acme", "--target-org", "test")
row = ok("data", "get", "record", "--sobject", "Account", "--record-id", made["id"], "--target-org", "test")
assert row["Name"] == "Acme", row
print("sf over https: signs in by an auth URL, writes and reads")
