//! Every form of statement that sf-soql reads, asked of the org: it answers, or it refuses in words that are listed here.
use crate::given::Given;
use serde_json::{Value, json};
use sf_testorg::{Request, TestOrg};

/// Forms that the parser takes, about objects that the org has; for a refusal the end of its message.
const FORMS: &[(&str, &str)] = &[
    ("SELECT COUNT() FROM Account", ""),
    ("select count ( ) from account", ""),
    (
        "SELECT COUNT(Id) c, COUNT_DISTINCT(Industry), SUM(AnnualRevenue), AVG(AnnualRevenue), MIN(Name), max(Name) FROM Account",
        "",
    ),
    ("SELECT Id x FROM Account", "only aggregate expressions use field aliasing"),
    ("SELECT COUNT(Id) count FROM Account", ""),
    ("SELECT (SELECT Id FROM Contacts) c FROM Account", "only aggregate expressions use field aliasing"),
    ("SELECT Id FROM Account AS a", ""),
    ("SELECT DISTINCT Name FROM Account", "only aggregate expressions use field aliasing"),
    ("SELECT foo(Name) FROM Account", "Unknown function: foo"),
    (
        "SELECT FORMAT(convertCurrency(Amount)) amount FROM Opportunity",
        "convertCurrency can only be used in an organization with multiple currencies",
    ),
    ("SELECT FORMAT(Amount) text, Amount FROM Opportunity", ""),
    ("SELECT toLabel(Industry) FROM Account WHERE toLabel(Industry) = 'Banking'", ""),
    (
        "SELECT Id, (SELECT Id FROM Contacts c WHERE c.LastName != null ORDER BY Id LIMIT 3 OFFSET 1 FOR VIEW) FROM Account LIMIT 1",
        "",
    ),
    ("SELECT Id, (SELECT Contact.LastName FROM Account.Contacts) FROM Account", ""),
    ("SELECT Id, (SELECT Id FROM A.Contacts WHERE Contact.LastName != null) FROM Account A", ""),
    ("SELECT Id, (SELECT Id, (SELECT Id FROM Tasks) FROM Contacts) FROM Account", ""),
    (
        "SELECT TYPEOF What WHEN Account THEN Phone, Name WHEN Opportunity THEN Amount ELSE Name END FROM Event",
        "",
    ),
    (
        "SELECT TYPEOF What WHEN Account THEN Phone END w FROM Event",
        "only aggregate expressions use field aliasing",
    ),
    ("SELECT FIELDS(ALL) FROM Account LIMIT 200", ""),
    ("SELECT FIELDS(ALL) FROM Account", "The SOQL FIELDS function must have a LIMIT of at most 200"),
    ("SELECT FIELDS( standard ) FROM Account", ""),
    ("SELECT FIELDS(STANDARD), Id FROM Account", "duplicate field selected: Id"),
    ("SELECT FIELDS(CUSTOM) FROM Account LIMIT 5", ""),
    ("SELECT FIELDS(CUSTOM) FROM Event LIMIT 5", "The object 'Event' has no custom fields"),
    ("SELECT FIELDS(FOO) FROM Account", "unexpected token: 'FOO'"),
    ("SELECT Id FROM Account LIMIT 5 OFFSET 5", ""),
    ("SELECT Id FROM Account OFFSET 5", ""),
    ("SELECT Id FROM Account LIMIT 0", ""),
    ("SELECT Id FROM Account LIMIT -1", "LIMIT and OFFSET take a number of rows from 0"),
    ("SELECT Id FROM Account FOR VIEW UPDATE VIEWSTAT", ""),
    ("SELECT Id FROM Account FOR REFERENCE", ""),
    ("SELECT Id FROM Account UPDATE TRACKING, VIEWSTAT", ""),
    ("SELECT Id FROM Account USING SCOPE everything", ""),
    ("SELECT Id FROM Account USING SCOPE mine WHERE Name != null WITH USER_MODE", ""),
    ("SELECT Id FROM Account USING SCOPE team", ""),
    ("SELECT Id FROM Account USING SCOPE scopingRule", ""),
    ("SELECT Id FROM Task USING SCOPE delegated", ""),
    ("SELECT Id FROM Case USING SCOPE queue_owned", ""),
    ("SELECT Id FROM Case USING SCOPE user_owned", ""),
    (
        "SELECT Id FROM Account USING SCOPE delegated",
        "The scope 'delegated' is not supported for the entity 'Account'",
    ),
    (
        "SELECT Id FROM Account USING SCOPE my_territory",
        "The scope 'my_territory' is not supported for the entity 'Account'",
    ),
    (
        "SELECT Id FROM Account USING SCOPE my_team_territory",
        "The scope 'my_team_territory' is not supported for the entity 'Account'",
    ),
    (
        "SELECT Id FROM Account USING SCOPE mine_and_my_groups",
        "The scope 'mine_and_my_groups' is not supported for the entity 'Account'",
    ),
    ("SELECT Id FROM Account WITH SECURITY_ENFORCED ORDER BY Id", ""),
    ("SELECT Id FROM Account WITH SYSTEM_MODE", ""),
    (
        "SELECT Id FROM Account WITH Network = 'x' ORDER BY Id",
        "The filter 'Network' is not supported for the entity 'Account'",
    ),
    (
        "SELECT Id FROM Account WITH DATA CATEGORY Geography__c above_or_below (usa__c, uk__c) AND Product__c at (tv__c)",
        "Data category filters are not supported for the entity 'Account'",
    ),
    ("SELECT Id FROM Account;", ""),
    ("SELECT Id FROM Group GROUP BY Id", ""),
    ("SELECT Id FROM Case", ""),
    ("SELECT Account.Id, Account.Name FROM Account ORDER BY Account.Id", ""),
    ("SELECT a.Name FROM Contact AS c, c.Account a, a.Owner o WHERE o.Name != 'x'", ""),
    ("SELECT Name, COUNT(Id) FROM Account GROUP BY Name HAVING COUNT(Id) > 1 AND Name LIKE 'x%'", ""),
    ("SELECT Industry, Type, GROUPING(Industry) g FROM Account GROUP BY ROLLUP(Industry, Type)", ""),
    (
        "SELECT CALENDAR_YEAR(CreatedDate) y, Industry FROM Account GROUP BY cube(Industry, CALENDAR_YEAR(CreatedDate))",
        "",
    ),
    ("SELECT Name FROM Account ORDER BY Name ASC NULLS FIRST, Industry DESC NULLS LAST", ""),
    (
        "SELECT Name FROM Account ORDER BY OwnerId NULLS LAST",
        "NULLS LAST is not supported for the field 'OwnerId'",
    ),
    ("SELECT Industry FROM Account GROUP BY Industry ORDER BY COUNT(Name)", ""),
    ("SELECT\n\tId\r\nFROM Account", ""),
    (
        "SELECT DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'km') d FROM Account ORDER BY DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'km') DESC",
        "",
    ),
    (
        "SELECT Id FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'mi') >= 5.5",
        "DISTANCE can only be compared with < and >",
    ),
    (
        "SELECT CALENDAR_YEAR(convertTimezone(CreatedDate)) y FROM Account GROUP BY CALENDAR_YEAR(convertTimezone(CreatedDate))",
        "",
    ),
];

