//! Errors of statements: Salesforce's code and words, and the place of what is wrong.
use crate::{assumed::assuming, given::Given};

const COLUMN: &str = "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. \
                      Please reference your WSDL or the describe call for the appropriate names.";
const RELATIONSHIP: &str = "If you are attempting to use a custom relationship, be sure to append the '__r' after the custom \
                            relationship name. Please reference your WSDL or the describe call for the appropriate names.";
const TYPE: &str = "If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please \
                    reference your WSDL or the describe call for the appropriate names.";

/// The statement, where `^` stands before what is wrong (none: no header); the code; the message, where `…` stands for the
/// end that all of its kind have.
const ERRORS: &[(&str, &str, &str)] = &[
    // What 2.12 names.
    ("select count() from ^XYZZY", "INVALID_TYPE", "sObject type 'XYZZY' is not supported. TYPE"),
    (
        "SELECT Id FROM Account WHERE Name = 'a' AND Site = 'b' ^OR Id = null",
        "MALFORMED_QUERY",
        "unexpected token: 'OR'",
    ),
    ("SELECT Id FROM Account WHERE^", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ("SELECT ^Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'. COLUMN"),
    (
        "SELECT ^Nope__r.Name FROM Account",
        "INVALID_FIELD",
        "Didn't understand relationship 'Nope__r' in field path. RELATIONSHIP",
    ),
    (
        "SELECT ^What.Industry FROM Task",
        "INVALID_FIELD",
        "No such column 'Industry' on entity 'Name'. COLUMN",
    ),
    (
        "SELECT Id, (SELECT Id FROM ^Nopes) FROM Account",
        "INVALID_TYPE",
        "Didn't understand relationship 'Nopes' in FROM part of query call. RELATIONSHIP",
    ),
    (
        "SELECT Id FROM Account WHERE ^Description = 'x'",
        "INVALID_FIELD",
        "field 'Description' can not be filtered in a query call",
    ),
    (
        "SELECT Id FROM Account ORDER BY ^Description",
        "INVALID_FIELD",
        "field 'Description' can not be sorted in a query call",
    ),
    (
        "SELECT COUNT(Id) FROM Account GROUP BY ^Description",
        "INVALID_FIELD",
        "field 'Description' can not be grouped in a query call",
    ),
    ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
    ("SELECT Id FROM Account WHERE ^Id = 'foo'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: foo"),
    (
        "SELECT Id FROM Account WHERE ^Id LIKE '001%'",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid operator on id field",
    ),
    (
        "SELECT Id FROM Account WHERE ^AnnualRevenue LIKE '1%'",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid operator on currency field",
    ),
    (
        "SELECT Id FROM Account WHERE ^IsDeleted > true",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid operator on boolean field",
    ),
    (
        "SELECT Id FROM Account WHERE ^CreatedDate > '2026-01-01'",
        "INVALID_FIELD",
        "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
    ),
    (
        "SELECT Id FROM Account WHERE ^Name = 5",
        "INVALID_FIELD",
        "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
    ),
    (
        "SELECT Id FROM Account OFFSET ^2001",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "Maximum SOQL offset allowed is 2000",
    ),
    ("SELECT Id FROM Account LIMIT ^-1", "MALFORMED_QUERY", "LIMIT and OFFSET take a number of rows from 0"),
    // 2.7 and 2.9.
    ("SELECT Name ^n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
    (
        "SELECT ^Name, COUNT(Id) FROM Account GROUP BY Industry",
        "MALFORMED_QUERY",
        "Field must be grouped or aggregated: Name",
    ),
    ("SELECT Name, MAX(Site) ^name FROM Account GROUP BY Name", "MALFORMED_QUERY", "duplicate alias: name"),
    (
        "SELECT Id FROM Account WHERE Name = 'x' OR ^Id IN (SELECT AccountId FROM Contact)",
        "MALFORMED_QUERY",
        "Semi join sub-selects are not allowed with the 'OR' operator",
    ),
    (
        "SELECT Id FROM Account WHERE (NOT ^Id IN (SELECT AccountId FROM Contact))",
        "MALFORMED_QUERY",
        "Semi join sub-selects are only allowed at the top level WHERE expressions",
    ),
    (
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE ^Id IN (SELECT ContactId FROM Case))",
        "MALFORMED_QUERY",
        "Nesting of semi join sub-selects is not supported",
    ),
    (
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND Id IN (SELECT AccountId FROM Case) AND ^Id IN (SELECT AccountId FROM Opportunity)",
        "MALFORMED_QUERY",
        "Maximum 2 semi join sub-selects are allowed",
    ),
    (
        "SELECT Id FROM Account WHERE Id IN (SELECT ^Account.Id FROM Contact)",
        "MALFORMED_QUERY",
        "The inner select field 'Account.Id' cannot have more than one level of relationships",
    ),
    (
        "SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM ^Account)",
        "MALFORMED_QUERY",
        "The inner and outer selects should not be on the same object type",
    ),
    (
        "SELECT Id FROM Account WHERE Id IN (SELECT ^OwnerId FROM Contact)",
        "MALFORMED_QUERY",
        "The selected field 'OwnerId' in the subquery and the left operand field in the where expression in the outer query 'Id' should point to the same object type",
    ),
    (
        "SELECT Id FROM Account WHERE Id IN (SELECT WhatId FROM ^Task)",
        "MALFORMED_QUERY",
        "Entity 'Task' is not supported for semi join inner selects",
    ),
    // The right one of several.
    (
        "SELECT Name, ^Nam FROM Account WHERE Name = 'Nam'",
        "INVALID_FIELD",
        "No such column 'Nam' on entity 'Account'. COLUMN",
    ),
    (
        "SELECT Id FROM Account WHERE Name = 'Nope' AND ^Nope = 1",
        "INVALID_FIELD",
        "No such column 'Nope' on entity 'Account'. COLUMN",
    ),
    (
        "SELECT Id FROM Account WHERE Name = 'CreatedDate' AND ^CreatedDate = 5",
        "INVALID_FIELD",
        "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
    ),
    (
        "SELECT CreatedDate FROM Account WHERE CreatedDate = TODAY OR ^CreatedDate = 'x'",
        "INVALID_FIELD",
        "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
    ),
    (
        "SELECT Id FROM Account WHERE Id = null OR ^Id = 'foo'",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid ID field: foo",
    ),
    (
        "SELECT Id, (SELECT Id, Name, ^Nope FROM Contacts) FROM Account",
        "INVALID_FIELD",
        "No such column 'Nope' on entity 'Contact'. COLUMN",
    ),
    (
        "SELECT Account.Name, ^Account.Nope FROM Contact",
        "INVALID_FIELD",
        "No such column 'Nope' on entity 'Account'. COLUMN",
    ),
    (
        "SELECT a.Name, ^b.Name FROM Account a",
        "INVALID_FIELD",
        "Didn't understand relationship 'b' in field path. RELATIONSHIP",
    ),
    (
        "SELECT Id, (SELECT Id FROM Contacts), (SELECT Id FROM ^Contact) FROM Account",
        "INVALID_TYPE",
        "Didn't understand relationship 'Contact' in FROM part of query call. RELATIONSHIP",
    ),
    (
        "SELECT COUNT(Name), COUNT(^Nme) FROM Account",
        "INVALID_FIELD",
        "No such column 'Nme' on entity 'Account'. COLUMN",
    ),
    (
        "SELECT TYPEOF What WHEN Account THEN Name, ^Nme END FROM Task",
        "INVALID_FIELD",
        "No such column 'Nme' on entity 'Account'. COLUMN",
    ),
    (
        "SELECT TYPEOF What WHEN ^Contact THEN Name END FROM Task",
        "MALFORMED_QUERY",
        "'What' never refers to an object of type 'Contact'",
    ),
    (
        "SELECT Id FROM Contact c, ^c.Nope n",
        "INVALID_FIELD",
        "Didn't understand relationship 'Nope' in field path. RELATIONSHIP",
    ),
    // Places are of the text as it was typed.
    ("SELECT\tId,\n  Name,\n  Gr^öße__c\nFROM Account", "MALFORMED_QUERY", ""),
    (
        "SELECT Id,\n  Name,\n  ^Nope\nFROM Account",
        "INVALID_FIELD",
        "No such column 'Nope' on entity 'Account'. COLUMN",
    ),
    (
        "SELECT Id FROM Account WHERE Name = 'ä😀ß' AND ^Nope = 1",
        "INVALID_FIELD",
        "No such column 'Nope' on entity 'Account'. COLUMN",
    ),
    // What this org has none of.
    (
        "SELECT Id FROM Account USING SCOPE ^nope",
        "MALFORMED_QUERY",
        "The scope 'nope' is not supported for the entity 'Account'",
    ),
    (
        "SELECT Id FROM User USING SCOPE ^team",
        "MALFORMED_QUERY",
        "The scope 'team' is not supported for the entity 'User'",
    ),
    (
        "SELECT Id, (SELECT Id FROM Contacts USING SCOPE ^mine) FROM Account",
        "MALFORMED_QUERY",
        "USING SCOPE is not supported in a relationship query",
    ),
    (
        "SELECT Id FROM Account WITH DATA CATEGORY ^Geography__c AT usa__c",
        "MALFORMED_QUERY",
        "Data category filters are not supported for the entity 'Account'",
    ),
    (
        "SELECT Id FROM Account WITH ^Network = 'x'",
        "MALFORMED_QUERY",
        "The filter 'Network' is not supported for the entity 'Account'",
    ),
    (
        "SELECT Name, ^convertCurrency(AnnualRevenue) FROM Account",
        "MALFORMED_QUERY",
        "convertCurrency can only be used in an organization with multiple currencies",
    ),
    ("SELECT Id FROM Account ^ALL ROWS", "MALFORMED_QUERY", "unexpected token: 'ALL'"),
    ("SELECT Id FROM Account FOR ^UPDATE", "MALFORMED_QUERY", "unexpected token: 'UPDATE'"),
    (
        "SELECT Id, (SELECT Id FROM ^Opportunity.Contacts) FROM Account",
        "INVALID_TYPE",
        "Didn't understand relationship 'Opportunity' in FROM part of query call. RELATIONSHIP",
    ),
    (
        "SELECT Id, (SELECT COUNT(Id) FROM ^Contacts) FROM Account",
        "MALFORMED_QUERY",
        "Only root queries support aggregate expressions",
    ),
];

#[test]
fn errors_have_salesforces_words_and_the_place_of_what_is_wrong() {
    let given = Given::empty();
    let mut wrong = Vec::new();
    for (marked, code, message) in ERRORS {
        let soql = marked.replace('^', "");
        let message =
            message.replace("COLUMN", COLUMN).replace("RELATIONSHIP", RELATIONSHIP).replace("TYPE", TYPE);
        let (status, body) = given.query(&soql);
        let found = body[0]["message"].as_str().unwrap_or_default();
        let text = found.rsplit('\n').next().unwrap_or_default();
        let same = if message.is_empty() { status == 400 } else { text == message };
        if status != 400 || body[0]["errorCode"] != *code || !same {
            wrong.push(format!("{soql}\n    {status} {} {text}\n    {code} {message}", body[0]["errorCode"]));
        }
        let place = marked.find('^').map(|at| {
            let before = &marked[..at];
            let line = before.rsplit('\n').next().unwrap_or_default();
            format!("ERROR at Row:{}:Column:{}\n", before.matches('\n').count() + 1, line.chars().count() + 1)
        });
        match place {
            Some(place) if !found.contains(&place) => wrong.push(format!("{soql}\n    {found}\n    {place}")),
            None if found.contains("ERROR at") => wrong.push(format!("{soql}\n    has a place: {found}")),
            Some(_) => {
                // The caret stands under what is wrong, in the line that is quoted.
                let lines: Vec<&str> = found.split('\n').collect();
                let [_, quoted, caret, ..] = lines.as_slice() else { panic!("{found}") };
                let at: String = quoted.chars().skip(caret.chars().count() - 1).collect();
                let rest = marked.split_once('^').map(|(_, rest)| rest.replace(['\n', '\t'], " ")).unwrap();
                assert!(caret.ends_with('^') && rest.starts_with(at.as_str()), "{found}");
            }
            None => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_long_statement_is_quoted_around_the_place_only() {
    let soql = format!(
        "SELECT Id FROM Account WHERE Name IN ('{}') AND Nope = 1 AND Site = '{}'",
        "x".repeat(300),
        "y".repeat(300)
    );
    let (_, message) = Given::empty().query_error(&soql);
    let lines: Vec<&str> = message.split('\n').collect();
    assert_eq!(lines[1], format!("{}') AND Nope = 1 AND Site = '{}", "x".repeat(43), "y".repeat(29)));
    assert_eq!(lines[2], format!("{}^", " ".repeat(50)));
    assert_eq!(lines[3], "ERROR at Row:1:Column:347");
}

#[test]
fn modes_of_access_change_nothing_or_are_refused_as_assumed() {
    for mode in ["USER_MODE", "SYSTEM_MODE", "SECURITY_ENFORCED"] {
        let soql = format!("SELECT Name FROM Account WITH {mode}");
        let given = Given::empty();
        given.account("Acme");
        assert_eq!(given.column(&soql, "Name"), ["Acme"]);
        let given = assuming(|a| a.soql.access_modes_are_refused = true);
        let (code, message) = given.query_error(&soql);
        assert_eq!((code.as_str(), message), ("MALFORMED_QUERY", format!("unexpected token: '{mode}'")));
    }
}
