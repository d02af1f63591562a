//! What people see on a terminal when a statement has several problems. The pictures are in `snapshots`.

use crate::check::schema;
use sf_soql::check;

/// The picture of all problems.
fn pretty(text: &str) -> String {
    check(text, schema()).unwrap_err().pretty()
}

macro_rules! pictures {
    ($($name:ident: $text:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(pretty($text));
        })*
    };
}

pictures! {
    misspelled_names: "SELECT Id, Nmae, Acount.Industry, Account.Industri FROM Contact WHERE Emial != null ORDER BY Lastname, FirstName";
    fields_taken_for_relationships: "SELECT AccountId.Name, Account, ReportsTo, Email.Name FROM Contact";
    values_in_quotes: "SELECT Id FROM Account WHERE CreatedDate > '2026-01-31T08:00:00Z' AND AnnualRevenue >= '1000' AND Is_Partner__c = 'true' AND Name = 5";
    several_lines: "SELECT Id,\n       Nmae\nFROM   Account\nWHERE  Industry INCLUDES ('Energy')\n  AND  Description LIKE '%pump%'\nLIMIT  -1";
    parents_of_several_types: "SELECT What.Industry, TYPEOF Who WHEN Contact THEN Emial WHEN User THEN Name END, toLabel(Status) FROM Task";
    subqueries: "SELECT Name, (SELECT LastName, Foo FROM Contact), (SELECT COUNT(Id) FROM Opportunities), (SELECT Id FROM Plans__r) FROM Account";
    groups: "SELECT Industry, Name, COUNT(Id) total FROM Account GROUP BY Industry, CreatedDate HAVING total > 5 ORDER BY total LIMIT 10";
    semi_joins: "SELECT Id FROM Account WHERE Id IN (SELECT OwnerId FROM Contact) OR Id IN (SELECT ParentId FROM Account) OR Name IN (SELECT WhoId FROM Task)";
    functions: "SELECT CALENDAR_YER(CreatedDate), convertTimezone(CreatedDate), SUM(Name) FROM Account WHERE CALENDAR_YEAR(CreatedDate) = THIS_YEAR AND COUNT(Id) > 1";
    a_long_line: concat!(
        "SELECT Id, Name, Industry, Type, Phone, BillingStreet, BillingCity, NumberOfEmployees, AnnualRevenue, Websight, ",
        "LastActivityDate, Churned__c, Is_Partner__c, Owner.Name, Owner.Departmint, Parent.Name, Parent.Owner.Name FROM Account ",
        "WHERE Description != null"
    );
    from_and_rows: "SELECT Id, FIELDS(ALL) FROM Acount LIMIT 500 OFFSET 5000";
}
