//! Which statements the org takes: the verdicts of Salesforce's own parser, through `/query`.
use crate::given::Given;
use serde_json::json;

fn accepts(given: &Given, statements: &[&str]) {
    for soql in statements {
        let (status, body) = given.query(soql);
        assert_eq!(status, 200, "{soql}: {body}");
    }
}
fn rejects(given: &Given, statements: &[&str]) {
    for soql in statements {
        assert_eq!(given.query_error(soql).0, "MALFORMED_QUERY", "{soql}");
    }
}
fn whole(condition: &str) -> String {
    format!("SELECT Id FROM Account WHERE {condition}")
}
fn accepts_where(given: &Given, conditions: &[&str]) {
    let all: Vec<String> = conditions.iter().map(|c| whole(c)).collect();
    accepts(given, &all.iter().map(String::as_str).collect::<Vec<_>>());
}
fn rejects_where(given: &Given, conditions: &[&str]) {
    let all: Vec<String> = conditions.iter().map(|c| whole(c)).collect();
    rejects(given, &all.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn keywords_and_names_compare_without_case_and_answers_have_the_describes() {
    let given = Given::empty();
    given.insert("Account", json!({"Name": "Acme", "Site": "HQ"}));
    let records = given.records("sElEcT nAmE, sItE fRoM aCCOUNT wHeRe NAME = 'acme' oRdEr By name LiMiT 1");
    let keys: Vec<&String> = records[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["Name", "Site", "attributes"]);
    assert_eq!(records[0]["attributes"]["type"], "Account");
}

#[test]
fn and_and_or_do_not_mix_without_parentheses() {
    let given = Given::empty();
    rejects_where(&given, &["Name='a' AND Site='b' OR Fax='c'", "Name='a' OR Site='b' AND Fax='c'"]);
    accepts_where(
        &given,
        &[
            "(Name='a' AND Site='b') OR Fax='c'",
            "Name='a' OR Site='b' OR Fax='c'",
            "(Name='a') AND (Site='b' OR Fax='c') AND Phone='d'",
        ],
    );
}

#[test]
fn not_stands_alone_or_in_parentheses() {
    let given = Given::empty();
    accepts_where(
        &given,
        &[
            "NOT Name='a'",
            "NOT (Name='a' AND Site='b')",
            "NOT (NOT Name='a')",
            "Name='a' AND (NOT Site='b')",
            "(NOT Name='a') AND Site='b'",
        ],
    );
    rejects_where(
        &given,
        &[
            "NOT Name='a' AND Site='b'",
            "NOT(Name='a') AND Site='b'",
            "Name='a' AND NOT Site='b'",
            "Name='a' AND NOT(Site='b')",
            "NOT NOT Name='a'",
        ],
    );
}

#[test]
fn operators_are_those_of_the_parser() {
    let given = Given::empty();
    accepts_where(
        &given,
        &[
            "Name <> 'a'",
            "Name ! = 'a'",
            "NumberOfEmployees < = 1",
            "Name='a'AND Site='b'",
            "(Name='a')",
            "Name IN('x')",
        ],
    );
    rejects_where(
        &given,
        &[
            "Name == 'a'",
            "Name IS NULL",
            "NumberOfEmployees BETWEEN 1 AND 2",
            "Name NOT LIKE 'x'",
            "Name = Site",
            "1 = NumberOfEmployees",
            "Name",
            "Name LIKE ('x','y')",
            "Name IN ()",
            "Name IN 'x'",
        ],
    );
}

#[test]
fn a_select_list_is_what_the_parser_takes() {
    let given = Given::empty();
    rejects(
        &given,
        &[
            "SELECT * FROM Account",
            "SELECT Id, FROM Account",
            "SELECT FROM Account",
            "SELECT COUNT(), Id FROM Account",
            "SELECT Id, COUNT() FROM Account",
            "SELECT COUNT() c FROM Account",
            "SELECT Id AS x FROM Account",
            "SELECT COUNT(Id) AS c FROM Account",
            "SELECT DISTINCT Name FROM Account",
            "SELECT toLabel(Name, Site) FROM Account",
            "SELECT FIELDS(FOO) FROM Account LIMIT 1",
        ],
    );
    accepts(
        &given,
        &[
            "SELECT Id FROM Account AS a",
            "SELECT a.Id FROM Account a",
            "SELECT Account.Id FROM Account",
            "SELECT FIELDS( standard ) FROM Account",
            "SELECT Id FROM Account;",
        ],
    );
}

#[test]
fn clauses_come_in_their_fixed_order() {
    let given = Given::empty();
    accepts(
        &given,
        &[
            "SELECT Id FROM Account ORDER BY Name DESC NULLS LAST LIMIT 5 OFFSET 5",
            "SELECT Id FROM Account OFFSET 5",
            "SELECT Id FROM Account USING SCOPE mine WHERE Name = 'a'",
            "SELECT Id FROM Account WITH SECURITY_ENFORCED",
            "SELECT Id FROM Account WHERE Name = 'a' WITH USER_MODE ORDER BY Name",
        ],
    );
    rejects(
        &given,
        &[
            "SELECT Id FROM Account OFFSET 5 LIMIT 5",
            "SELECT Id FROM Account LIMIT 5.5",
            "SELECT Id FROM Account LIMIT 10,5",
            "SELECT Id FROM Account ORDER BY Name NULLS LAST DESC",
            "SELECT Id FROM Account WHERE Name = 'a' USING SCOPE mine",
            "SELECT Name FROM Account HAVING COUNT(Id) > 1",
            "SELECT Name, COUNT(Id) FROM Account GROUP BY ROLLUP(Name), Site",
        ],
    );
}

#[test]
fn what_is_only_apex_is_refused_over_rest() {
    let given = Given::empty();
    rejects(
        &given,
        &[
            "SELECT Id FROM Account WHERE Name = :name",
            "SELECT Id FROM Account WHERE Name IN :names",
            "SELECT Id FROM Account FOR UPDATE",
            "SELECT Id FROM Account ALL ROWS",
        ],
    );
}

#[test]
fn comments_are_no_part_of_a_statement() {
    let given = Given::empty();
    rejects(
        &given,
        &[
            "SELECT Id FROM Account -- all",
            "SELECT Id /* all */ FROM Account",
            "SELECT Id FROM Account // all",
        ],
    );
}

#[test]
fn words_of_clauses_that_are_not_reserved_may_be_names() {
    let given = Given::empty();
    given.account("Acme");
    accepts(
        &given,
        &[
            "SELECT Id FROM Case",
            "SELECT Name, COUNT(Id) count FROM Account GROUP BY Name",
            "SELECT Name, COUNT(Id) scope FROM Account GROUP BY Name",
        ],
    );
    for word in ["first", "limit", "like", "where", "with", "using"] {
        let soql = format!("SELECT Name, COUNT(Id) {word} FROM Account GROUP BY Name");
        assert_eq!(given.query_error(&soql).0, "MALFORMED_QUERY", "{word}");
    }
}

#[test]
fn texts_are_in_single_quotes_with_the_documented_escapes() {
    let given = Given::empty();
    for (name, written) in [
        ("it's", r"it\'s"),
        (r"back\slash", r"back\\slash"),
        ("say \"hi\"", r#"say \"hi\""#),
        ("raw \"quote\"", "raw \"quote\""),
        ("ü", r"\u00FC"),
        ("100%_sure", "100%_sure"),
    ] {
        given.account(name);
        let found = given.column(&format!("SELECT Name FROM Account WHERE Name = '{written}'"), "Name");
        assert_eq!(found, [name], "{written}");
    }
    given.insert("Account", json!({"Name": "two", "BillingStreet": "line\nbreak\ttab"}));
    assert_eq!(given.records(&whole(r"BillingStreet = 'line\nbreak\ttab'")).len(), 1);
    rejects_where(
        &given,
        &[
            r#"Name = "Acme""#,
            "Name = 'it''s'",
            r"Name = 'a\x'",
            r"Name = 'a\f'",
            r"Name = 'a\_b'",
            r"Name = '\u12'",
            "Name = 'open",
        ],
    );
}

#[test]
fn like_has_two_wildcards_that_can_be_escaped_and_ignores_case() {
    let given = Given::empty();
    ["Acme", "acme corp", "Ac_e", "100%"].iter().for_each(|name| drop(given.account(name)));
    let found = |pattern: &str| {
        given.column(&format!("SELECT Name FROM Account WHERE Name LIKE '{pattern}' ORDER BY Name"), "Name")
    };
    assert_eq!(found("ACME%"), ["Acme", "acme corp"]);
    // Sorted in upper case, where the underscore comes behind all letters.
    assert_eq!(found("Ac_e"), ["Acme", "Ac_e"]);
    assert_eq!(found(r"Ac\_e"), ["Ac_e"]);
    assert_eq!(found(r"%\%"), ["100%"]);
    assert_eq!(found("acm"), Vec::<serde_json::Value>::new());
}

#[test]
fn numbers_have_no_exponent_and_a_zone_belongs_to_a_date_time() {
    let given = Given::empty();
    accepts_where(
        &given,
        &[
            "AnnualRevenue > .5",
            "AnnualRevenue > -1.50",
            "AnnualRevenue > +007",
            "CreatedDate > 2026-01-02T03:04:05Z",
            "CreatedDate > 2026-01-02T03:04:05.123Z",
            "CreatedDate > 2026-01-02t03:04:05z",
            "CreatedDate > 2026-01-02T03:04:05+01:00",
            "CreatedDate > 2026-01-02T03:04:05-0100",
            "IsDeleted = FALSE",
            "IsDeleted = False",
            "Name = NULL",
        ],
    );
    rejects_where(
        &given,
        &[
            "AnnualRevenue > 1e5",
            "AnnualRevenue > 5.",
            "AnnualRevenue > 5L",
            "CreatedDate > 2026-01-02T03:04:05",
            "CreatedDate > 2026-01-02T03:04Z",
            "CreatedDate > 2026-01-02 03:04:05Z",
            "CreatedDate > 2026-01-02T03:04:05+8:00",
            "CreatedDate > 2026-1-2",
        ],
    );
}

#[test]
fn all_44_date_literals_are_known() {
    let given = Given::empty();
    let mut all: Vec<String> =
        ["YESTERDAY", "TODAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS"].map(str::to_owned).into();
    for unit in ["WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"] {
        all.extend(["LAST", "THIS", "NEXT"].map(|which| format!("{which}_{unit}")));
    }
    for unit in ["DAYS", "WEEKS", "MONTHS", "QUARTERS", "YEARS", "FISCAL_QUARTERS", "FISCAL_YEARS"] {
        all.extend([format!("LAST_N_{unit}:3"), format!("NEXT_N_{unit}:3"), format!("N_{unit}_AGO:3")]);
    }
    assert_eq!(all.len(), 44);
    for literal in &all {
        for spelled in [literal.clone(), literal.to_lowercase()] {
            let (status, body) = given.query(&whole(&format!("CreatedDate = {spelled}")));
            assert_eq!(status, 200, "{spelled}: {body}");
        }
    }
    for wrong in ["LAST_N_DAYS", "TODAY:3", "LAST_N_DAYS:-1", "LAST_N_DAYS:x", "LAST_DECADE"] {
        let (status, body) = given.query(&whole(&format!("CreatedDate = {wrong}")));
        assert_eq!(status, 400, "{wrong}: {body}");
    }
}

#[test]
fn day_units_of_last_n_include_today_and_those_of_next_n_do_not() {
    let given = Given::empty();
    let account = given.account("a");
    for day in ["2026-01-02", "2026-01-03", "2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"] {
        given.insert(
            "Opportunity",
            json!({"Name": day, "AccountId": account, "StageName": "Prospecting", "CloseDate": day}),
        );
    }
    let found = |condition: &str| {
        given.column(
            &format!("SELECT Name FROM Opportunity WHERE CloseDate {condition} ORDER BY Name"),
            "Name",
        )
    };
    assert_eq!(found("= LAST_N_DAYS:2"), ["2026-01-03", "2026-01-05"]);
    assert_eq!(found("= NEXT_N_DAYS:2"), ["2026-01-06", "2026-01-07"]);
    assert_eq!(found("= N_DAYS_AGO:3"), ["2026-01-02"]);
    assert_eq!(found("< LAST_N_DAYS:2"), ["2026-01-02"]);
    assert_eq!(found("> NEXT_N_DAYS:2"), ["2026-01-08"]);
    assert_eq!(found("= LAST_N_WEEKS:1"), ["2026-01-02", "2026-01-03"]);
}

#[test]
fn date_functions_have_the_documented_values() {
    let given = Given::empty();
    let account = given.account("a");
    let of = |day: &str, condition: &str| {
        let fields = json!({"Name": "o", "AccountId": account, "StageName": "Prospecting", "CloseDate": day});
        let id = given.insert("Opportunity", fields);
        let found =
            given.records(&format!("SELECT Id FROM Opportunity WHERE Id = '{id}' AND {condition}")).len();
        assert_eq!(found, 1, "{day} {condition}");
    };
    // Thursday, 15 October 2026.
    for condition in [
        "CALENDAR_MONTH(CloseDate) = 10",
        "CALENDAR_QUARTER(CloseDate) = 4",
        "CALENDAR_YEAR(CloseDate) = 2026",
        "DAY_IN_MONTH(CloseDate) = 15",
        "DAY_IN_WEEK(CloseDate) = 5",
        "DAY_IN_YEAR(CloseDate) = 288",
        "FISCAL_MONTH(CloseDate) = 10",
        "FISCAL_QUARTER(CloseDate) = 4",
        "FISCAL_YEAR(CloseDate) = 2026",
        "WEEK_IN_MONTH(CloseDate) = 3",
        "WEEK_IN_YEAR(CloseDate) = 42",
    ] {
        of("2026-10-15", condition);
    }
    of("2026-10-18", "DAY_IN_WEEK(CloseDate) = 1");
    assert_eq!(
        given.query_error("SELECT Id FROM Opportunity WHERE CALENDAR_YEAR(CloseDate) = THIS_YEAR").0,
        "INVALID_FIELD"
    );
    let grouped = given.records(
        "SELECT CALENDAR_YEAR(CloseDate) y, COUNT(Id) n FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate)",
    );
    assert_eq!((&grouped[0]["y"], &grouped[0]["n"]), (&json!(2026), &json!(12)));
}

#[test]
fn fields_all_and_custom_need_a_limit_of_200() {
    let given = Given::empty();
    given.account("a");
    for wrong in ["SELECT FIELDS(ALL) FROM Account", "SELECT FIELDS(CUSTOM) FROM Account LIMIT 201"] {
        assert_eq!(given.query_error(wrong).0, "MALFORMED_QUERY", "{wrong}");
    }
    let all = given.records("SELECT FIELDS(ALL) FROM Account LIMIT 200").remove(0);
    let standard = given.records("SELECT FIELDS(STANDARD) FROM Account").remove(0);
    let custom = given.records("SELECT FIELDS(CUSTOM) FROM Account LIMIT 1").remove(0);
    let count = |record: &serde_json::Value| record.as_object().unwrap().len();
    assert_eq!(count(&all) - 1, count(&standard) - 1 + count(&custom) - 1);
    assert!(custom.as_object().unwrap().keys().all(|key| key == "attributes" || key.ends_with("__c")));
    let (code, message) = given.query_error("SELECT FIELDS(ALL), Id FROM Account LIMIT 1");
    assert_eq!(
        (code.as_str(), message.ends_with("duplicate field selected: Id")),
        ("INVALID_FIELD", true),
        "{message}"
    );
}

#[test]
fn comparisons_of_texts_ignore_case_and_of_multipicklists_look_at_the_set() {
    let given = crate::assumed::assuming(|_| {});
    given.insert("Thing__c", json!({"Name": "Ab", "Picks__c": "a;b"}));
    given.insert("Thing__c", json!({"Name": "b", "Picks__c": "b"}));
    let found = |condition: &str| {
        given.column(&format!("SELECT Name FROM Thing__c WHERE {condition} ORDER BY Name"), "Name")
    };
    assert_eq!(found("Name = 'AB'"), ["Ab"]);
    assert_eq!(found("Name IN ('aB')"), ["Ab"]);
    assert_eq!(found("Name < 'B'"), ["Ab"]);
    assert_eq!(found("Picks__c = 'a;b'"), ["Ab"]);
    assert_eq!(found("Picks__c != 'a;b'"), ["b"]);
    assert_eq!(found("Picks__c INCLUDES ('a', 'b')"), ["Ab", "b"]);
    assert_eq!(found("Picks__c EXCLUDES ('a;b')"), ["b"]);
}

#[test]
fn a_semi_join_is_one_of_two_at_the_top_and_not_nested() {
    let given = Given::empty();
    let (contacts, deals) =
        ("Id IN (SELECT AccountId FROM Contact)", "Id IN (SELECT AccountId FROM Opportunity)");
    accepts_where(&given, &[&format!("{contacts} AND {deals}")]);
    for (condition, text) in [
        (
            format!("{contacts} AND {deals} AND Id IN (SELECT AccountId FROM Case)"),
            "Maximum 2 semi join sub-selects are allowed",
        ),
        (format!("(NOT {contacts})"), "only allowed at the top level WHERE expressions"),
        (
            "Id IN (SELECT AccountId FROM Contact WHERE OwnerId IN (SELECT Id FROM User))".into(),
            "Nesting of semi join sub-selects is not supported",
        ),
    ] {
        let (code, message) = given.query_error(&whole(&condition));
        assert!(code == "MALFORMED_QUERY" && message.contains(text), "{condition}: {message}");
    }
    rejects_where(
        &given,
        &[
            "Id IN (SELECT AccountId FROM Contact ORDER BY Id)",
            "Id IN (SELECT AccountId FROM Contact LIMIT 3)",
            "Id IN (SELECT AccountId, Name FROM Contact)",
        ],
    );
}

#[test]
fn a_query_of_who_can_be_bound_to_contacts_by_a_semi_join() {
    let given = Given::empty();
    let contact = given.insert("Contact", json!({"LastName": "c"}));
    let lead = given.insert("Lead", json!({"LastName": "l", "Company": "l"}));
    for who in [&contact, &lead] {
        given.insert("Task", json!({"Subject": "s", "WhoId": who}));
    }
    assert_eq!(
        given.column("SELECT WhoId FROM Task WHERE WhoId IN (SELECT Id FROM Contact)", "WhoId"),
        [contact]
    );
}
