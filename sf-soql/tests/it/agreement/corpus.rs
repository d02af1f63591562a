//! Statements to compare two parsers with: of the grammar, near misses of them, and fragments that decide rules.
//! The same seed makes the same statements.

use super::words::{
    AGGREGATES, ALIASES, COUNTED_DATES, DATE_FUNCTIONS, FIELDS, OBJECTS, OPERATORS, OTHER_FUNCTIONS,
    PLAIN_DATES, TOKENS, VALUES,
};

/// SplitMix64: few lines, and good enough to choose with.
pub(super) struct Corpus {
    state: u64,
    out: Vec<String>,
}

impl Corpus {
    /// So many statements of the grammar, and as many near misses.
    pub(super) fn statements(seed: u64, count: usize) -> Vec<String> {
        let mut corpus = Corpus { state: seed, out: Vec::new() };
        let mut all: Vec<String> = FRAGMENTS.lines().map(fragment).collect();
        for _ in 0..count {
            corpus.out.clear();
            corpus.statement(2);
            if corpus.one_in(20) {
                corpus.put(";");
            }
            all.push(corpus.text());
            for _ in 0..=corpus.below(2) {
                corpus.mutate();
            }
            all.push(corpus.text());
        }
        all.sort();
        all.dedup();
        all
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn one_of(&mut self, list: &[&'static str]) -> &'static str {
        list[self.below(list.len())]
    }

    /// Adds tokens, parted by blanks; keywords change their case now and then.
    fn put(&mut self, tokens: &str) {
        let lower = self.one_in(12);
        for token in tokens.split_ascii_whitespace() {
            self.out.push(if lower { token.to_ascii_lowercase() } else { token.to_owned() });
        }
    }

    /// Adds one token as it is.
    fn value(&mut self, token: &str) {
        self.out.push(token.to_owned());
    }

    fn pick(&mut self, list: &[&'static str]) {
        let token = self.one_of(list);
        self.value(token);
    }

    /// With blanks everywhere, or only where they are needed.
    fn text(&mut self) -> String {
        let text = self.out.join(" ");
        if !self.one_in(4) {
            return text;
        }
        let mut tight = String::new();
        for token in &self.out {
            let word = |c: char| c.is_ascii_alphanumeric() || "_'.:+-".contains(c);
            let needed = tight.ends_with(word) && token.starts_with(word);
            tight.push_str(if needed { " " } else { "" });
            tight.push_str(token);
        }
        tight
    }

    fn mutate(&mut self) {
        let length = self.out.len();
        if length < 2 {
            return;
        }
        let at = self.below(length);
        match self.below(5) {
            0 => drop(self.out.remove(at)),
            1 => self.out.insert(at, self.out[at].clone()),
            2 => self.out.swap(at, (at + 1) % length),
            3 => self.out[at] = self.one_of(TOKENS).to_owned(),
            _ => {
                let token = self.one_of(TOKENS).to_owned();
                self.out.insert(at, token);
            }
        }
    }

    fn commas(&mut self, most: usize, mut one: impl FnMut(&mut Corpus)) {
        for i in 0..=self.below(most) {
            if i > 0 {
                self.put(",");
            }
            one(self);
        }
    }

    fn statement(&mut self, depth: usize) {
        self.put("SELECT");
        if self.one_in(12) {
            self.put("COUNT ( )");
        } else {
            self.commas(4, |c| c.item(depth));
        }
        self.put("FROM");
        self.pick(OBJECTS);
        self.alias_of_from();
        if self.one_in(10) {
            self.put("USING SCOPE");
            self.pick(&["mine", "team", "everything", "delegated"]);
        }
        self.filter(depth);
        if self.one_in(6) {
            self.with();
        }
        if self.one_in(4) {
            self.group(depth);
        }
        self.order();
        self.limits();
        self.ending();
    }

    fn alias_of_from(&mut self) {
        if self.one_in(5) {
            if self.one_in(4) {
                self.put("AS");
            }
            self.pick(ALIASES);
            if self.one_in(4) {
                self.put(", a . Owner o , o.Manager");
            }
        }
    }

    fn filter(&mut self, depth: usize) {
        if !self.one_in(4) {
            self.put("WHERE");
            self.condition(depth + 1);
        }
    }

    fn order(&mut self) {
        if self.one_in(3) {
            self.put("ORDER BY");
            self.commas(2, |c| {
                c.operand();
                let direction = c.one_of(&["", "", "ASC", "DESC"]);
                let nulls = c.one_of(&["", "", "NULLS FIRST", "NULLS LAST"]);
                c.put(direction);
                c.put(nulls);
            });
        }
    }

    fn limits(&mut self) {
        for word in ["LIMIT", "OFFSET"] {
            if self.one_in(4) {
                self.put(word);
                if self.one_in(12) {
                    self.pick(&["-1", "+3", ":x"]);
                } else {
                    self.pick(&["0", "5", "200", "2000", "05"]);
                }
            }
        }
    }

    fn ending(&mut self) {
        if self.one_in(10) {
            self.put("FOR");
            self.pick(&["VIEW", "REFERENCE", "VIEW", "REFERENCE", "UPDATE"]);
        }
        if self.one_in(10) {
            self.put("UPDATE");
            self.commas(1, |c| c.pick(&["TRACKING", "VIEWSTAT"]));
        }
    }

    fn item(&mut self, depth: usize) {
        match self.below(12) {
            0 if depth > 0 => {
                self.put("(");
                self.child(depth - 1);
                self.put(")");
            }
            1 => self.type_of(),
            2 => {
                self.put("FIELDS (");
                self.pick(&["ALL", "CUSTOM", "STANDARD", "standard", "FOO"]);
                self.put(")");
            }
            3 => {
                self.distance();
                self.alias();
            }
            4 | 5 => {
                self.call();
                self.alias();
            }
            _ => {
                self.pick(FIELDS);
                if self.one_in(8) {
                    self.alias();
                }
            }
        }
    }

    fn alias(&mut self) {
        if self.one_in(2) {
            self.pick(ALIASES);
        }
    }

    fn child(&mut self, depth: usize) {
        self.put("SELECT");
        self.commas(3, |c| c.item(depth));
        self.put("FROM");
        self.pick(&["Contacts", "Cases", "Foo__r", "Account.Contacts"]);
        if self.one_in(8) {
            self.pick(ALIASES);
        }
        if self.one_in(12) {
            self.put("USING SCOPE mine");
        }
        self.filter(depth);
        if self.one_in(12) {
            self.put("WITH USER_MODE");
        }
        if self.one_in(12) {
            self.put("GROUP BY Name");
        }
        self.order();
        self.limits();
        self.ending();
    }

    fn type_of(&mut self) {
        self.put("TYPEOF");
        self.pick(&["What", "Who.Owner"]);
        for _ in 0..=self.below(2) {
            self.put("WHEN");
            self.pick(OBJECTS);
            self.put("THEN");
            self.commas(2, |c| c.pick(FIELDS));
        }
        if self.one_in(2) {
            self.put("ELSE");
            self.commas(1, |c| c.pick(FIELDS));
        }
        self.put("END");
        if self.one_in(8) {
            self.pick(ALIASES);
        }
    }

    fn distance(&mut self) {
        self.put("DISTANCE (");
        self.pick(&["Location__c", "Foo__r.Location__c"]);
        self.put(", GEOLOCATION (");
        self.pick(&["37.775", "-8", "+5.5", ".5"]);
        self.put(",");
        self.pick(&["-122.418", "0", "5"]);
        self.put(") ,");
        self.pick(&["'mi'", "'km'"]);
        self.put(")");
    }

    fn call(&mut self) {
        match self.below(6) {
            0 | 1 => self.pick(AGGREGATES),
            2 => self.pick(OTHER_FUNCTIONS),
            3 => {
                self.pick(DATE_FUNCTIONS);
                self.put("( convertTimezone (");
                self.pick(FIELDS);
                self.put(") )");
                return;
            }
            4 if self.one_in(2) => {
                self.put("FORMAT (");
                self.call();
                self.put(")");
                return;
            }
            _ => self.pick(DATE_FUNCTIONS),
        }
        self.put("(");
        self.pick(FIELDS);
        self.put(")");
    }

    fn operand(&mut self) {
        match self.below(8) {
            0 => self.distance(),
            1 => self.call(),
            _ => self.pick(FIELDS),
        }
    }

    fn condition(&mut self, depth: usize) {
        match self.below(4) {
            0 if depth > 0 => {
                self.put("NOT");
                self.term(depth - 1);
            }
            1 | 2 if depth > 0 => {
                let word = self.one_of(&["AND", "OR"]);
                self.term(depth - 1);
                for _ in 0..=self.below(3) {
                    self.put(word);
                    self.term(depth - 1);
                }
            }
            _ => self.term(depth),
        }
    }

    fn term(&mut self, depth: usize) {
        if depth > 0 && self.one_in(3) {
            self.put("(");
            self.condition(depth - 1);
            self.put(")");
        } else {
            self.comparison(depth);
        }
    }

    fn comparison(&mut self, depth: usize) {
        match self.below(10) {
            0 => {
                self.distance();
                self.pick(&["<", ">", "<="]);
                self.pick(&["20", "5.5"]);
            }
            1 => {
                self.operand_without_distance();
                self.put("LIKE");
                self.pick(&["'x%'", "'_a'", r"'50\%'", r"'a\_b'", "''", "5", "null", "TODAY"]);
            }
            2 | 3 => {
                self.operand_without_distance();
                let not = self.one_of(&["", "NOT"]);
                self.put(not);
                self.put("IN (");
                self.commas(3, Corpus::literal);
                self.put(")");
            }
            4 if depth > 0 => {
                self.pick(FIELDS);
                let not = self.one_of(&["", "NOT"]);
                self.put(not);
                self.put("IN ( SELECT");
                if self.one_in(6) {
                    self.call()
                } else {
                    self.pick(FIELDS)
                }
                self.put("FROM");
                self.pick(OBJECTS);
                if self.one_in(6) {
                    self.pick(ALIASES);
                }
                if self.one_in(8) {
                    self.put("USING SCOPE mine");
                }
                self.filter(depth - 1);
                self.put(")");
            }
            5 => {
                self.pick(FIELDS);
                self.pick(&["INCLUDES", "EXCLUDES", "includes"]);
                self.put("(");
                self.commas(2, |c| c.pick(&["'A;B'", "'C'"]));
                self.put(")");
            }
            _ => {
                self.operand_without_distance();
                let operator = self.one_of(OPERATORS);
                self.put(operator);
                self.literal();
            }
        }
    }

    fn operand_without_distance(&mut self) {
        if self.one_in(6) { self.call() } else { self.pick(FIELDS) }
    }

    fn literal(&mut self) {
        match self.below(6) {
            0 => self.pick(PLAIN_DATES),
            1 => {
                self.pick(COUNTED_DATES);
                self.put(":");
                self.pick(&["0", "1", "30"]);
            }
            _ if self.one_in(40) => self.value(":x"),
            _ => self.pick(VALUES),
        }
    }

    fn with(&mut self) {
        match self.below(5) {
            0 => self.put("WITH SECURITY_ENFORCED"),
            1 => self.put("WITH USER_MODE"),
            2 => self.put("WITH SYSTEM_MODE"),
            3 => self.put("WITH Network = 'x'"),
            _ => {
                self.put("WITH DATA CATEGORY");
                for i in 0..=self.below(2) {
                    if i > 0 {
                        self.put("AND");
                    }
                    self.pick(&["Geo__c", "Product__c", "Data"]);
                    self.pick(&["AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW"]);
                    if self.one_in(2) {
                        self.put("( usa__c , Mexico__c )");
                    } else {
                        self.put("usa__c");
                    }
                }
            }
        }
    }

    fn group(&mut self, depth: usize) {
        self.put("GROUP BY");
        let form = self.one_of(&["", "", "ROLLUP (", "CUBE ("]);
        self.put(form);
        self.commas(2, Corpus::operand_without_distance);
        if !form.is_empty() {
            self.put(")");
        }
        if self.one_in(3) {
            self.put("HAVING");
            self.condition(depth);
        }
    }
}

/// `…` is a condition of a statement, anything else a whole statement.
fn fragment(text: &str) -> String {
    match text.strip_prefix('…') {
        Some(condition) => format!("SELECT Id FROM A WHERE {condition}"),
        None => text.to_owned(),
    }
}

/// Each line decides a rule: the rows of the table of what Salesforce's own parser takes, and what Apex adds.
const FRAGMENTS: &str = include_str!("fragments.soql");
