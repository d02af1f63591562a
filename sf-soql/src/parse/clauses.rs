//! The clauses after FROM.

use super::lexer::Kind;
use super::{Dialect, Parser, Read};
use crate::tree::Word;
use crate::{
    Access, CategoryFilter, CategorySelector, For, GroupBy, Order, RowCount, Statement, UsageStatistics, With,
};

impl Parser<'_> {
    pub(super) fn scope_clause(&mut self, s: &mut Statement) -> Read<()> {
        if self.take_word(Word::Using) {
            self.expect_word(Word::Scope, "SCOPE follows USING")?;
            let token = self.word("a scope is expected: mine, team, everything")?;
            self.place(token);
            s.scope = Some(self.identifier(token)?);
        }
        Ok(())
    }

    pub(super) fn where_clause(&mut self, s: &mut Statement) -> Read<()> {
        if self.take_word(Word::Where) {
            s.filter = Some(self.bool_expression()?);
        }
        if self.is(Word::Using) {
            return Err(self.unexpected("USING SCOPE stands before WHERE"));
        }
        Ok(())
    }

    pub(super) fn with_clause(&mut self, s: &mut Statement) -> Read<()> {
        if !self.take_word(Word::With) {
            return Ok(());
        }
        let access = match self.token.word {
            Word::SecurityEnforced => Some(Access::SecurityEnforced),
            Word::UserMode => Some(Access::UserMode),
            Word::SystemMode => Some(Access::SystemMode),
            _ => None,
        };
        s.with = Some(if self.before(b'=') {
            let token = self.word("the name of a filter is expected")?;
            self.place(token);
            let name = self.identifier(token)?;
            self.bump();
            if !matches!(self.token.kind, Kind::Text | Kind::EscapedText | Kind::Colon) {
                return Err(self.unexpected("a text follows: WITH name = 'value'"));
            }
            With::Filter { name, value: self.literal(None)? }
        } else if let Some(access) = access {
            self.bump();
            With::Access(access)
        } else if self.take_words(Word::Data, Word::Category) {
            let mut filters = vec![self.category_filter()?];
            while self.take_word(Word::And) {
                filters.push(self.category_filter()?);
            }
            With::DataCategory(filters)
        } else {
            return Err(self.unexpected(
                "USER_MODE, SYSTEM_MODE, SECURITY_ENFORCED, DATA CATEGORY or a filter (name = 'value') follows WITH",
            ));
        });
        Ok(())
    }

    fn category_filter(&mut self) -> Read<CategoryFilter> {
        let group = self.object("a data category group is expected")?;
        let selector = match self.token.word {
            Word::At => CategorySelector::At,
            Word::Above => CategorySelector::Above,
            Word::Below => CategorySelector::Below,
            Word::AboveOrBelow => CategorySelector::AboveOrBelow,
            _ => return Err(self.unexpected("AT, ABOVE, BELOW or ABOVE_OR_BELOW follows the group")),
        };
        self.bump();
        let category = |p: &mut Self| p.object("a data category is expected");
        let categories = if self.take(Kind::Open) {
            let list = self.commas(category)?;
            self.expect(Kind::Close, "a comma or the closing parenthesis of the list is expected")?;
            list
        } else {
            vec![category(self)?]
        };
        Ok(CategoryFilter { group, selector, categories })
    }

    pub(super) fn group_clause(&mut self, s: &mut Statement) -> Read<()> {
        if !self.take_words(Word::Group, Word::By) {
            if self.is(Word::Having) {
                return Err(self.unexpected("HAVING needs GROUP BY"));
            }
            return Ok(());
        }
        let value = |p: &mut Self| p.operand("a field is expected");
        let grouping = Some(self.token.word).filter(|_| self.before(b'('));
        s.group = Some(match grouping {
            Some(Word::Rollup) => GroupBy::Rollup(self.in_parentheses(value)?),
            Some(Word::Cube) => GroupBy::Cube(self.in_parentheses(value)?),
            _ => GroupBy::Values(self.commas(value)?),
        });
        if self.token.kind == Kind::Comma {
            return Err(self.unexpected("ROLLUP and CUBE cannot be mixed with other fields"));
        }
        if self.take_word(Word::Having) {
            s.having = Some(self.bool_expression()?);
        }
        if self.is(Word::With) {
            return Err(self.unexpected("WITH stands before GROUP BY"));
        }
        Ok(())
    }

    /// The list behind the word that is next and its parenthesis.
    fn in_parentheses<T>(&mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        self.bump();
        self.bump();
        let list = self.commas(read)?;
        self.expect(Kind::Close, "a comma or a closing parenthesis is expected")?;
        Ok(list)
    }

    pub(super) fn order_clause(&mut self, s: &mut Statement) -> Read<()> {
        if self.take_words(Word::Order, Word::By) {
            s.order = self.commas(Parser::order)?;
        }
        Ok(())
    }

    fn order(&mut self) -> Read<Order> {
        let mut order = Order::new(self.operand_or_distance("a field is expected")?);
        if self.take_word(Word::Desc) {
            order = order.descending();
        } else {
            self.take_word(Word::Asc);
        }
        if self.take_word(Word::Nulls) {
            if self.take_word(Word::Last) {
                order = order.nulls_last();
            } else {
                self.expect_word(Word::First, "FIRST or LAST follows NULLS")?;
            }
            if self.is(Word::Desc) || self.is(Word::Asc) {
                return Err(self.unexpected("the direction stands before NULLS: a DESC NULLS LAST"));
            }
        }
        Ok(order)
    }

    /// LIMIT and OFFSET.
    pub(super) fn row_clauses(&mut self, s: &mut Statement) -> Read<()> {
        if self.take_word(Word::Limit) {
            s.limit = Some(self.rows()?);
        }
        if self.is(Word::Offset) {
            self.bump();
            s.offset = Some(self.rows()?);
            if self.is(Word::Limit) {
                return Err(self.unexpected("LIMIT stands before OFFSET"));
            }
        }
        Ok(())
    }

    fn rows(&mut self) -> Read<RowCount> {
        if self.token.kind == Kind::Colon && self.dialect != Dialect::Api {
            return Ok(RowCount::Parameter(self.parameter()?));
        }
        let token = self.token;
        let rows = self.slice(token).parse().ok().filter(|_| token.kind == Kind::Number);
        let rows = rows.ok_or_else(|| {
            let whole = self.slice(token).trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit());
            if token.kind == Kind::Number && whole {
                self.problem(
                    "the number of rows is too large",
                    "Salesforce counts no further than 2147483647",
                )
            } else {
                self.unexpected("a whole number of rows is expected")
            }
        })?;
        self.place(token);
        self.bump();
        Ok(RowCount::Rows(rows))
    }

    /// ALL ROWS, FOR and UPDATE.
    pub(super) fn last_clauses(&mut self, s: &mut Statement) -> Read<()> {
        self.all_rows_clause(s)?;
        while self.is(Word::For) {
            if !s.purposes.is_empty() && !self.is_apex() {
                return Err(self.unexpected("the API takes one FOR clause; only Apex takes more"));
            }
            self.bump();
            s.purposes.push(match self.token.word {
                Word::View => For::View,
                Word::Reference => For::Reference,
                Word::Update if self.is_apex() => For::Update,
                Word::Update => {
                    return Err(self.unexpected("FOR UPDATE is of Apex; the API has no locks"));
                }
                _ => return Err(self.unexpected("VIEW or REFERENCE follows FOR")),
            });
            self.bump();
        }
        if self.take_word(Word::Update) {
            s.update = self.commas(|p| {
                let statistics = match p.token.word {
                    Word::Tracking => UsageStatistics::Tracking,
                    Word::Viewstat => UsageStatistics::Viewstat,
                    _ => return Err(p.unexpected("TRACKING or VIEWSTAT follows UPDATE")),
                };
                p.bump();
                Ok(statistics)
            })?;
        }
        self.all_rows_clause(s)
    }

    fn all_rows_clause(&mut self, s: &mut Statement) -> Read<()> {
        if self.are(Word::All, Word::Rows) {
            if !self.is_apex() || s.all_rows {
                let explanation =
                    "ALL ROWS is of Apex; over the API, query all rows with the queryAll resource";
                return Err(self.unexpected(explanation));
            }
            self.bump();
            self.bump();
            s.all_rows = true;
        }
        Ok(())
    }
}
