//! Whether what came as a page of a query job is one.
//!
//! A success proves little: a proxy's sign-in page has the status 200, too, and its lines would be rows.
use super::statement;
use crate::{
    Delivery, ErrorKind, Failure, Soql,
    protocol::{
        BodySink, Response,
        bulk::{CsvReader, next_locator},
    },
};
use std::io;

/// The text of a page as it comes, and what was found in it.
#[derive(Debug, Default)]
pub(super) struct PageText {
    pub(super) text: Vec<u8>,
    pub(super) rows: u64,
    pub(super) next: Option<String>,
}
impl BodySink for PageText {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.text.extend_from_slice(chunk);
        Ok(())
    }
    fn memory(&mut self) -> Option<&mut Vec<u8>> {
        Some(&mut self.text)
    }
}

/// What a page must have.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    /// Columns of the statement, as far as they can be known.
    columns: Vec<String>,
    pub(super) place: Place,
}
/// How the page after this one is known.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// From a list of pages.
    Listed,
    /// From the page itself; so many rows have not come yet, if that is known.
    Chained { left: Option<u64> },
}

impl Expected {
    pub(super) fn of(soql: &Soql, place: Place) -> Expected {
        Expected { columns: statement::columns(soql), place }
    }
    /// Reads the page through once.
    pub(super) fn check(&self, page: &mut PageText, response: &Response) -> Result<(), Failure> {
        if response.header("content-type").is_some_and(is_of_another_type) {
            return Err(wrong("the page of a job is not CSV"));
        }
        let said = response.header("sforce-numberofrecords").and_then(|n| n.trim().parse::<u64>().ok());
        let mut reader = CsvReader::new();
        let mut input = page.text.as_slice();
        while !input.is_empty() {
            reader.read(&mut input)?;
        }
        // A last row without a line end.
        reader.read(&mut [].as_slice())?;
        page.rows = reader.rows();
        // Some versions leave the header out where there are no rows.
        if reader.header().len() > 0 {
            self.check_header(&reader)?;
        } else if said != Some(0) && !matches!(self.place, Place::Chained { left: Some(0) }) {
            return Err(wrong("a page came empty, without its header row"));
        }
        if let Some(rows) = said.filter(|rows| *rows != page.rows) {
            return Err(wrong(&format!("a page of {rows} rows came with {}", page.rows)));
        }
        page.next = next_locator(response).map(str::to_owned);
        // The last one says that it is. One that says nothing may have lost it on the way.
        match self.place {
            Place::Chained { left } if page.next.is_none() && response.header("sforce-locator").is_none() => {
                match left {
                    Some(left) if left == page.rows => Ok(()),
                    Some(left) => Err(wrong(&format!(
                        "a page of {} rows does not say which is the next one, and {left} were still to come",
                        page.rows
                    ))),
                    None => Err(wrong("a page does not say which is the next one, nor that it is the last")),
                }
            }
            _ => Ok(()),
        }
    }
    fn check_header(&self, reader: &CsvReader) -> Result<(), Failure> {
        let is_path = |name: &str| {
            !name.is_empty()
                && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '(' | ')'))
        };
        // No name of it is told: a foreign page is not ours to quote. What the org calls a column of a function is not known.
        match (!self.columns.is_empty() || reader.header().all(is_path))
            && self.columns.iter().all(|column| reader.header().any(|name| is_column(name, column)))
        {
            true => Ok(()),
            false => Err(wrong("the header row of a page is not that of the statement")),
        }
    }
}

