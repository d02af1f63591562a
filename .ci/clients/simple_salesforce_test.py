"""PyPI's simple-salesforce against the simulated org, unmodified but for plain http to loopback."""

import json
import os
import sys
import time

import requests
import simple_salesforce.bulk
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce import exceptions as sfe

ORG = json.loads(os.environ["SF_ORG"])


class Loopback(HTTPAdapter):
    """simple-salesforce always says https."""

    def send(self, request, **options):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **options)


def session():
    own = requests.Session()
    own.trust_env = False
    own.mount("https://", Loopback())
    return own


def client(token=None):
    return Salesforce(
        instance=ORG["instance_url"].split("://")[1],
        session_id=token or ORG["access_token"],
        session=session(),
        version=ORG["api_version"],
    )


PASSED = []


def case(test):
    test()
    PASSED.append(test.__name__)


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


sf = client()


@case
def one_row_is_made_read_changed_and_deleted():
    made = sf.Account.create({"Name": "O'Neil & Söhne", "AnnualRevenue": 1234567.5})
    assert made["success"] is True and made["errors"] == [], made
    row = sf.Account.get(made["id"])
    assert row["Name"] == "O'Neil & Söhne" and row["AnnualRevenue"] == 1234567.5, row
    assert row["attributes"]["type"] == "Account"
    assert sf.Account.update(made["id"], {"Name": "New", "Website": None}) == 204
    assert sf.Account.get(made["id"])["Name"] == "New"
    assert sf.Account.delete(made["id"]) == 204
    error = refused(sfe.SalesforceResourceNotFound, lambda: sf.Account.get(made["id"]))
    assert error.content[0]["errorCode"] == "NOT_FOUND", error.content


@case
def queries_are_read_page_by_page():
    for start in range(0, 450, 150):
        rows = [{"attributes": {"type": "Account"}, "Name": f"Page {n:03}"} for n in range(start, start + 150)]
        answer = sf.restful("composite/sobjects", method="POST", data=json.dumps({"records": rows}))
        assert all(row["success"] for row in answer), answer
    soql = "SELECT Id, Name FROM Account WHERE Name LIKE 'Page %' ORDER BY Name"
    first = sf.query(soql, headers={"Sforce-Query-Options": "batchSize=200"})
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200), first["totalSize"]
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert second["records"][0]["Name"] == "Page 200"
    assert len(list(sf.query_all_iter(soql))) == 450
    names = [row["Name"] for row in sf.query_all(soql)["records"]]
    assert names == [f"Page {n:03}" for n in range(450)]
    assert sf.query("SELECT COUNT() FROM Account WHERE Name LIKE 'Page %'")["totalSize"] == 450


@case
def children_and_parents_are_nested():
    account = sf.Account.create({"Name": "Parent"})["id"]
    for n in range(3):
        sf.Contact.create({"LastName": f"Child {n}", "AccountId": account})
    row = sf.query(f"SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account WHERE Id = '{account}'")
    children = row["records"][0]["Contacts"]
    assert (children["totalSize"], children["done"]) == (3, True), children
    assert [c["LastName"] for c in children["records"]] == ["Child 0", "Child 1", "Child 2"]
    row = sf.query(f"SELECT Account.Name FROM Contact WHERE AccountId = '{account}'")["records"][0]
    assert row["Account"]["Name"] == "Parent"


@case
def describes_limits_and_search_are_read():
    assert any(o["name"] == "Account" for o in sf.describe()["sobjects"])
    describe = sf.Account.describe()
    name = next(f for f in describe["fields"] if f["name"] == "Name")
    assert name["type"] == "string" and name["nillable"] is False and len(name) == 57, len(name)
    assert sf.Account.metadata()["objectDescribe"]["name"] == "Account"
    assert sf.limits()["DailyApiRequests"]["Max"] > 0
    sf.Account.create({"Name": "Findable Widgets"})
    found = sf.search("FIND {Findable} RETURNING Account(Id, Name)")
    assert found["searchRecords"][0]["Name"] == "Findable Widgets", found
    assert sf.quick_search("Findable")["searchRecords"], found


@case
def errors_have_their_own_kinds():
    error = refused(sfe.SalesforceMalformedRequest, lambda: sf.query("SELECT Nope FROM Account"))
    assert error.content[0]["errorCode"] == "INVALID_FIELD", error.content
    error = refused(sfe.SalesforceMalformedRequest, lambda: sf.query("SELECT Id FORM Account"))
    assert error.content[0]["errorCode"] == "MALFORMED_QUERY", error.content
    error = refused(sfe.SalesforceMalformedRequest, lambda: sf.Account.create({}))
    assert error.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING", error.content
    assert error.content[0]["fields"] == ["Name"]
    error = refused(sfe.SalesforceResourceNotFound, lambda: sf.Nope.describe())
    assert error.content[0]["errorCode"] == "NOT_FOUND", error.content
    error = refused(sfe.SalesforceExpiredSession, lambda: client("00Dwrong!token").limits())
    assert error.content[0]["errorCode"] == "INVALID_SESSION_ID", error.content


@case
def upserts_say_what_they_did():
    email = "upsert@example.com"
    made = sf.Contact.upsert(f"Email/{email}", {"LastName": "Upsert"}, raw_response=True)
    assert made.status_code == 201 and made.json()["created"] is True, made.text
    again = sf.Contact.upsert(f"Email/{email}", {"LastName": "Again"}, raw_response=True)
    assert again.status_code == 200 and again.json()["created"] is False, again.text
    sf.Contact.create({"LastName": "Twin", "Email": email})
    error = refused(sfe.SalesforceMoreThanOneRecord, lambda: sf.Contact.upsert(f"Email/{email}", {"LastName": "x"}))
    assert len(error.content) == 2, error.content


