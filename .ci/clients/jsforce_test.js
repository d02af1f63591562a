// npm's jsforce against the simulated org, unmodified.
"use strict";
const assert = require("node:assert/strict");
const { createRequire } = require("node:module");
const jsforce = createRequire(`${process.env.SF_CLIENTS}/package.json`)("jsforce");

const org = JSON.parse(process.env.SF_ORG);

function connection(more = {}) {
  return new jsforce.Connection({
    instanceUrl: org.instance_url,
    accessToken: org.access_token,
    version: org.api_version,
    ...more,
  });
}

const conn = connection();
const cases = {
  async one_row_is_made_read_changed_and_deleted() {
    const made = await conn.sobject("Account").create({ Name: "O'Neil & Söhne", AnnualRevenue: 1234567.5 });
    assert.equal(made.success, true);
    const row = await conn.sobject("Account").retrieve(made.id);
    assert.equal(row.Name, "O'Neil & Söhne");
    assert.equal(row.AnnualRevenue, 1234567.5);
    const changed = await conn.sobject("Account").update({ Id: made.id, Name: "New", Website: null });
    assert.equal(changed.success, true);
    assert.equal((await conn.sobject("Account").retrieve(made.id)).Name, "New");
    assert.equal((await conn.sobject("Account").destroy(made.id)).success, true);
    await assert.rejects(conn.sobject("Account").retrieve(made.id), { errorCode: "NOT_FOUND" });
  },

  async collections_take_many_rows_and_tell_of_each() {
    const rows = Array.from({ length: 450 }, (_, n) => ({ Name: `Page ${String(n).padStart(3, "0")}` }));
    const made = await conn.sobject("Account").create(rows, { allowRecursive: true });
    assert.equal(made.length, 450);
    assert.ok(made.every((one) => one.success));
    const mixed = await conn.sobject("Account").create([{ Name: "Good" }, {}]);
    assert.deepEqual(mixed.map((one) => one.success), [true, false]);
    assert.equal(mixed[1].errors[0].statusCode, "REQUIRED_FIELD_MISSING");
    const all = await conn.sobject("Account").create([{ Name: "Good" }, {}], { allOrNone: true });
    assert.equal(all[0].errors[0].statusCode, "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    const ids = made.slice(0, 3).map((one) => one.id);
    const updated = await conn.sobject("Account").update(ids.map((Id) => ({ Id, Phone: "1" })));
    assert.ok(updated.every((one) => one.success));
    const read = await conn.sobject("Account").retrieve(ids);
    assert.deepEqual(read.map((row) => row.Phone), ["1", "1", "1"]);
    const gone = await conn.sobject("Account").destroy(ids);
    assert.ok(gone.every((one) => one.success));
  },

  async queries_are_read_page_by_page() {
    const soql = "SELECT Id, Name FROM Account WHERE Name LIKE 'Page %' ORDER BY Name";
    const first = await conn.query(soql, { headers: { "Sforce-Query-Options": "batchSize=200" } });
    assert.deepEqual([first.totalSize, first.done, first.records.length], [447, false, 200]);
    const second = await conn.queryMore(first.nextRecordsUrl);
    assert.equal(second.records[0].Name, "Page 203");
    const all = await conn.query(soql, { autoFetch: true, maxFetch: 10000 });
    assert.equal(all.records.length, 447);
    const streamed = [];
    await new Promise((resolve, reject) =>
      conn.query(soql).on("record", (row) => streamed.push(row.Name)).on("end", resolve).on("error", reject).run({ autoFetch: true, maxFetch: 10000 }),
    );
    assert.equal(streamed.length, 447);
    const built = await conn.sobject("Account").find({ Name: { $like: "Page 4%" } }, "Id, Name").sort({ Name: -1 }).limit(2);
    assert.deepEqual(built.map((row) => row.Name), ["Page 449", "Page 448"]);
    const count = await conn.query("SELECT COUNT() FROM Account WHERE Name LIKE 'Page %'");
    assert.equal(count.totalSize, 447);
    const groups = await conn.query("SELECT Industry, COUNT(Id) n FROM Account GROUP BY Industry ORDER BY COUNT(Id) DESC");
    assert.ok(groups.records.every((row) => row.attributes.type === "AggregateResult" && row.n > 0));
  },

  async children_and_parents_are_nested() {
    const { id } = await conn.sobject("Account").create({ Name: "Parent" });
    for (let n = 0; n < 3; n++) await conn.sobject("Contact").create({ LastName: `Child ${n}`, AccountId: id });
    const rows = await conn
      .sobject("Account")
      .find({ Id: id }, "Name")
      .include("Contacts")
      .select("LastName")
      .sort("LastName")
      .end();
    assert.deepEqual(rows[0].Contacts.records.map((row) => row.LastName), ["Child 0", "Child 1", "Child 2"]);
    const [child] = (await conn.query(`SELECT Account.Name FROM Contact WHERE AccountId = '${id}' LIMIT 1`)).records;
    assert.equal(child.Account.Name, "Parent");
  },

  async describes_limits_identity_and_search_are_read() {
    const global = await conn.describeGlobal();
    assert.ok(global.sobjects.some((one) => one.name === "Account"));
    const describe = await conn.sobject("Account").describe();
    const name = describe.fields.find((field) => field.name === "Name");
    assert.equal(name.type, "string");
    assert.ok((await conn.limits()).DailyApiRequests.Max > 0);
    const identity = await conn.identity();
    assert.deepEqual([identity.user_id, identity.organization_id], [org.user_id, org.org_id]);
    await conn.sobject("Account").create({ Name: "Findable Gadgets" });
    const found = await conn.search("FIND {Gadgets} RETURNING Account(Id, Name)");
    assert.equal(found.searchRecords[0].Name, "Findable Gadgets");
    assert.ok((await conn.sobject("Account").recent()).length > 0);
    assert.ok((await conn.requestGet("/query?explain=" + encodeURIComponent("SELECT Id FROM Account"))).plans.length > 0);
  },

  async upserts_say_what_they_did() {
    const email = "jsforce@example.com";
    const made = await conn.sobject("Contact").upsert({ Email: email, LastName: "One" }, "Email");
    assert.equal(made.created, true);
    const again = await conn.sobject("Contact").upsert({ Email: email, LastName: "Two" }, "Email");
    assert.equal(again.created, false);
    await conn.sobject("Contact").create({ Email: email, LastName: "Twin" });
    await assert.rejects(conn.sobject("Contact").upsert({ Email: email, LastName: "x" }, "Email"), { errorCode: "MULTIPLE_CHOICES" });
    const many = await conn.sobject("Contact").upsert([{ Email: "a@example.com", LastName: "A" }, { Email: "b@example.com", LastName: "B" }], "Email");
    assert.ok(many.every((one) => one.success && one.created));
  },

  async changed_and_deleted_rows_are_listed() {
    const end = new Date(Date.now() + 3600e3);
    const start = new Date(end - 3 * 3600e3);
    const { id } = await conn.sobject("Account").create({ Name: "Changed" });
    assert.ok((await conn.sobject("Account").updated(start, end)).ids.includes(id));
    await conn.sobject("Account").destroy(id);
    const { deletedRecords } = await conn.sobject("Account").deleted(start, end);
    assert.ok(deletedRecords.some((one) => one.id === id));
  },

  async errors_have_the_orgs_codes() {
    const code = (errorCode) => ({ errorCode });
    await assert.rejects(conn.query("SELECT Nope FROM Account"), code("INVALID_FIELD"));
    await assert.rejects(conn.query("SELECT Id FORM Account"), code("MALFORMED_QUERY"));
    await assert.rejects(conn.query("SELECT Id FROM Nope"), code("INVALID_TYPE"));
    await assert.rejects(conn.sobject("Account").create({}), code("REQUIRED_FIELD_MISSING"));
    await assert.rejects(conn.sobject("Nope").describe(), code("NOT_FOUND"));
    await assert.rejects(connection({ accessToken: "00Dwrong!token" }).limits(), code("INVALID_SESSION_ID"));
  },

  async an_expired_token_is_refreshed_once_for_all() {
    let refreshed = 0;
    const tired = connection({
      accessToken: "00Dexpired!token",
      refreshToken: org.refresh_token,
      oauth2: new jsforce.OAuth2({ loginUrl: org.instance_url, clientId: org.client_id, clientSecret: org.client_secret }),
    });
    tired.on("refresh", () => (refreshed += 1));
    assert.ok((await tired.limits()).DailyApiRequests.Max > 0);
    assert.equal(refreshed, 1);
    assert.notEqual(tired.accessToken, "00Dexpired!token");
  },

  async bulk_2_loads_and_reads() {
    const rows = Array.from({ length: 300 }, (_, n) => ({ Name: `JsBulk ${n}`, NumberOfEmployees: String(n) }));
    conn.bulk2.pollInterval = 50;
    const results = await conn.bulk2.loadAndWaitForResults({ object: "Account", operation: "insert", input: rows, pollInterval: 50 });
    assert.equal(results.successfulResults.length, 300);
    assert.equal(results.failedResults.length, 0);
    // One row, one page of results: with a second one jsforce ends the process (its issue 1546).
    const stream = await conn.bulk2.query("SELECT Id, Name FROM Account WHERE Name = 'JsBulk 299'", { pollInterval: 50 });
    assert.deepEqual((await stream.toArray()).map((row) => row.Name), ["JsBulk 299"]);
  },

  async bulk_1_loads_and_reads_in_csv() {
    conn.bulk.pollInterval = 50;
    const rows = Array.from({ length: 120 }, (_, n) => ({ Name: `JsBulk1 ${n}`, Description: 'Zoë, "q"\n<&>' }));
    const made = await conn.bulk.load("Account", "insert", rows);
    assert.equal(made.length, 120);
    assert.ok(made.every((one) => one.success && one.id.length === 18 && one.errors.length === 0));
    const [updated, failed] = await conn.bulk.load("Account", "update", [
      { Id: made[0].id, Name: "JsBulk1 0" },
      { Id: made[1].id, Name: null },
    ]);
    assert.deepEqual([updated.success, failed.success], [true, false]);
    assert.match(failed.errors[0], /^REQUIRED_FIELD_MISSING:/);
    const upsert = () => conn.bulk.load("Contact", "upsert", { extIdField: "Email" }, [{ Email: "js1@example.com", LastName: "One" }]);
    assert.equal((await upsert())[0].success, true);
    assert.equal((await upsert())[0].success, true);
    // Three results, one after the other: jsforce reads the header row of each further one as a record.
    const stream = await conn.bulk.query("SELECT Id, Name, Description FROM Account WHERE Name LIKE 'JsBulk1 %'");
    const read = await stream.toArray();
    const found = read.filter((row) => row.Id !== "Id");
    assert.deepEqual([found.length, read.length], [120, 122]);
    assert.equal(found[0].Description, 'Zoë, "q"\n<&>');
    const gone = await conn.bulk.load("Account", "delete", made.map(({ id }) => ({ Id: id })));
    assert.ok(gone.every((one) => one.success));
    await assert.rejects(async () => await conn.bulk.load("Account", "insert", [{ Name: "a", Nope__c: "b" }]), /InvalidBatch : Field name not found : Nope__c/);
    await assert.rejects(conn.bulk.query("SELECT Nope FROM Account"), /InvalidBatch : Failed to process query: INVALID_FIELD/);
    const job = conn.bulk.createJob("Account", "insert");
    const info = await job.open();
    assert.deepEqual([info.state, info.contentType, info.apiVersion], ["Open", "CSV", org.api_version]);
    await new Promise((resolve, reject) => job.createBatch().on("queue", resolve).on("error", reject).execute([{ Name: "Two" }]));
    assert.equal((await job.list()).length, 1);
    assert.equal((await job.check()).numberBatchesTotal, "1");
    assert.equal((await job.abort()).state, "Aborted");
  },

  async bulk_1_refreshes_a_dead_session() {
    const tired = connection({
      accessToken: "00Dexpired!token",
      refreshToken: org.refresh_token,
      oauth2: new jsforce.OAuth2({ loginUrl: org.instance_url, clientId: org.client_id, clientSecret: org.client_secret }),
    });
    assert.equal((await tired.bulk.createJob("Account", "insert").open()).state, "Open");
    await assert.rejects(connection({ accessToken: "00Dwrong!token" }).bulk.createJob("Account", "insert").open(), { errorCode: "InvalidSessionId" });
    await assert.rejects(conn.bulk.createJob("Nope", "insert").open(), { errorCode: "InvalidJob" });
  },
};

(async () => {
  for (const [name, run] of Object.entries(cases)) {
    await run().catch((error) => {
      console.error(`jsforce: ${name} failed`, error);
      process.exit(1);
    });
  }
  console.log(`jsforce: ${Object.keys(cases).length} cases passed: ${Object.keys(cases).join(", ")}`);
})();
