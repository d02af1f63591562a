//! What a statement may not hold for a query job.
use crate::{Delivery, ErrorKind, Failure, Soql};

/// What Bulk API 2.0 does not take, told before a job is made. (Guide, "SOQL Considerations".)
pub(crate) fn check(soql: &Soql) -> Result<(), Failure> {
    let Some(problem) = problem(soql) else { return Ok(()) };
    let message = format!("a query job cannot have {problem}");
    Err(Failure::new(ErrorKind::Unsupported, Delivery::NotSent, message)
        .with_next_step("Run the statement with `Org::query`, or take this part out of it."))
}
fn problem(soql: &Soql) -> Option<&'static str> {
    if soql.has_children() == Some(true) {
        return Some("child subqueries");
    }
    let words = words(soql.as_str());
    let is = |at: usize, word: &str| words.get(at).is_some_and(|found| found.eq_ignore_ascii_case(word));
    let (mut depth, mut selecting) = (0_usize, true);
    for at in 0..words.len() {
        match words.get(at).map(String::as_str) {
            Some("(") => {
                depth += 1;
                if selecting && is(at + 1, "SELECT") {
                    return Some("child subqueries");
                }
            }
            Some(")") => depth = depth.saturating_sub(1),
            Some(word) if depth == 0 && word.eq_ignore_ascii_case("FROM") => selecting = false,
            Some(word) if selecting && word.eq_ignore_ascii_case("TYPEOF") => return Some("TYPEOF"),
            Some(word) if selecting && is(at + 1, "(") && is_aggregate(word) => {
                return Some("aggregate functions");
            }
            Some(word) if depth == 0 && word.eq_ignore_ascii_case("GROUP") && is(at + 1, "BY") => {
                return Some("GROUP BY");
            }
            Some(word)
                if depth == 0
                    && !selecting
                    && word.eq_ignore_ascii_case("OFFSET")
                    && is_number(words.get(at + 1)) =>
            {
                return Some("OFFSET");
            }
            _ => {}
        }
    }
    None
}
/// Fields of the statement that are columns of its rows; what stands behind functions, aliases and `FIELDS()` is left out.
pub(super) fn columns(soql: &Soql) -> Vec<String> {
    let text = soql.as_str().trim_start();
    let Some(list) =
        text.get(6..).filter(|_| text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("SELECT")))
    else {
        return Vec::new();
    };
    let (mut columns, mut depth, mut is_item) = (Vec::new(), 0_usize, true);
    for piece in list.split_inclusive([',', '(', ')']) {
        let is_outside = depth == 0;
        match piece.chars().last() {
            Some('(') => depth += 1,
            Some(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if is_outside {
            let mut words = piece.trim_end_matches([',', '(', ')']).split_whitespace();
            let is_from = |word: &str| word.eq_ignore_ascii_case("FROM");
            let is_name = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
            let (name, then) = (words.next(), words.next());
            if is_item && (then.is_some_and(is_from) || (then.is_none() && piece.ends_with(','))) {
                columns.extend(name.filter(is_name).map(str::to_owned));
            }
            if piece.split_whitespace().any(is_from) {
                return columns;
            }
        }
        // What follows a bracket is the rest of a function.
        is_item = depth == 0 && piece.ends_with(',');
    }
    // Without FROM it is no statement that could be known.
    Vec::new()
}
fn is_number(word: Option<&String>) -> bool {
    word.is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()))
}
fn is_aggregate(word: &str) -> bool {
    ["COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"].iter().any(|name| name.eq_ignore_ascii_case(word))
}
/// Words and brackets; texts in quotes are left out.
fn words(soql: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut chars) = (String::new(), soql.chars());
    while let Some(char) = chars.next() {
        if char.is_alphanumeric() || matches!(char, '_' | '.') {
            word.push(char);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        match char {
            '(' | ')' => words.push(char.into()),
            '\'' => loop {
                match chars.next() {
                    Some('\\') => {
                        chars.next();
                    }
                    Some('\'') | None => break,
                    Some(_) => {}
                }
            },
            _ => {}
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pain 48: limits of the Bulk API that are found at run time.
    #[test]
    fn columns_are_the_fields_that_are_asked_for_by_their_own_names() {
        for (text, expected) in [
            ("SELECT Id FROM Account", vec!["Id"]),
            (
                " select Id ,Owner.Name,\n x__c\tfrom Account WHERE a IN (SELECT b FROM c)",
                vec!["Id", "Owner.Name", "x__c"],
            ),
            ("SELECT Id, toLabel(Status), Name FROM Case", vec!["Id", "Name"]),
            ("SELECT toLabel(Status), FORMAT(convertCurrency(Amount)) f FROM Case", vec![]),
            ("SELECT DISTANCE(Loc__c, GEOLOCATION(1, 2), 'km'), Id FROM Case WHERE x = ')'", vec!["Id"]),
            ("SELECT FIELDS(ALL) FROM Case LIMIT 200", vec![]),
            ("SELECT Id,Name FROM Account WHERE Name IN ('a,b', 'FROM')", vec!["Id", "Name"]),
            ("SELECT From__c, Id FROM Account", vec!["From__c", "Id"]),
            ("SELECT Id, Name", vec![]),
            ("FIND {x}", vec![]),
            ("sélect", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(columns(&Soql::raw(text)), expected, "{text}");
        }
    }

    #[test]
    fn what_a_query_job_cannot_do_is_told_before_it_is_made() {
        for (text, problem) in [
            ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "child subqueries"),
            ("SELECT COUNT() FROM Account", "aggregate functions"),
            ("select max(Amount) from Opportunity", "aggregate functions"),
            ("SELECT Name FROM Account GROUP  BY Name", "GROUP BY"),
            ("SELECT Id FROM Account LIMIT 5 OFFSET 5", "OFFSET"),
            ("SELECT TYPEOF What WHEN Account THEN Name END FROM Event", "TYPEOF"),
        ] {
            let failure = check(&Soql::raw(text)).unwrap_err();
            assert_eq!(failure.message, format!("a query job cannot have {problem}"), "{text}");
            assert_eq!((failure.kind, failure.delivery), (ErrorKind::Unsupported, Delivery::NotSent));
            assert!(failure.help().next_step.contains("Org::query"));
        }
        for text in [
            "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND Name != 'GROUP BY x'",
            "SELECT Id, Offset__c FROM Account WHERE Name = 'it\\'s COUNT()' ORDER BY Name LIMIT 5",
            "SELECT Id FROM Case WHERE CALENDAR_YEAR(CreatedDate) = 2026",
        ] {
            assert_eq!(check(&Soql::raw(text)), Ok(()), "{text}");
        }
    }
}
