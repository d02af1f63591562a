//! Why the two parsers differ. Ours speaks the dialect of the API, as Salesforce's own parser does; apex-parser speaks
//! Apex's, takes more where the org checks later, and knows less of what has no place in Apex.
//!
//! A row explains a statement when the statement without the feature is taken by both parsers, and the parser that
//! took it before still does.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Only {
    /// apex-parser takes it, sf-soql refuses it.
    Apex,
    /// sf-soql takes it, apex-parser refuses it.
    Ours,
}

pub(super) struct Row {
    pub(super) only: Only,
    /// The feature, in any case.
    pub(super) pattern: &'static str,
    /// What stands there without the feature.
    pub(super) without: &'static str,
    /// Which fact decides.
    pub(super) fact: &'static str,
}

const fn apex(pattern: &'static str, without: &'static str, fact: &'static str) -> Row {
    Row { only: Only::Apex, pattern, without, fact }
}

const fn ours(pattern: &'static str, without: &'static str, fact: &'static str) -> Row {
    Row { only: Only::Ours, pattern, without, fact }
}

pub(super) const ROWS: &[Row] = &[
    apex(
        r"(IN|INCLUDES|EXCLUDES)\s*:\s*\w+(\.\w+)*(\(\))?",
        "$1 ('x')",
        "a bind variable for a list is of Apex; Salesforce's API parser refuses it",
    ),
    apex(r"(LIMIT|OFFSET)\s*:\s*\w+", "$1 1", "a bind variable for a number of rows is of Apex"),
    apex(r"(!=|<>|<=|>=|[=<>(,]|\bLIKE)\s*:\s*\w+(\.\w+)*(\(\))?", "$1 'x'", "a bind variable is of Apex"),
    apex(r"\bFOR UPDATE\b", "", "FOR UPDATE is of Apex; Salesforce's API parser refuses it"),
    apex(r"\bALL ROWS\b", "", "ALL ROWS is of Apex; the API has the queryAll resource"),
    apex(r"\b(FOR \w+) FOR \w+", "$1", "Salesforce's API parser takes one FOR"),
    apex(r"\bFORMULA\s*\(\s*'[^']*'\s*\)", "Id", "FORMULA is of Apex"),
    apex(r"/\*.*?\*/|//.*", "", "comments are of Apex; Salesforce's API parser refuses them"),
    apex(
        r"\b(IN|INCLUDES|EXCLUDES)\s+([-+.]?['\d][^\s)]*|NULL|TRUE|FALSE|TODAY)",
        "$1 ($2)",
        "IN, INCLUDES and EXCLUDES take a list in parentheses",
    ),
    apex(
        r"(=|<|>|\bLIKE)\s*\([^()]*\)",
        "$1 'x'",
        "a list or a subquery stands only after IN; the list form of LIKE is of Apex",
    ),
    apex(
        r"\b((?:IN|INCLUDES|EXCLUDES)\s*\((?:[^()]*,)?\s*)\([^()]*\)",
        "$1'x'",
        "a list holds values, not lists",
    ),
    apex(r"\b(INCLUDES|EXCLUDES)\s*\(\s*SELECT [^()]*\)", "$1 ('x')", "only IN takes a subquery"),
    apex(
        r"\b(IN\s*\(\s*SELECT\s[^()]*?)\s(ORDER BY|LIMIT|FOR|UPDATE)\s[^()]*\)",
        "$1)",
        "a semi-join has only FROM, USING SCOPE, WHERE and WITH",
    ),
    apex(
        r"\b(IN\s*\(\s*SELECT\s[^()]*?\sFROM\s+\w+(?:\s+\w+)?)\s*,[^()]*\)",
        "$1)",
        "a semi-join is of one object; other entries of FROM are refused there",
    ),
    apex(r"\b(IN\s*\(\s*SELECT\s+[\w.]+)\s*,[^()]*?\sFROM\b", "$1 FROM", "a semi-join selects one item"),
    apex(r"\b(IN\s*\(\s*SELECT\s+[\w.]+)\s+\w+\s+FROM\b", "$1 FROM", "the item of a semi-join has no alias"),
    apex(r"\b(IN\s*\(\s*SELECT\s)\s*(TYPEOF\b.*?\bEND|\([^()]*\))", "$1 Id", "a semi-join selects a field"),
    apex(r"\bCOUNT\s*\(\s*\)", "COUNT (Id)", "COUNT() stands alone, without alias"),
    apex(
        r"\bDISTANCE\s*\((GEOLOCATION\s*\([^()]*\)|[^()])*\)",
        "DISTANCE (f, GEOLOCATION (1, 2), 'mi')",
        "DISTANCE is of a field and a GEOLOCATION, in this order, and of a known unit",
    ),
    apex(
        r"\bDISTANCE\s*\((GEOLOCATION\s*\([^()]*\)|[^()])*\)",
        "Id",
        "DISTANCE stands in SELECT, WHERE and ORDER BY, and is compared by an operator",
    ),
    apex(r"\b(FIELDS\s*\(\s*\w+\s*\))\s+\w+", "$1", "FIELDS() has no alias"),
    apex(r"\bFIELDS\s*\(\s*\w+\s*\)", "Id", "FIELDS() stands only in SELECT"),
    apex(r"\b(WHEN\s+\w+)(\s*\.\s*\w+)+", "$1", "WHEN names an object, not a path"),
    apex(
        r"(\w*N_\w+\s*:)\s*[-+]\s*(\d+)",
        "$1 $2",
        "the count of a date literal has no sign; Apex takes one",
    ),
    apex(r"(\d*\.\d+)d\b", "$1", "a number has no suffix; apex-parser's number is Apex's"),
    apex(
        r"\b(1500-01-01|2011-13-46)\b",
        "2026-01-31",
        "sf-soql's own check: dates are in the calendar and between 1700 and 4000",
    ),
    apex(
        r"([-\d]+T\d\d:\d\d:\d\d(?:\.\d+)?)[-+](\d:\d\d|\d{1,3})\b",
        "${1}Z",
        "a zone is Z, +hh:mm or +hhmm",
    ),
    apex(r"([\s(,=<>]\d\d:\d\d:\d\d(?:\.\d+)?)[-+][\d:]+", "${1}Z", "the zone of a time is Z"),
    apex(r"\b25:00:00Z", "08:00:00Z", "sf-soql's own check: hours end at 23"),
    apex(r"\b([A-Z]{3}\d+)\s*\.(\s*\d+)?", "$1", "a currency's fraction follows its point directly"),
    apex(r"\\f", "n", "Salesforce's parser refuses \\f, although the guide has it"),
    apex(r"(\b_\w*|\b\w*\$\w*)", "x", "a name begins with a letter and has letters, digits and underscores"),
    apex(
        r"\b(AND|ASC|DESC|EXCLUDES|FIRST|FROM|HAVING|IN|INCLUDES|LAST|LIKE|LIMIT|NOT|NULLS|OR|SELECT|USING|WHERE|WITH|AS)\b",
        "x1",
        "a reserved word is no name; apex-parser takes every word that can be one somewhere",
    ),
    apex(
        r"\bWITH\s+(\(\s*\w+\s*=\s*'x'\s*\)|\w+\s*(?:=|LIKE)\s*\S+(?:\s+AND\s+\w+\s*=\s*\S+)*)",
        "WITH a = 'x'",
        "a filter of WITH is one name = 'text'",
    ),
    apex(r"\b(\w+)_\b", "$1", "sf-soql's own check: an API name does not end with an underscore"),
    ours(r";", "", "Salesforce's API parser takes a ; at the end"),
    ours(
        r"\b(ELSE|FOR|UPDATE|NULL|TRUE|FALSE|NEW|CLASS)\b",
        "x1",
        "the reserved words of Apex are no reserved words of SOQL",
    ),
    ours(r"!\s+=", "!=", "blanks are allowed inside of an operator"),
    ours(r"<\s+>", "<>", "blanks are allowed inside of an operator"),
    ours(r"\b(FROM\s+[\w.]+\s+)AS\s+(\w+)", "$1$2", "AS may stand before the alias of FROM"),
    ours(r"\bEND\s+\w+", "END", "TYPEOF may have an alias"),
    ours(r"\b(LIMIT|OFFSET)\s*[-+]", "$1 ", "the parser takes a sign, the org refuses it later"),
    ours(
        r"\b\w+\s*\(\s*([\w.]+)\s*\)",
        "$1",
        "the parser takes any function of one argument and any word in FIELDS(), the org checks it later",
    ),
    ours(r"\bUSING\s+SCOPE\s+\w+", "", "the parser takes USING SCOPE in a subquery"),
    ours(r"\bWITH\s+(USER_MODE|\w+\s*=\s*'x')", "", "the parser takes WITH in a subquery"),
    ours(r"\bGROUP\s+BY\s+[\w.]+(\s*,\s*[\w.]+)*", "", "the parser takes GROUP BY in a subquery"),
    ours(r"\bOFFSET\s+\d+", "", "the parser takes OFFSET in a subquery"),
    ours(r"\\[_%]", "x", "in LIKE, \\_ and \\% are the characters themselves"),
    ours(r"\b([A-Z]{3}\d+)\.\d+", "$1", "a currency may have a fraction"),
];
