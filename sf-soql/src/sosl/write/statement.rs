use super::Writer;
use crate::{
    Identifier, Item, Literal, UsageStatistics,
    sosl::{Returning, Search, SearchGroup, With},
    write,
};
use sf_core::SfId;
use std::collections::BTreeSet;

/// Rows of a search, and rows that OFFSET may leave out ("LIMIT n" and "OFFSET n", SOSL reference).
const MAX_ROWS: u64 = 2_000;
/// "WITH SNIPPET", SOSL reference.
const SNIPPET: std::ops::RangeInclusive<u32> = 50..=1_000;

impl Writer {
    pub(super) fn search(&mut self, s: &Search) {
        self.text("FIND {");
        self.find(&s.term);
        self.text("}");
        if let Some(group) = s.group {
            self.text(match group {
                SearchGroup::All => " IN ALL FIELDS",
                SearchGroup::Name => " IN NAME FIELDS",
                SearchGroup::Email => " IN EMAIL FIELDS",
                SearchGroup::Phone => " IN PHONE FIELDS",
                SearchGroup::Sidebar => " IN SIDEBAR FIELDS",
            });
        }
        if !s.returning.is_empty() {
            self.text(" RETURNING ");
            self.separated(&s.returning, ", ", Writer::returning);
        }
        self.objects(&s.returning);
        let mut with: Vec<&With> = s.with.iter().collect();
        with.sort_by_key(|w| place(w));
        for pair in with.windows(2) {
            if let [a, b] = pair
                && place(a) == place(b)
            {
                self.problem(format!("WITH {} stands twice", word(a)), "say it once");
            }
        }
        with.into_iter().for_each(|w| self.with(w, &s.returning));
        self.rows(" LIMIT ", s.limit);
        for (i, statistics) in s.update.iter().enumerate() {
            self.text(if i == 0 { " UPDATE " } else { ", " });
            self.text(match statistics {
                UsageStatistics::Tracking => "TRACKING",
                UsageStatistics::Viewstat => "VIEWSTAT",
            });
            if s.update[..i].contains(statistics) {
                self.problem("an option of UPDATE stands twice", "say it once");
            }
        }
    }

    /// What the objects of RETURNING may not do together.
    fn objects(&mut self, objects: &[Returning]) {
        let mut seen = BTreeSet::new();
        for r in objects {
            if !seen.insert(r.object.as_str().to_ascii_lowercase()) {
                self.problem(
                    format!("{} stands twice in RETURNING", r.object),
                    "an object stands once in a search; put its fields and conditions together",
                );
            }
        }
        if objects.len() > 1 && objects.iter().any(|r| r.offset.is_some()) {
            self.problem("OFFSET beside other objects", "only a search of one object has an OFFSET");
        }
        if objects.iter().filter(|r| r.list_view.is_some()).count() > 1 {
            self.problem("two list views", "a search has one list view");
        }
    }

    fn returning(&mut self, r: &Returning) {
        let object = &r.object;
        self.identifier(&Identifier::unchecked(object.as_str()));
        if r.fields.is_empty() && !r.has_clauses() {
            return;
        }
        self.text("(");
        if r.fields.is_empty() {
            self.wrong(
                "fields",
                format!("{object} has clauses and no field"),
                "WHERE, USING ListView, ORDER BY, LIMIT and OFFSET of an object follow at least one field",
            );
        }
        self.separated(&r.fields, ", ", |w, item| match item {
            Item::Value { value, .. } if !value.is_aggregate() => w.soql(write::item(item)),
            _ => w.wrong(
                "field",
                "RETURNING takes fields and functions of them",
                "aggregates, subqueries, TYPEOF and FIELDS() belong to a SELECT: query the ids that were found",
            ),
        });
        if let Some(filter) = &r.filter {
            self.text(" WHERE ");
            self.soql(filter.to_soql());
        }
        if let Some(view) = &r.list_view {
            self.text(" USING ListView=");
            self.identifier(view);
        }
        if !r.order.is_empty() {
            self.text(" ORDER BY ");
            self.separated(&r.order, ", ", |w, order| w.soql(write::order(order)));
        }
        self.rows(" LIMIT ", r.limit);
        self.rows(" OFFSET ", r.offset);
        self.text(")");
    }