@case
def changed_and_deleted_rows_are_listed():
    import datetime

    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    start = end - datetime.timedelta(hours=3)
    row = sf.Account.create({"Name": "Changed"})["id"]
    answer = sf.Account.updated(start, end)
    assert row in answer["ids"] and answer["latestDateCovered"], answer
    sf.Account.delete(row)
    answer = sf.Account.deleted(start, end)
    assert row in [d["id"] for d in answer["deletedRecords"]], answer


@case
def bulk_2_loads_and_reads_several_result_pages():
    rows = [{"Name": f"Bulk {n:04}", "NumberOfEmployees": str(n)} for n in range(1200)]
    results = sf.bulk2.Account.insert(records=rows)
    assert sum(r["numberRecordsProcessed"] for r in results) == 1200, results
    assert sum(r["numberRecordsFailed"] for r in results) == 0, results
    job = results[0]["job_id"]
    assert sf.bulk2.Account.get_successful_records(job).count("\n") >= 1200
    bad = sf.bulk2.Account.insert(records=[{"Name": "", "Industry": "Energy"}, {"Name": "Good", "Industry": ""}])
    assert bad[0]["numberRecordsFailed"] == 1, bad
    assert "REQUIRED_FIELD_MISSING" in sf.bulk2.Account.get_failed_records(bad[0]["job_id"])
    pages = list(sf.bulk2.Account.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Bulk %'", max_records=500))
    assert len(pages) == 3, len(pages)
    lines = [line for page in pages for line in page.splitlines()[1:]]
    assert len(lines) == 1200, len(lines)


# It asks for a batch every five seconds; the org has it done when it is asked the second time.
simple_salesforce.bulk.sleep = lambda seconds: time.sleep(0.01)


@case
def bulk_1_loads_and_reads_in_json():
    rows = [{"Name": f"Bulk1 {n:03}", "NumberOfEmployees": n, "Description": "Zoë, \"q\" <&>"} for n in range(250)]
    made = sf.bulk.Account.insert(rows, batch_size=100)
    assert len(made) == 250 and all(r["success"] and r["created"] and r["errors"] == [] for r in made), made[:2]
    ids = [r["id"] for r in made]
    assert sf.Account.get(ids[7])["Name"] == "Bulk1 007", "results are in the order of the rows"
    changed = sf.bulk.Account.update([{"Id": ids[0], "Phone": "1"}, {"Id": ids[1], "Name": None}], use_serial=True)
    assert [r["success"] for r in changed] == [True, False], changed
    assert changed[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING", changed
    contacts = [{"Email": "bulk1@example.com", "LastName": "One"}, {"Email": "bulk1b@example.com", "LastName": "Two"}]
    for created in (True, False):
        upserted = sf.bulk.Contact.upsert(contacts, "Email")
        assert [(r["success"], r["created"]) for r in upserted] == [(True, created)] * 2, upserted
    detailed = sf.bulk.Account.insert([{"Name": "Bulk1 detailed"}], include_detailed_results=True)
    assert detailed[0]["Name"] == "Bulk1 detailed" and detailed[0]["success"] is True, detailed
    soql = "SELECT Id, Name, CreatedDate, Owner.IsActive FROM Account WHERE Name LIKE 'Bulk1 %'"
    found = sf.bulk.Account.query(soql)
    assert len(found) == 251 and {r["Id"] for r in found} >= set(ids), len(found)
    assert isinstance(found[0]["CreatedDate"], int) and found[0]["Owner"]["IsActive"] is True, found[0]
    parts = list(sf.bulk.Account.query(soql, lazy_operation=True))
    assert len(parts) == 3 and sum(len(part) for part in parts) == 251, [len(part) for part in parts]
    gone = sf.bulk.Account.delete([{"Id": one} for one in ids])
    assert all(r["success"] for r in gone), gone[:2]
    assert (len(sf.bulk.Account.query(soql)), len(sf.bulk.Account.query_all(soql))) == (1, 251)
    assert sf.bulk.Account.query("SELECT Id FROM Account WHERE Name = 'Nobody'") == []


@case
def bulk_1_errors_have_their_own_words():
    def words(call):
        return refused(sfe.SalesforceMalformedRequest, call).content

    failed = words(lambda: sf.bulk.Account.insert([{"Name": "a", "Nope__c": 1}]))
    assert failed == {"exceptionCode": "InvalidBatch", "exceptionMessage": "Records not processed"}, failed
    failed = words(lambda: sf.bulk.Nope.insert([{"Name": "a"}]))
    assert failed == {"exceptionCode": "InvalidJob", "exceptionMessage": "Unable to find object: Nope"}, failed
    failed = words(lambda: sf.bulk.Account.hard_delete([{"Id": "001000000000001"}]))
    assert failed["exceptionCode"] == "FeatureNotEnabled", failed
    failed = words(lambda: client("00Dwrong!token").bulk.Account.query("SELECT Id FROM Account"))
    assert failed == {"exceptionCode": "InvalidSessionId", "exceptionMessage": "Invalid session id"}, failed
    error = refused(sfe.SalesforceGeneralError, lambda: sf.bulk.Account.query("SELECT Nope FROM Account"))
    assert "InvalidBatch : Failed to process query: INVALID_FIELD" in str(error), str(error)


print(f"simple-salesforce: {len(PASSED)} cases passed: {', '.join(PASSED)}")
sys.exit(0)
