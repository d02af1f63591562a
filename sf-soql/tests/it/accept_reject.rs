//! What Salesforce's own parser accepts and rejects, row by row.

use sf_soql::{Condition, Query};

/// WHERE clauses that are read; and what is written for them when that is another text.
const CONDITIONS: &[(&str, &str)] = &[
    ("(a = 1 AND b = 2) OR c = 3", ""),
    ("a = 1 OR b = 2 OR c = 3", ""),
    ("(a = 1) AND (b = 2 OR c = 3) AND d = 4", "a = 1 AND (b = 2 OR c = 3) AND d = 4"),
    ("NOT a = 1", ""),
    ("NOT (a = 1 AND b = 2)", ""),
    ("NOT (NOT a = 1)", ""),
    ("a = 1 AND (NOT b = 2)", ""),
    ("(NOT a = 1) AND b = 2", ""),
    ("a <> 1", "a != 1"),
    ("a ! = 1", "a != 1"),
    ("a < = 1", "a <= 1"),
    ("a > = 1", "a >= 1"),
    ("a LIKE 5", ""),
    ("a LIKE null", ""),
    ("a LIKE TODAY", ""),
    ("a NOT IN ('x', null, 1)", ""),
    ("a IN (LAST_N_DAYS:3, TODAY)", ""),
    ("a IN (USD5, 7)", ""),
    ("a IN (SELECT Id FROM B) OR b = 1", ""),
    ("a IN (SELECT Id FROM B WHERE c IN (SELECT Id FROM D))", ""),
    ("a IN (SELECT b.Id FROM B b USING SCOPE mine WHERE b.c = 1)", ""),
    ("foo(a) = 1", ""),
    ("CALENDAR_YEAR(convertTimezone(CreatedDate)) = 2026", ""),
    ("a=1AND b=2", "a = 1 AND b = 2"),
    ("a='x'AND b='y'", "a = 'x' AND b = 'y'"),
    ("a IN('x')", "a IN ('x')"),
    ("(((a=1)))", "a = 1"),
    ("A.B.C.D.E.F.G = 1", ""),
    ("ns__Field__c = TRUE", ""),
    ("Products__c INCLUDES ('A;B', 'C')", ""),
    ("Products__c excludes ('A')", "Products__c EXCLUDES ('A')"),
    // Names that are keywords elsewhere.
    ("Data = 1 AND Category = 2 AND At = 3 AND Above = 4 AND Below = 5 AND Above_Or_Below = 6", ""),
    ("Offset = 1 AND View = 2 AND Reference = 3 AND Typeof = 4 AND When = 5 AND Then = 6 AND End = 7", ""),
    ("Distance = 1 AND Geolocation = 2 AND Group = 3 AND Order = 4 AND Case = 5 AND Fields = 6", ""),
    ("Count = 1 AND Scope = 2 AND Flat = 3", ""),
    // Literals.
    ("a = -5", ""),
    ("a = +5", "a = 5"),
    ("a = .5", "a = 0.5"),
    ("a = -.50", "a = -0.50"),
    ("a = 007.10", "a = 7.10"),
    ("a = tRuE", "a = TRUE"),
    ("a = NULL", "a = null"),
    ("a = 2026-01-31", ""),
    ("a = 2026-01-31T08:00:00Z", ""),
    ("a = 2026-01-31t08:00:00z", "a = 2026-01-31T08:00:00Z"),
    ("a = 2026-01-31T08:00:00.5+01:30", "a = 2026-01-31T06:30:00.500Z"),
    ("a = 2026-01-31T08:00:00-0800", "a = 2026-01-31T16:00:00Z"),
    ("a = 2026-01-31T08:00:00.1234567Z", "a = 2026-01-31T08:00:00.123Z"),
    ("a = 08:00:00Z", "a = 08:00:00.000Z"),
    ("a = 08:00:00.250Z", ""),
    ("a = 08:00:00.123456789Z", "a = 08:00:00.123Z"),
    ("a = 2026-01-31T08:00:00.123456789Z", "a = 2026-01-31T08:00:00.123Z"),
    ("a = usd5000.5", "a = USD5000.5"),
    ("a = LAST_N_DAYS : 3", "a = LAST_N_DAYS:3"),
    ("a = next_fiscal_quarter", "a = NEXT_FISCAL_QUARTER"),
    (r#"a = 'x"y'"#, ""),
    (r"a = '\n\N\r\t\b\'\\\u0041\U00e4'", r"a = '\n\n\r\t\u0008\'\\Aä'"),
    (r#"a = '\R\T\B\"'"#, r#"a = '\r\t\u0008"'"#),
    (r"a = '\ud83d\ude00\uD83D\UDE00'", "a = '😀😀'"),
    (r"a LIKE '\U0041\u00e4'", "a LIKE 'Aä'"),
    ("a = 'tab\there'", r"a = 'tab\there'"),
    (r"a LIKE '50\%\_%_'", ""),
    (
        "DISTANCE(a.Loc__c, GEOLOCATION(-37.5, +.25), 'mi') < 5",
        "DISTANCE(a.Loc__c, GEOLOCATION(-37.5, 0.25), 'mi') < 5",
    ),
    ("DISTANCE(a, GEOLOCATION(1, 2), 'mi') >= 5.5", ""),
    ("a IN (SELECT Id FROM B WITH Network = 'x')", ""),
    ("a IN (SELECT Id FROM B AS b)", "a IN (SELECT Id FROM B b)"),
    ("a IN (SELECT Id FROM B WITH Data = 'x')", ""),
];

const NO_CONDITIONS: &[&str] = &[
    "a=1 AND b=2 OR c=3",
    "a=1 OR b=2 AND c=3",
    "NOT a=1 AND b=2",
    "NOT(a=1) AND b=2",
    "a=1 AND NOT b=2",
    "a=1 AND NOT(b=2)",
    "NOT NOT a=1",
    "a == 1",
    "a = = 1",
    "a IS NULL",
    "a BETWEEN 1 AND 2",
    "a NOT LIKE 'x'",
    "a = b",
    "1 = a",
    "a",
    "a LIKE ('x','y')",
    "a IN ()",
    "a IN 'x'",
    "a IN ('x',)",
    "a IN (SELECT Id FROM B ORDER BY Id)",
    "a IN (SELECT Id FROM B LIMIT 3)",
    "a IN (SELECT Id, Name FROM B)",
    "a IN (SELECT Id FROM B GROUP BY Id)",
    "a IN (SELECT Id FROM B WITH SECURITY_ENFORCED)",
    "a IN (SELECT Id FROM B OFFSET 3)",
    "a IN (SELECT Id FROM B FOR VIEW)",
    "a IN (SELECT Id FROM B UPDATE TRACKING)",
    "a IN (SELECT Id FROM B ALL ROWS)",
    "a IN (SELECT Id FROM B.C)",
    "a IN (SELECT Id FROM B b, b.C c)",
    "a IN (SELECT TYPEOF What WHEN A THEN b END FROM B)",
    "foo(a, b) = 1",
    "foo() = 1",
    "__c = 1",
    "1abc = 1",
    "a. = 1",
    "Limit = 1",
    "Like = 1",
    "a = 1e5",
    "a = 5.",
    "a = 5L",
    "a = 1.2.3",
    "a = USD-5",
    "a = USDX5",
    "a = \"x\"",
    "a = ''''",
    "a = '''",
    "a = 'x",
    "a = x'",
    r"a = '\'",
    r"a = '\f'",
    r"a = '\F'",
    r"a LIKE '\f'",
    r"a IN ('\_')",
    r"a INCLUDES ('\%')",
    r"a IN (SELECT Id FROM B WITH Network = '\_')",
    r"a LIKE '\u0025x'",
    r"a LIKE '\U005f'",
    r"a LIKE '\u005c%'",
    r"a = '\q'",
    r"a = '\_'",
    r"a = '\%'",
    r"a = '\u12'",
    r"a = '\u+123'",
    r"a = '\ud83d'",
    r"a = '\ud83dA'",
    r"a = '\ude00'",
    "a = 2011-1-5",
    "a = 2011-13-46",
    "a = 2026-02-29",
    "a = 1699-12-31",
    "a = 2026-01-31T08:00Z",
    "a = 2026-01-31T08:00:00",
    "a = 2026-01-31T08:00:00+8:00",
    "a = 2026-01-31 08:00:00Z",
    "a = 2026-01-31T25:00:00Z",
    "a = 08:00:00",
    "a = 08:00Z",
    "a = 08:00:00.1234567890Z",
    "a = 2026-01-31T08:00:00.1234567890Z",
    "a = LAST_N_DAYS",
    "a = LAST_N_DAYS:",
    "a = LAST_N_DAYS:-3",
    "a = LAST_N_DAYS:x",
    "a = LAST_N_DAYS:99999999999",
    "a = TODAY:3",
    "a = LAST_FORTNIGHT",
    "a = :x",
    "a IN :x",
    "DISTANCE(GEOLOCATION(1, 2), Loc__c, 'mi') < 5",
    "DISTANCE(a__c, b__c, 'km') < 5",
    "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'nm') < 5",
    "DISTANCE(Loc__c, GEOLOCATION(1, 'x'), 'mi') < 5",
    "toLabel(DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi')) < 5",
    "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi') IN (1)",
    "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi') NOT IN (1)",
    "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi') IN (SELECT Id FROM B)",
    "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi') LIKE 'x'",
    "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi') INCLUDES ('x')",
    "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi') < 'x'",
    "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi') < TODAY",
    "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi') < null",
    "DISTANCE(Loc__c, GEOLOCATION(1, 2), 'mi') < USD5",
    "FIELDS(ALL) = 1",
    "ROLLUP(a) = 1",
    // Nothing but a condition.
    "",
    "  ",
    "WHERE a = 1",
    "a = 1 LIMIT 5",
    "a = 1 ORDER BY a",
    "a = 1;",
    "a = 1; SELECT Id FROM A",
    "a = 1 -- x",
    "a = 1 /* x */",
    "a = 1 // x",
    "a = 1)",
    "(a = 1",
    "a = 1 b = 2",
    "a = 1 ALL ROWS",
    "SELECT Id FROM A",
];

const STATEMENTS: &[(&str, &str)] = &[
    ("SELECT COUNT() FROM A", ""),
    ("select count ( ) from A", "SELECT COUNT() FROM A"),
    ("SELECT COUNT FROM A", ""),
    (
        "SELECT COUNT(Id) c, COUNT_DISTINCT(x), SUM(x), AVG(x), MIN(x), max(x) FROM A",
        "SELECT COUNT(Id) c, COUNT_DISTINCT(x), SUM(x), AVG(x), MIN(x), MAX(x) FROM A",
    ),
    ("SELECT Id x FROM A", ""),
    ("SELECT COUNT(Id) count FROM A", ""),
    ("SELECT (SELECT Id FROM Contacts) c FROM A", ""),
    ("SELECT Id FROM A AS a", "SELECT Id FROM A a"),
    ("SELECT As, True FROM As WHERE As = 1", ""),
    ("SELECT DISTINCT a FROM A", ""),
    ("SELECT foo(a) FROM A", ""),
    ("SELECT FORMAT(convertCurrency(Amount)) amount FROM A", ""),
    (
        "SELECT (SELECT Id FROM Contacts c USING SCOPE mine WHERE x = 1 GROUP BY Id ORDER BY Id LIMIT 3 OFFSET 1 FOR VIEW) FROM A",
        "",
    ),
    ("SELECT Id, (SELECT Id, (SELECT Id FROM Bs) FROM As) FROM A", ""),
    (
        "SELECT TYPEOF What WHEN Account THEN Phone, Name WHEN Opportunity THEN Amount ELSE Name END FROM Event",
        "",
    ),
    ("SELECT TYPEOF Who.Owner WHEN User THEN Id END FROM Task", ""),
    ("SELECT TYPEOF What WHEN Account THEN Phone END w FROM Event", ""),
    ("SELECT TYPEOF FROM A", ""),
    ("SELECT FIELDS(ALL) FROM A LIMIT 200", ""),
    ("SELECT FIELDS( standard ), Id FROM A", "SELECT FIELDS(STANDARD), Id FROM A"),
    ("SELECT Id FROM A LIMIT 5 OFFSET 5", ""),
    ("SELECT Id FROM A OFFSET 5", ""),
    ("SELECT Id FROM A offset OFFSET 5", ""),
    ("SELECT Id FROM A LIMIT 0", ""),
    ("SELECT Id FROM A FOR VIEW UPDATE VIEWSTAT", ""),
    ("SELECT Id FROM A FOR REFERENCE", ""),
    ("SELECT Id FROM A UPDATE TRACKING, VIEWSTAT", ""),
    ("SELECT Id FROM A USING SCOPE mine WHERE x = 1 WITH USER_MODE", ""),
    ("SELECT Id FROM A WITH SECURITY_ENFORCED ORDER BY Id", ""),
    ("SELECT Id FROM A;", "SELECT Id FROM A"),
    ("SELECT Id FROM A WHERE(a=1)", "SELECT Id FROM A WHERE a = 1"),
    ("SELECT Id FROM Group", ""),
    ("SELECT Id FROM Order", ""),
    ("SELECT Id FROM Case", ""),
    ("SELECT Order.Id, Group.Name FROM Order ORDER BY Order.Id", ""),
    ("SELECT Id FROM Group GROUP BY Id", ""),
    ("SELECT a.Id FROM Account a WHERE a.Name = 'x'", ""),
    ("SELECT Name, COUNT(Id) FROM A GROUP BY Name HAVING COUNT(Id) > 1 AND Name LIKE 'x%'", ""),
    ("SELECT a, b, GROUPING(a) FROM A GROUP BY ROLLUP(a, b)", ""),
    (
        "SELECT a FROM A GROUP BY cube(a, CALENDAR_YEAR(b))",
        "SELECT a FROM A GROUP BY CUBE(a, CALENDAR_YEAR(b))",
    ),
    (
        "SELECT a FROM A ORDER BY a ASC NULLS FIRST, b DESC NULLS LAST, COUNT(c)",
        "SELECT a FROM A ORDER BY a, b DESC NULLS LAST, COUNT(c)",
    ),
    ("SELECT\n\tId\r\nFROM A", "SELECT Id FROM A"),
    ("SELECT FIELDS(FOO) FROM A", ""),
    ("SELECT Id FROM A LIMIT -1", ""),
    ("SELECT Id FROM A LIMIT 5 OFFSET +5", "SELECT Id FROM A LIMIT 5 OFFSET 5"),
    (
        "SELECT a.Name FROM Contact AS c, c.Account a, a.Owner o WHERE o.Name = 'x'",
        "SELECT a.Name FROM Contact c, c.Account a, a.Owner o WHERE o.Name = 'x'",
    ),
    ("SELECT Id FROM A, B.C c", ""),
    ("SELECT Id, (SELECT Id FROM A.Contacts) FROM Account A", ""),
    (
        "SELECT DISTANCE(Loc__c, GEOLOCATION(1, 2), 'km') d FROM A ORDER BY DISTANCE(Loc__c, GEOLOCATION(1, 2), 'km') DESC",
        "",
    ),
    ("SELECT Distance FROM A WHERE Distance = 1", ""),
    ("SELECT Id FROM A WITH Network = 'x' ORDER BY Id", ""),
    (
        "SELECT a FROM A WITH DATA CATEGORY Geography__c above_or_below (usa__c, uk__c) AND Product__c at (tv__c) LIMIT 3",
        "SELECT a FROM A WITH DATA CATEGORY Geography__c ABOVE_OR_BELOW (usa__c, uk__c) AND Product__c AT tv__c LIMIT 3",
    ),
];

const NO_STATEMENTS: &[&str] = &[
    "",
    ";",
    "SELECT COUNT(), Id FROM A",
    "SELECT Id, COUNT() FROM A",
    "SELECT COUNT() c FROM A",
    "SELECT Id AS x FROM A",
    "SELECT COUNT(Id) AS c FROM A",
    "SELECT * FROM A",
    "SELECT Id, FROM A",
    "SELECT FROM A",
    "SELECT , Id FROM A",
    "SELECT foo(a, b) FROM A",
    "SELECT Limit FROM A",
    "SELECT Like FROM A",
    "SELECT Id FROM A first",
    "SELECT TYPEOF What ELSE Name END FROM A",
    "SELECT TYPEOF What WHEN A THEN foo(b) END FROM A",
    "SELECT FIELDS() FROM A",
    "SELECT a FROM A GROUP BY ROLLUP(a), b",
    "SELECT a FROM A HAVING COUNT(Id) > 1",
    "SELECT a FROM A ORDER BY a NULLS LAST DESC",
    "SELECT a FROM A OFFSET 5 LIMIT 5",
    "SELECT a FROM A LIMIT 5.5",
    "SELECT a FROM A LIMIT 10,5",
    "SELECT a FROM A WHERE x = 1 USING SCOPE mine",
    "SELECT a FROM A GROUP BY a WITH USER_MODE",
    "SELECT a FROM A WITH DATA CATEGORY Geography__c NEAR usa__c",
    "SELECT a FROM A WITH DATA CATEGORY Geography__c AT ()",
    "SELECT a FROM A WITH a AND b",
    "SELECT a FROM A WITH a = 5",
    "SELECT a FROM A GROUP BY DISTANCE(b, GEOLOCATION(1, 2), 'mi')",
    "SELECT ROLLUP(a) FROM A",
    "SELECT a FROM A, FROM B",
    "SELECT a FROM A FOR VIEW FOR REFERENCE",
    "SELECT a FROM A FOR VIEW FOR VIEW",
    "SELECT a FROM A FOR REFERENCE FOR VIEW",
    "SELECT a FROM A AS As",
    "SELECT a FROM A USING SCOPE Like",
    "SELECT a FROM A LIMIT 99999999999999999999",
    "SELECT a FROM A UPDATE VIEWSTAT FOR VIEW",
    "SELECT a FROM A FOR UPDATE",
    "SELECT a FROM A ALL ROWS",
    "SELECT a FROM A -- x",
    "SELECT a FROM A; SELECT b FROM B",
    "SELECT DISTANCE(f1, f2, 'km') FROM A",
    "SELECT a",
    "FROM A",
    "DELETE FROM A",
    "SELECT a FROM",
    "SELECT a FROM A WHERE",
    "SELECT (SELECT a FROM B FROM A",
    "SELECT a FROM A ä",
];

#[test]
fn conditions_that_salesforce_reads_are_read_and_written() {
    for (text, written) in CONDITIONS {
        let tree = Condition::parse(text).unwrap_or_else(|e| panic!("{text}\n{}", e.pretty()));
        let written = if written.is_empty() { text } else { written };
        assert_eq!(&tree.to_soql().unwrap(), written);
        assert_eq!(Condition::parse(written).unwrap(), tree, "{text}");
    }
}

#[test]
fn conditions_that_salesforce_refuses_are_refused() {
    for text in NO_CONDITIONS {
        if let Ok(tree) = Condition::parse(text) {
            panic!("{text} was read as {tree:?}");
        }
    }
}

#[test]
fn statements_that_salesforce_reads_are_read_and_written() {
    for (text, written) in STATEMENTS {
        let query = Query::parse(text).unwrap_or_else(|e| panic!("{text}\n{}", e.pretty()));
        let written = if written.is_empty() { text } else { written };
        assert_eq!(&query.to_soql().unwrap().as_str(), written);
        assert_eq!(Query::parse(written).unwrap(), query, "{text}");
    }
}

#[test]
fn statements_that_salesforce_refuses_are_refused() {
    for text in NO_STATEMENTS {
        if let Ok(query) = Query::parse(text) {
            panic!("{text} was read as {:?}", query.statement());
        }
    }
}

/// AND ASC DESC EXCLUDES …: the list of wire words that are never a name, but GROUP, which is one for the parser.
const RESERVED: &[&str] = &[
    "AND", "ASC", "DESC", "EXCLUDES", "FIRST", "FROM", "HAVING", "IN", "INCLUDES", "LAST", "LIKE", "LIMIT",
    "NOT", "NULL", "NULLS", "OR", "SELECT", "USING", "WHERE", "WITH",
];

#[test]
fn a_reserved_word_is_no_name_anywhere() {
    for word in RESERVED.iter().flat_map(|word| [word.to_string(), word.to_lowercase()]) {
        assert!(sf_soql::Identifier::new(&word).is_err(), "{word}");
        for text in [
            format!("SELECT {word} FROM A"),
            format!("SELECT a.{word} FROM A"),
            format!("SELECT {word}(a) FROM A"),
            format!("SELECT a {word} FROM A"),
            format!("SELECT a FROM {word}"),
            format!("SELECT a FROM A AS {word}"),
            format!("SELECT a FROM A USING SCOPE {word}"),
            format!("SELECT a FROM A WHERE {word} = 1"),
            format!("SELECT a FROM A ORDER BY {word}"),
            format!("SELECT a FROM A GROUP BY {word}"),
        ] {
            assert!(Query::parse(&text).is_err(), "{text}");
        }
    }
    assert!(sf_soql::Identifier::new("As").is_err());
    assert!(Query::parse("SELECT a As FROM A").is_err());
    assert!(sf_soql::Identifier::new("Group").is_ok());
}

#[test]
fn a_statement_is_refused_where_salesforce_refuses_it() {
    for (text, column, token) in [
        ("a=1 AND b=2 OR c=3", 13, "OR"),
        ("a=1 OR b=2 AND c=3", 12, "AND"),
        ("NOT a=1 AND b=2", 9, "AND"),
        ("NOT(a=1) AND b=2", 10, "AND"),
        ("a=1 AND NOT b=2", 9, "NOT"),
        ("a=1 AND NOT(b=2)", 9, "NOT"),
        ("NOT NOT a=1", 5, "NOT"),
        ("a IN (SELECT Id FROM B ORDER BY Id)", 24, "ORDER"),
        ("a IN (SELECT Id FROM B LIMIT 3)", 24, "LIMIT"),
        ("a IN (SELECT Id, Name FROM B)", 16, ","),
        ("a IN (SELECT Id FROM B.C)", 23, "."),
        ("a IN (SELECT Id FROM B b, b.C c)", 25, ","),
        ("a == 1", 4, "="),
        ("DISTANCE(a, GEOLOCATION(1, 2), 'mi') IN (1)", 38, "IN"),
        ("DISTANCE(a, GEOLOCATION(1, 2), 'mi') < 'x'", 40, "'x'"),
    ] {
        let problems = Condition::parse(text).unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!(problem.message, format!("unexpected token: '{token}'"), "{text}");
        assert_eq!(problem.span.unwrap().column, column, "{text}");
    }
}