/// Conditions on an account.
const CONDITIONS: &[(&str, &str)] = &[
    ("(Name = 'a' AND Site = 'b') OR Site = 'c'", ""),
    ("NOT (NOT Name = 'a')", ""),
    ("Name <> 'a' AND (NOT Name = 'b')", ""),
    ("AnnualRevenue < = 1 AND AnnualRevenue > = .5 AND AnnualRevenue ! = -.50", ""),
    (
        "Name LIKE 5",
        "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
    ),
    (
        "Name LIKE null",
        "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
    ),
    (
        "Name LIKE TODAY",
        "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
    ),
    ("Name NOT IN ('x', null)", ""),
    (
        "Name NOT IN ('x', null, 1)",
        "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
    ),
    ("CreatedDate IN (LAST_N_DAYS:3, TODAY)", ""),
    ("AnnualRevenue IN (USD5, USD7)", ""),
    ("AnnualRevenue > usd5000.5", ""),
    (
        "NumberOfEmployees > USD5",
        "value of filter criterion for field 'NumberOfEmployees' must be of type int and should not be enclosed in quotes",
    ),
    ("AnnualRevenue IN (USD5, 7)", "amounts with and without a currency can not be mixed in one list"),
    ("Id IN (SELECT c.AccountId FROM Contact c USING SCOPE mine WHERE c.LastName != null)", ""),
    (
        "Id IN (SELECT AccountId FROM Contact WITH Network = 'x')",
        "The filter 'Network' is not supported for the entity 'Contact'",
    ),
    ("foo(Name) = 1", "Unknown function: foo"),
    ("CALENDAR_YEAR(convertTimezone(CreatedDate)) = 2026", ""),
    (
        "CALENDAR_YEAR(CreatedDate) = THIS_YEAR",
        "value of filter criterion for field 'CreatedDate' must be of type int and should not be enclosed in quotes",
    ),
    ("(((Name='a')))", ""),
    ("IsDeleted = tRuE OR IsDeleted = null", ""),
    ("CreatedDate > 2026-01-31T08:00:00.5+01:30", ""),
    (
        "CreatedDate = next_fiscal_quarter OR CreatedDate = LAST_N_FISCAL_YEARS:2 OR CreatedDate = N_FISCAL_QUARTERS_AGO:1",
        "",
    ),
    (
        "CreatedDate = THIS_FISCAL_YEAR OR FISCAL_QUARTER(CreatedDate) = 1 OR FISCAL_MONTH(CreatedDate) = 2",
        "",
    ),
    (
        "SystemModstamp = 2026-01-31",
        "value of filter criterion for field 'SystemModstamp' must be of type dateTime and should not be enclosed in quotes",
    ),
    (r"Name = '\n\N\r\t\b\'\\\u0041\U00e4' OR Name LIKE '50\%\_%_'", ""),
    ("Industry INCLUDES ('A')", "invalid operator on picklist field"),
    ("BillingAddress = 'x'", "field 'BillingAddress' can not be filtered in a query call"),
    (
        "AnnualRevenue = 2026-01-31",
        "value of filter criterion for field 'AnnualRevenue' must be of type currency and should not be enclosed in quotes",
    ),
];