/// Types that a page surely is not. What a gateway calls CSV is not known for all of them.
fn is_of_another_type(content_type: &str) -> bool {
    let name = content_type.split(';').next().unwrap_or_default().to_ascii_lowercase();
    ["html", "xml", "json"].iter().any(|other| name.contains(other))
}
/// By the last name of the path: in front of it may stand the object, or its alias. An org with a namespace of its own puts that in
/// front of the name.
fn is_column(name: &str, column: &str) -> bool {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let (name, column) = (last(name), last(column));
    name == column || name.strip_suffix(&column).is_some_and(|namespace| namespace.ends_with("__"))
}
fn wrong(message: &str) -> Failure {
    Failure::new(ErrorKind::Decode, Delivery::Refused, message).with_next_step(
        "Read on from the saved job (`Org::bulk_query_resume`); if it stays, look at what answers: a proxy may have put its own page there.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(soql: &str, left: Option<u64>, headers: &[(&str, &str)], text: &str) -> Result<u64, String> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut page = PageText { text: text.into(), ..PageText::default() };
        let expected = Expected::of(&Soql::raw(soql), Place::Chained { left });
        let checked = expected.check(&mut page, &Response::new(200, headers, ""));
        checked.map(|()| page.rows).map_err(|failure| failure.message)
    }
    const LAST: (&str, &str) = ("Sforce-Locator", "null");

    #[test]
    fn a_page_has_the_columns_of_its_statement_under_the_names_that_orgs_give_them() {
        for (soql, header) in [
            ("SELECT Id, Name FROM Account", "\"Id\",\"Name\""),
            ("select id,\n name\tfrom Account where Name = 'a, b FROM c'", "Name,Id"),
            ("SELECT a.Id, a.Owner.Name FROM Account a", "Id,Owner.Name"),
            ("SELECT Account.Id, Key__c FROM Account", "Id,acme__Key__c"),
            ("SELECT Id, toLabel(Industry), FORMAT(Amount) f FROM Account", "Id,Industry,f"),
            ("SELECT toLabel(Industry) FROM Account", "toLabel(Industry)"),
            ("SELECT FIELDS(ALL) FROM Account LIMIT 200", "Id,Name,Any__c"),
            ("not a statement", "Id"),
        ] {
            let cells = vec!["x"; header.split(',').count()].join(",");
            assert_eq!(check(soql, None, &[LAST], &format!("{header}\n{cells}\n")), Ok(1), "{soql}");
        }
        for (soql, header) in [
            ("SELECT Id, Name FROM Account", "Id"),
            ("SELECT Id FROM Account", "<html>"),
            ("SELECT Id FROM Account", "AccountId"),
            ("SELECT FIELDS(ALL) FROM Account LIMIT 200", "{\"a\":1}"),
            ("SELECT toLabel(Industry) FROM Account", "<!DOCTYPE html>"),
            ("SELECT toLabel(Industry) FROM Account", "Bad Gateway"),
        ] {
            let told = check(soql, None, &[LAST], &format!("{header}\n"));
            assert_eq!(
                told,
                Err("the header row of a page is not that of the statement".to_owned()),
                "{soql}"
            );
        }
    }

    #[test]
    fn a_page_is_csv_by_any_name_that_is_not_another_s() {
        let soql = "SELECT Id FROM Account";
        for (kind, is_csv) in [
            ("text/csv", true),
            ("text/csv;charset=UTF-8", true),
            ("application/octet-stream", true),
            ("text/plain; x=html", true),
            ("Text/HTML; charset=UTF-8", false),
            ("application/json", false),
            ("application/xhtml+xml", false),
        ] {
            let told = check(soql, None, &[LAST, ("Content-Type", kind)], "Id\n1\n");
            assert_eq!(told.is_ok(), is_csv, "{kind}");
        }
    }

    #[test]
    fn no_rows_are_said_or_known() {
        let soql = "SELECT Id FROM Account";
        assert_eq!(check(soql, Some(0), &[], ""), Ok(0));
        assert_eq!(check(soql, Some(0), &[], "Id\n"), Ok(0));
        assert_eq!(check(soql, None, &[LAST, ("Sforce-NumberOfRecords", "0")], ""), Ok(0));
        assert_eq!(check(soql, None, &[LAST], "Id\n"), Ok(0));
        assert!(check(soql, None, &[LAST], "").is_err());
        assert!(check(soql, Some(2), &[LAST], "").is_err());
        assert!(check(soql, Some(2), &[], "Id\n").is_err());
        assert!(check(soql, None, &[], "Id\n1\n").is_err());
    }
}
