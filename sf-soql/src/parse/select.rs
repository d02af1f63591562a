//! SELECT statements, child subqueries and semi-joins.

use super::lexer::Kind;
use super::{Parser, Read};
use crate::{
    Access, FieldSet, Function, GroupBy, Identifier, Item, Operand, Order, Statement, TypeOf, TypeOfBranch,
    UsageStatistics, Viewing,
};
use sf_core::FieldPath;

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Read<Statement> {
        self.expect_word("SELECT", "a statement begins with SELECT")?;
        let items = self.items()?;
        let mut s = self.from(items)?;
        self.where_clause(&mut s)?;
        self.with_clause(&mut s)?;
        self.group_clause(&mut s)?;
        if self.are_words("ORDER", "BY") {
            self.bump();
            self.bump();
            s.order = self.commas(Parser::order)?;
        }
        if self.take_word("LIMIT") {
            s.limit = Some(self.rows()?);
        }
        if self.take_word("OFFSET") {
            s.offset = Some(self.rows()?);
        }
        self.for_clause(&mut s)?;
        if self.take_word("UPDATE") {
            s.update = self.commas(|p| {
                if p.take_word("TRACKING") {
                    Ok(UsageStatistics::Tracking)
                } else {
                    p.expect_word("VIEWSTAT", "TRACKING or VIEWSTAT follows UPDATE")?;
                    Ok(UsageStatistics::Viewstat)
                }
            })?;
        }
        if self.are_words("ALL", "ROWS") {
            return Err(self
                .unexpected("ALL ROWS is of Apex; over the API, query all rows with the queryAll resource"));
        }
        Ok(s)
    }

    /// The inside of `IN (SELECT …)`.
    pub(super) fn semi_join(&mut self) -> Read<Statement> {
        self.expect_word("SELECT", "a subquery begins with SELECT")?;
        let value = self.operand("one field is expected")?;
        let mut s = self.from(vec![Item::Value { value, alias: None }])?;
        self.where_clause(&mut s)?;
        if self.is_word("WITH") {
            return Err(self.unsupported(self.token, "WITH in a subquery of IN"));
        }
        Ok(s)
    }

    fn commas<T>(&mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut list = vec![read(self)?];
        while self.take(Kind::Comma) {
            list.push(read(self)?);
        }
        Ok(list)
    }

    fn items(&mut self) -> Read<Vec<Item>> {
        if self.is_word("COUNT") && self.second().kind == Kind::Open {
            let third = super::lexer::next(self.text, self.second().end);
            if third.kind == Kind::Close {
                for _ in 0..3 {
                    self.bump();
                }
                if !self.is_word("FROM") {
                    return Err(self.unexpected(
                        "COUNT() stands alone and has no alias; COUNT(Id) can stand beside others",
                    ));
                }
                let value = Operand::Call { function: Function::Count, argument: None };
                return Ok(vec![Item::Value { value, alias: None }]);
            }
        }
        self.commas(Parser::item)
    }

    fn item(&mut self) -> Read<Item> {
        if self.take(Kind::Open) {
            let query = self.deeper(Parser::statement)?;
            self.expect(Kind::Close, "a closing parenthesis ends the subquery")?;
            return Ok(Item::Children { query: Box::new(query), alias: self.alias()? });
        }
        let second = self.second();
        if self.is_word("FIELDS") && second.kind == Kind::Open {
            return self.fields();
        }
        if self.is_word("TYPEOF") && second.kind == Kind::Word && self.begins_typeof() {
            return Ok(Item::TypeOf(self.type_of()?));
        }
        let value = self.operand("a field is expected; SOQL has no *, FIELDS(STANDARD) comes closest")?;
        let alias = self.alias()?;
        if self.is_word("AS") {
            return Err(self.unexpected("an alias follows its field directly, without AS"));
        }
        Ok(Item::Value { value, alias })
    }

    fn fields(&mut self) -> Read<Item> {
        self.bump();
        self.bump();
        for (word, set) in
            [("ALL", FieldSet::All), ("CUSTOM", FieldSet::Custom), ("STANDARD", FieldSet::Standard)]
        {
            if self.take_word(word) {
                self.expect(Kind::Close, "a closing parenthesis is expected")?;
                return Ok(Item::Fields(set));
            }
        }
        Err(self.unexpected("FIELDS takes ALL, CUSTOM or STANDARD"))
    }

    /// `TYPEOF` is also a name; the keyword is followed by a path and WHEN.
    fn begins_typeof(&self) -> bool {
        let mut token = self.second();
        loop {
            let after = super::lexer::next(self.text, token.end);
            if after.kind != Kind::Dot {
                return self.word_of(after, "WHEN");
            }
            token = super::lexer::next(self.text, after.end);
        }
    }

    fn type_of(&mut self) -> Read<TypeOf> {
        self.bump();
        let relationship = self.path("a relationship follows TYPEOF")?;
        let mut branches = Vec::new();
        while self.take_word("WHEN") {
            let object = self.object("an object follows WHEN")?;
            self.expect_word("THEN", "THEN follows the object")?;
            branches.push(TypeOfBranch { object, fields: self.commas(Parser::field)? });
        }
        let otherwise = if self.take_word("ELSE") { self.commas(Parser::field)? } else { Vec::new() };
        self.expect_word("END", "TYPEOF ends with END")?;
        Ok(TypeOf { relationship, branches, otherwise, alias: self.alias()? })
    }

    fn field(&mut self) -> Read<FieldPath> {
        self.path("a field is expected")
    }

    fn from(&mut self, items: Vec<Item>) -> Read<Statement> {
        self.expect_word("FROM", "a comma and another field, or FROM, is expected")?;
        let mut s = Statement::new(self.object("an object is expected")?);
        s.items = items;
        if self.token.kind == Kind::Dot {
            return Err(self.unsupported(self.token, "a path in FROM"));
        }
        if self.take_word("AS") {
            let token = self.word("an alias follows AS")?;
            s.alias = Some(self.identifier(token)?);
        } else if !self.begins_clause() {
            s.alias = self.alias()?;
        }
        if self.token.kind == Kind::Comma {
            return Err(self.unsupported(self.token, "a second object in FROM"));
        }
        if self.take_word("USING") {
            self.expect_word("SCOPE", "SCOPE follows USING")?;
            let token = self.word("a scope is expected: mine, team, everything")?;
            s.scope = Some(self.identifier(token)?);
        }
        Ok(s)
    }

    /// Whether a word that could be an alias begins a clause instead.
    fn begins_clause(&self) -> bool {
        let second = self.second();
        let followed_by = |words: &[&str]| words.iter().any(|w| self.word_of(second, w));
        let is = |word: &str| self.is_word(word);
        ((is("GROUP") || is("ORDER")) && followed_by(&["BY"]))
            || (is("OFFSET") && second.kind == Kind::Number)
            || (is("FOR") && followed_by(&["VIEW", "REFERENCE", "UPDATE"]))
            || (is("UPDATE") && followed_by(&["TRACKING", "VIEWSTAT"]))
            || (is("ALL") && followed_by(&["ROWS"]))
    }

    fn alias(&mut self) -> Read<Option<Identifier>> {
        let is_alias = self.token.kind == Kind::Word
            && !self.is_word("AS")
            && !crate::tree::is_reserved(self.slice(self.token));
        if !is_alias {
            return Ok(None);
        }
        let token = self.bump();
        self.identifier(token).map(Some)
    }

    fn identifier(&self, token: super::Token) -> Read<Identifier> {
        Identifier::new(self.slice(token)).map_err(|_| self.no_name(token))
    }

    fn where_clause(&mut self, s: &mut Statement) -> Read<()> {
        if self.take_word("WHERE") {
            s.filter = Some(self.bool_expression()?);
        }
        if self.is_word("USING") {
            return Err(self.unexpected("USING SCOPE stands before WHERE"));
        }
        Ok(())
    }

    fn with_clause(&mut self, s: &mut Statement) -> Read<()> {
        let with = self.token;
        if !self.take_word("WITH") {
            return Ok(());
        }
        for (word, access) in [
            ("SECURITY_ENFORCED", Access::SecurityEnforced),
            ("USER_MODE", Access::UserMode),
            ("SYSTEM_MODE", Access::SystemMode),
        ] {
            if self.take_word(word) {
                s.access = Some(access);
                return Ok(());
            }
        }
        if self.token.kind != Kind::Word {
            return Err(self.unexpected("USER_MODE, SYSTEM_MODE or SECURITY_ENFORCED follows WITH"));
        }
        Err(self.unsupported(with, "this form of WITH"))
    }

    fn group_clause(&mut self, s: &mut Statement) -> Read<()> {
        if !self.are_words("GROUP", "BY") {
            if self.is_word("HAVING") {
                return Err(self.unexpected("HAVING needs GROUP BY"));
            }
            return Ok(());
        }
        self.bump();
        self.bump();
        let value = |p: &mut Self| p.operand("a field is expected");
        let list = |p: &mut Self| -> Read<Vec<Operand>> {
            p.bump();
            p.bump();
            let list = p.commas(value)?;
            p.expect(Kind::Close, "a closing parenthesis is expected")?;
            Ok(list)
        };
        s.group = Some(match self.second().kind {
            Kind::Open if self.is_word("ROLLUP") => GroupBy::Rollup(list(self)?),
            Kind::Open if self.is_word("CUBE") => GroupBy::Cube(list(self)?),
            _ => GroupBy::Values(self.commas(value)?),
        });
        if self.token.kind == Kind::Comma {
            return Err(self.unexpected("ROLLUP and CUBE cannot be mixed with other fields"));
        }
        if self.take_word("HAVING") {
            s.having = Some(self.bool_expression()?);
        }
        if self.is_word("WITH") {
            return Err(self.unexpected("WITH stands before GROUP BY"));
        }
        Ok(())
    }

    fn order(&mut self) -> Read<Order> {
        let mut order = Order::new(self.operand("a field is expected")?);
        if self.take_word("DESC") {
            order = order.descending();
        } else {
            self.take_word("ASC");
        }
        if self.take_word("NULLS") {
            if self.take_word("LAST") {
                order = order.nulls_last();
            } else {
                self.expect_word("FIRST", "FIRST or LAST follows NULLS")?;
            }
            if self.is_word("DESC") || self.is_word("ASC") {
                return Err(self.unexpected("the direction stands before NULLS: a DESC NULLS LAST"));
            }
        }
        Ok(order)
    }

    fn rows(&mut self) -> Read<u64> {
        let token = self.token;
        let rows =
            self.slice(token).trim_start_matches('+').parse().ok().filter(|_| token.kind == Kind::Number);
        let rows = rows.ok_or_else(|| self.unexpected("a whole number of rows is expected"))?;
        self.bump();
        Ok(rows)
    }

    fn for_clause(&mut self, s: &mut Statement) -> Read<()> {
        if self.take_word("FOR") {
            if self.is_word("UPDATE") {
                return Err(self.unexpected("FOR UPDATE is of Apex; the API has no locks"));
            }
            s.viewing = Some(if self.take_word("VIEW") {
                Viewing::View
            } else {
                self.expect_word("REFERENCE", "VIEW or REFERENCE follows FOR")?;
                Viewing::Reference
            });
        }
        Ok(())
    }
}