    fn rows(&mut self, clause: &str, rows: Option<u64>) {
        let Some(rows) = rows else { return };
        self.text(clause);
        self.text(&rows.to_string());
        if rows > MAX_ROWS {
            let clause = clause.trim();
            self.problem(
                format!("{clause} {rows} is too large"),
                format!("a search takes {clause} {MAX_ROWS} at most"),
            );
        }
    }

    fn identifier(&mut self, name: &Identifier) {
        match name.problem() {
            None => self.text(name.as_str()),
            Some(problem) => self.wrong("name", problem.message, problem.explanation),
        }
    }

    fn with(&mut self, with: &With, objects: &[Returning]) {
        self.text(" WITH ");
        if !matches!(with, With::DataCategory(_)) {
            self.text(word(with));
        }
        match with {
            With::Division(division) => {
                self.text(" = ");
                self.soql(write::literal_of_list(&Literal::Text(division.as_str().into())));
            }
            With::DataCategory(categories) => {
                self.soql(write::data_category(categories));
                if objects.is_empty() {
                    self.problem(
                        "WITH DATA CATEGORY without RETURNING",
                        "return an article type with a filter on PublishStatus",
                    );
                }
            }
            With::Snippet { target_length: None } | With::Highlight => {}
            With::Snippet { target_length: Some(length) } => {
                self.text(&format!("(target_length={length})"));
                if !SNIPPET.contains(length) {
                    self.problem(
                        format!("a target length of {length} characters"),
                        "Salesforce would take 300: say 50 to 1,000, or none",
                    );
                }
            }
            With::Network(networks) => self.networks(networks),
            With::PricebookId(id) => {
                self.text(&format!(" = '{id}'"));
                if !objects.iter().any(|r| r.object.as_str().eq_ignore_ascii_case("Product2")) {
                    self.problem(
                        "WITH PricebookId without Product2",
                        "only products are found by price book: return Product2",
                    );
                }
            }
            With::MetadataLabels => self.text("='LABELS'"),
            With::SpellCorrection(on) => self.text(if *on { " = true" } else { " = false" }),
        }
    }

    fn networks(&mut self, networks: &[SfId]) {
        match networks {
            [] => {
                self.text(" = ");
                self.wrong(
                    "network",
                    "WITH NETWORK of nothing",
                    "name at least one network, or leave it out",
                );
            }
            [one] => self.text(&format!(" = '{one}'")),
            several => {
                self.text(" IN (");
                self.separated(several, ", ", |w, id| w.text(&format!("'{id}'")));
                self.text(")");
            }
        }
    }
}

/// Its place in the statement ("SOSL Syntax", SOSL reference, which leaves the places of the two that it does not
/// list, HIGHLIGHT and SPELL_CORRECTION, open).
fn place(with: &With) -> u8 {
    match with {
        With::Division(_) => 0,
        With::DataCategory(_) => 1,
        With::Snippet { .. } => 2,
        With::Highlight => 3,
        With::Network(_) => 4,
        With::PricebookId(_) => 5,
        With::MetadataLabels => 6,
        With::SpellCorrection(_) => 7,
    }
}

fn word(with: &With) -> &'static str {
    match with {
        With::Division(_) => "DIVISION",
        With::DataCategory(_) => "DATA CATEGORY",
        With::Snippet { .. } => "SNIPPET",
        With::Highlight => "HIGHLIGHT",
        With::Network(_) => "NETWORK",
        With::PricebookId(_) => "PricebookId",
        With::MetadataLabels => "METADATA",
        With::SpellCorrection(_) => "SPELL_CORRECTION",
    }
}
