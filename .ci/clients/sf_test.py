"""The real `sf` command (npm @salesforce/cli) against the simulated org, unmodified."""

import csv
import json

from sf_command import HOME, ORG, ok, run

USER = ORG["username"]


def org(*arguments, **more):
    return ok(*arguments, "--target-org", "test", **more)


def refused(name, *arguments):
    code, answer = run(*arguments, "--target-org", "test", "--json")
    assert code != 0 and answer["name"] == name, (arguments, code, answer)
    return answer


PASSED = []


def case(test):
    test()
    PASSED.append(test.__name__)


@case
def it_signs_in_with_an_access_token():
    result = ok(
        "org", "login", "access-token", "--instance-url", ORG["instance_url"], "--no-prompt", "--alias", "test",
        SF_ACCESS_TOKEN=ORG["access_token"],
    )
    assert (result["username"], result["orgId"]) == (USER, ORG["org_id"]), result
    display = org("org", "display")
    assert display["connectedStatus"] == "Connected", display
    assert (display["id"], display["apiVersion"]) == (ORG["org_id"], "67.0"), display


@case
def rows_are_made_read_changed_and_deleted():
    made = org("data", "create", "record", "--sobject", "Account", "--values", "Name='Acme Inc' Phone=123")
    row = org("data", "get", "record", "--sobject", "Account", "--record-id", made["id"])
    assert (row["Name"], row["Phone"]) == ("Acme Inc", "123"), row
    org("data", "update", "record", "--sobject", "Account", "--record-id", made["id"], "--values", "Name=New")
    row = org("data", "get", "record", "--sobject", "Account", "--where", "Name=New")
    assert row["Id"] == made["id"], row
    org("data", "delete", "record", "--sobject", "Account", "--record-id", made["id"])
    refused("NOT_FOUND", "data", "get", "record", "--sobject", "Account", "--record-id", made["id"])


@case
def queries_are_read_page_by_page_with_children():
    for start in range(0, 2200, 200):
        rows = [{"attributes": {"type": "Account"}, "Name": f"Sf {n:04}"} for n in range(start, start + 200)]
        body = json.dumps({"records": rows})
        answer = org(
            "api", "request", "rest", "/services/data/v66.0/composite/sobjects", "--method", "POST", "--body", "@/dev/stdin",
            stdin=body,
        )
        assert answer["statusCode"] == 200 and all(row["success"] for row in answer["body"]), answer
    result = org("data", "query", "--query", "SELECT Id, Name FROM Account WHERE Name LIKE 'Sf %' ORDER BY Name")
    names = [row["Name"] for row in result["records"]]
    assert result["done"] is True and names == [f"Sf {n:04}" for n in range(2200)], len(names)
    account = result["records"][0]["Id"]
    for n in range(2):
        org("data", "create", "record", "--sobject", "Contact", "--values", f"LastName=C{n} AccountId={account}")
    result = org("data", "query", "--query", f"SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Id = '{account}'")
    assert len(result["records"][0]["Contacts"]["records"]) == 2, result
    refused("INVALID_FIELD", "data", "query", "--query", "SELECT Nope FROM Account")
    refused("MALFORMED_QUERY", "data", "query", "--query", "SELECT Id FORM Account")


@case
def describes_limits_and_counts_are_read():
    assert "Account" in org("sobject", "list")
    describe = org("sobject", "describe", "--sobject", "Account")
    assert describe["name"] == "Account" and len(describe["fields"]) > 20
    limits = org("org", "list", "limits")
    assert any(limit["name"] == "DailyApiRequests" and limit["max"] > 0 for limit in limits), limits[:2]
    counts = org("org", "list", "sobject", "record-counts", "--sobject", "Account")
    assert counts[0]["name"] == "Account" and counts[0]["count"] >= 2200, counts
    found = org("data", "search", "--query", "FIND {Sf} IN NAME FIELDS RETURNING Account(Id LIMIT 3)")
    assert len(found["searchRecords"]) == 3, found


@case
def any_resource_can_be_asked():
    code, answer = run("api", "request", "rest", "/services/data/v66.0/sobjects/Nope/describe", "--target-org", "test", "--json")
    assert code == 1 and answer["result"]["statusCode"] == 404, answer
    assert answer["result"]["body"][0]["errorCode"] == "NOT_FOUND", answer
    answer = org("api", "request", "rest", "/services/oauth2/userinfo")
    assert answer["body"]["user_id"] == ORG["user_id"], answer


@case
def bulk_jobs_import_export_upsert_and_delete():
    path = HOME / "accounts.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["Name", "Phone"])
        writer.writerows([f"SfBulk {n}", str(n)] for n in range(50))
    result = org("data", "import", "bulk", "--sobject", "Account", "--file", str(path), "--wait", "2", "--line-ending", "LF")
    assert (result["processedRecords"], result["failedRecords"]) == (50, 0), result
    out = HOME / "out.csv"
    org(
        "data", "export", "bulk", "--query", "SELECT Id, Name FROM Account WHERE Name LIKE 'SfBulk %'", "--output-file", str(out),
        "--result-format", "csv", "--wait", "2",
    )
    rows = list(csv.DictReader(out.open()))
    assert len(rows) == 50, len(rows)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["Id"])
        writer.writerows([row["Id"]] for row in rows)
    org("data", "delete", "bulk", "--sobject", "Account", "--file", str(path), "--wait", "2", "--line-ending", "LF")
    result = org("data", "query", "--query", "SELECT COUNT() FROM Account WHERE Name LIKE 'SfBulk %'")
    assert result["totalSize"] == 0, result


print(f"sf: {len(PASSED)} cases passed: {', '.join(PASSED)}")