#[test]
fn every_form_is_answered_or_refused_in_words_that_are_listed() {
    let given = Given::demo();
    let conditions = CONDITIONS.iter().map(|(c, end)| (format!("SELECT Id FROM Account WHERE {c}"), *end));
    let forms = FORMS.iter().map(|(soql, end)| ((*soql).to_owned(), *end)).chain(conditions);
    let mut wrong = Vec::new();
    for (soql, refusal) in forms {
        sf_soql::Statement::parse(&soql).unwrap_or_else(|e| panic!("{}", e.pretty()));
        let (status, body) = given.query(&soql);
        let message = body[0]["message"].as_str().unwrap_or_default();
        let ends = message.ends_with(refusal) || message.contains(&format!("\n{refusal}. "));
        let as_listed = if refusal.is_empty() { status == 200 } else { status == 400 && ends };
        if !as_listed || message.contains("simulated") {
            wrong.push(format!("{soql}: {status} {message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn children_may_be_named_with_their_parent_and_their_object() {
    let given = Given::empty();
    let acme = given.account("Acme");
    given.insert("Contact", json!({"LastName": "Ada", "AccountId": acme}));
    given.insert("Contact", json!({"LastName": "Bob", "AccountId": acme}));
    let soql = "SELECT Name, (SELECT Contact.LastName, Contact.Account.Name FROM Account.Contacts WHERE Contact.LastName > 'B' ORDER BY Contact.LastName) FROM Account";
    let records = given.records(soql);
    let children = records[0]["Contacts"]["records"].as_array().unwrap();
    assert_eq!(children.len(), 1);
    assert_eq!((&children[0]["LastName"], &children[0]["Account"]["Name"]), (&json!("Bob"), &json!("Acme")));
}

#[test]
fn scopes_leave_the_rows_that_they_say() {
    let given = Given::demo();
    let count = |scope: &str| {
        given.query(&format!("SELECT COUNT() FROM Task USING SCOPE {scope}")).1["totalSize"].clone()
    };
    let user = given.org.credentials().user_id.clone();
    let by = |condition: &str| {
        given.query(&format!("SELECT COUNT() FROM Task WHERE {condition}")).1["totalSize"].clone()
    };
    assert_eq!(count("everything"), by("Id != null"));
    assert_eq!(count("scopingRule"), by("Id != null"));
    assert_eq!(count("mine"), by(&format!("OwnerId = '{user}'")));
    assert_eq!(count("delegated"), by(&format!("CreatedById = '{user}' AND OwnerId != '{user}'")));
    assert_eq!(count("team"), json!(0));
    // Nobody else's and not deleted: the scope stands beside the condition.
    let mine =
        given.query("SELECT COUNT() FROM Task USING SCOPE mine WHERE Status = 'Completed'").1["totalSize"]
            .clone();
    assert_eq!(mine, by(&format!("OwnerId = '{user}' AND Status = 'Completed'")));
}

#[test]
fn given_a_locator_when_another_user_asks_for_it_then_it_is_no_locator_of_theirs() {
    // REST API guide, extended error codes: UNAUTHORIZED_USER_FOR_CURSOR.
    let given = Given { org: TestOrg::builder().page_size(10).connected_app(crate::oauth::desk()).build() };
    let (username, _) = crate::oauth::user(&given.org, "ae1@");
    let theirs = crate::oauth::signed_in(&given.org, &username);
    let theirs = crate::oauth::text(&theirs, "access_token");
    for soql in ["SELECT Id FROM Account", "SELECT Id, (SELECT Id FROM Opportunities) FROM Account"] {
        let (_, page) = given.query(soql);
        let next = page["nextRecordsUrl"].as_str().unwrap();
        let refused = given.org.handle(&Request::get(next).bearer(theirs));
        let body = json!([{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]);
        assert_eq!((refused.status, crate::given::read(&refused)), (400, body));
        assert_eq!(given.get(next).0, 200);
    }
}

#[test]
fn given_a_polymorphic_parent_when_its_fields_are_read_then_what_only_users_have_is_null_of_others() {
    // Object Reference, "Name": Alias, IsActive, Phone, ProfileId, Username of users; Email of users and queues.
    let given = Given::empty();
    let contact = given
        .insert("Contact", json!({"LastName": "c", "Email": "c@x.example", "Phone": "1", "Title": "CEO"}));
    given.insert("Task", json!({"Subject": "t", "WhoId": contact}));
    let row = &given.records(
        "SELECT Who.LastName, Who.Title, Who.Email, Who.Phone, Who.IsActive, Owner.Email, Owner.IsActive, Owner.Username FROM Task",
    )[0];
    let who = &row["Who"];
    assert_eq!((&who["LastName"], &who["Title"]), (&json!("c"), &json!("CEO")));
    assert_eq!((&who["Email"], &who["Phone"], &who["IsActive"]), (&Value::Null, &Value::Null, &Value::Null));
    let owner = &row["Owner"];
    assert!(
        owner["Email"].is_string() && owner["Username"].is_string() && owner["IsActive"] == true,
        "{owner}"
    );
    assert_eq!(given.records("SELECT Id FROM Task WHERE Who.Email = null").len(), 1);
    let typed = "SELECT TYPEOF Who WHEN Contact THEN Email, Phone END FROM Task";
    assert_eq!(given.records(typed)[0]["Who"]["Email"], "c@x.example");
}
