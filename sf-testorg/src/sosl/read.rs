//! `FIND {…} IN NAME FIELDS RETURNING Account(Id, Name WHERE … LIMIT 5), Contact LIMIT 20`
use super::{Group, Returning, Search, SearchError, term::Term};

/// SOQL and SOSL reference, "SOSL Limits on Search Results".
pub(super) const MOST_ROWS: usize = 2000;

/// Reads one statement.
pub(crate) fn read(text: &str) -> Result<Search, SearchError> {
    let mut reader = Reader { text, at: 0 };
    if !reader.word("FIND") {
        return Err(reader.unexpected("expecting 'find'"));
    }
    let term = reader.braces()?;
    let mut search =
        Search { term: Term::parse(term)?, group: Group::All, returning: Vec::new(), limit: MOST_ROWS };
    if reader.word("IN") {
        let name = reader.name();
        search.group = Group::named(name).ok_or_else(|| reader.unexpected("expecting a search group"))?;
        if !reader.word("FIELDS") {
            return Err(reader.unexpected("expecting 'fields'"));
        }
    }
    if reader.word("RETURNING") {
        loop {
            search.returning.push(reader.returning()?);
            if !reader.byte(b',') {
                break;
            }
        }
    }
    if reader.word("WITH") {
        return Err(reader.unexpected("WITH is not simulated by this org"));
    }
    if reader.word("LIMIT") {
        let rows: Option<usize> = reader.name().parse().ok();
        search.limit = rows.ok_or_else(|| reader.unexpected("expecting a number"))?.min(MOST_ROWS);
    }
    if reader.word("UPDATE") {
        while !reader.name().is_empty() && reader.byte(b',') {}
    }
    reader.blanks();
    if reader.at < text.len() {
        return Err(reader.unexpected("unexpected token"));
    }
    Ok(search)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn unexpected(&self, message: &str) -> SearchError {
        let column = self.text[..self.at].chars().count() + 1;
        let found = self.text[self.at..].chars().next().map_or_else(|| "<EOF>".to_owned(), String::from);
        SearchError::at(column, format!("{message}, found '{found}'"))
    }

    /// Letters, digits and underscores; empty when there are none.
    fn name(&mut self) -> &'t str {
        self.blanks();
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn word(&mut self, word: &str) -> bool {
        let before = self.at;
        let found = self.name().eq_ignore_ascii_case(word);
        if !found {
            self.at = before;
            self.blanks();
        }
        found
    }

    fn byte(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// What stands between the braces; an escaped brace is part of it.
    fn braces(&mut self) -> Result<&'t str, SearchError> {
        if !self.byte(b'{') {
            return Err(SearchError::whole(
                "No search term found. The search term must be enclosed in braces.",
            ));
        }
        let start = self.at;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'}' => {
                    self.at += 1;
                    return Ok(&self.text[start..self.at - 1]);
                }
                // What follows may be more than one byte; none of the others is a brace or a backslash.
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at = self.text.len();
        Err(self.unexpected("mismatched character '<EOF>' expecting '}'"))
    }

    /// `Account(Id, Name WHERE … ORDER BY … LIMIT 5)` as `SELECT Id, Name FROM Account WHERE …`.
    fn returning(&mut self) -> Result<Returning, SearchError> {
        let object = self.name().to_owned();
        if object.is_empty() {
            return Err(self.unexpected("expecting an object"));
        }
        if !self.byte(b'(') {
            return Ok(Returning { soql: format!("SELECT Id FROM {object}"), object });
        }
        let inside = self.parentheses()?;
        let cut = [" WHERE ", " USING ", " ORDER BY ", " LIMIT ", " OFFSET "]
            .iter()
            .filter_map(|word| find_word(inside, word))
            .min()
            .unwrap_or(inside.len());
        let (fields, clauses) = inside.split_at(cut);
        let fields = Some(fields.trim()).filter(|f| !f.is_empty()).unwrap_or("Id");
        Ok(Returning { soql: format!("SELECT {fields} FROM {object} {}", clauses.trim()), object })
    }

    /// Up to the closing parenthesis, past texts and inner ones.
    fn parentheses(&mut self) -> Result<&'t str, SearchError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let (mut open, mut quoted) = (1, false);
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'\\' if quoted => self.at += 1,
                b'\'' => quoted = !quoted,
                b'(' if !quoted => open += 1,
                b')' if !quoted => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Ok(&self.text[start..self.at - 1]);
            }
        }
        self.at = self.text.len();
        Err(self.unexpected("expecting ')'"))
    }
}

/// The place of a keyword in capitals with its blanks, whatever its case and blanks.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let flat: String =
        text.chars().map(|c| if c.is_ascii_whitespace() { ' ' } else { c.to_ascii_uppercase() }).collect();
    flat.find(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_taken_apart() {
        let search = read(
            "FIND {Joe \\} x*} IN Name FIELDS RETURNING Account(Id, Name WHERE Name = ')' ORDER BY Name LIMIT 5), Contact , Lead(Name) LIMIT 20",
        )
        .unwrap();
        assert_eq!((search.group, search.limit), (Group::Name, 20));
        let soql: Vec<&str> = search.returning.iter().map(|r| r.soql.as_str()).collect();
        assert_eq!(
            soql,
            [
                "SELECT Id, Name FROM Account WHERE Name = ')' ORDER BY Name LIMIT 5",
                "SELECT Id FROM Contact",
                "SELECT Name FROM Lead "
            ]
        );
        for wrong in [
            "",
            "FIND Acme",
            "FIND {Acme",
            "FIND {Acme} IN Nowhere FIELDS",
            "FIND {Acme} IN Name",
            "FIND {Acme} RETURNING",
            "FIND {Acme} RETURNING Account(Id",
            "FIND {Acme} LIMIT x",
            "FIND {Acme} nonsense",
            "FIND {Acme} RETURNING Account é",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
