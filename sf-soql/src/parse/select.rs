//! SELECT statements, child subqueries and semi-joins.

use super::lexer::{self, Kind};
use super::{Dialect, Parser, Read};
use crate::tree::Word;
use crate::{
    FieldSet, Function, Identifier, Item, Operand, PathAlias, Statement, TypeOf, TypeOfBranch, With,
};
use sf_core::{FieldPath, ObjectName};

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Read<Statement> {
        self.expect_word(Word::Select, "a statement begins with SELECT")?;
        let items = self.items()?;
        let mut s = self.from(items, false)?;
        self.scope_clause(&mut s)?;
        self.where_clause(&mut s)?;
        self.with_clause(&mut s)?;
        self.group_clause(&mut s)?;
        self.order_clause(&mut s)?;
        self.row_clauses(&mut s)?;
        self.last_clauses(&mut s)?;
        Ok(s)
    }

    /// The inside of `IN (SELECT …)`.
    pub(super) fn semi_join(&mut self) -> Read<Statement> {
        self.expect_word(Word::Select, "a subquery begins with SELECT")?;
        let value = self.operand("one field is expected")?;
        let mut s = self.from(vec![Item::Value { value, alias: None }], true)?;
        self.scope_clause(&mut s)?;
        self.where_clause(&mut s)?;
        let with = self.token;
        self.with_clause(&mut s)?;
        if !matches!(s.with, None | Some(With::Filter { .. })) {
            let explanation = "a subquery of IN takes WITH only as a filter: WITH name = 'value'";
            return Err(self.unexpected_at(with, explanation));
        }
        Ok(s)
    }

    fn items(&mut self) -> Read<Vec<Item>> {
        if self.is(Word::Count) && self.before(b'(') {
            let third = lexer::next(self.text, self.second().end());
            if third.kind == Kind::Close {
                self.place(self.token);
                for _ in 0..3 {
                    self.bump();
                }
                if !self.is(Word::From) {
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
        if self.is(Word::Fields) && self.before(b'(') {
            return self.fields();
        }
        if self.is(Word::Typeof) && self.begins_typeof() {
            return Ok(Item::TypeOf(self.type_of()?));
        }
        let value =
            self.operand_or_distance("a field is expected; SOQL has no *, FIELDS(STANDARD) comes closest")?;
        let alias = self.alias()?;
        if self.is(Word::As) {
            return Err(self.unexpected("an alias follows its field directly, without AS"));
        }
        Ok(Item::Value { value, alias })
    }

    fn fields(&mut self) -> Read<Item> {
        self.bump();
        self.bump();
        let token = self.word("FIELDS takes ALL, CUSTOM or STANDARD")?;
        self.place(token);
        let set = match token.word {
            Word::All => FieldSet::All,
            Word::Custom => FieldSet::Custom,
            Word::Standard => FieldSet::Standard,
            _ => FieldSet::Other(self.identifier(token)?),
        };
        self.expect(Kind::Close, "a closing parenthesis is expected")?;
        Ok(Item::Fields(set))
    }

    /// `TYPEOF` is also a name; the keyword is followed by a path and WHEN.
    fn begins_typeof(&self) -> bool {
        let mut token = self.second();
        while token.kind == Kind::Word {
            let after = lexer::next(self.text, token.end());
            if after.kind != Kind::Dot {
                return after.word == Word::When;
            }
            token = lexer::next(self.text, after.end());
        }
        false
    }

    fn type_of(&mut self) -> Read<TypeOf> {
        self.bump();
        let relationship = self.path("a relationship follows TYPEOF")?;
        let mut branches = Vec::new();
        while self.take_word(Word::When) {
            let object = self.object("an object follows WHEN")?;
            self.expect_word(Word::Then, "THEN follows the object")?;
            branches.push(TypeOfBranch { object, fields: self.commas(Parser::field)? });
        }
        let otherwise = if self.take_word(Word::Else) { self.commas(Parser::field)? } else { Vec::new() };
        self.expect_word(Word::End, "TYPEOF ends with END")?;
        Ok(TypeOf { relationship, branches, otherwise, alias: self.alias()? })
    }

    fn field(&mut self) -> Read<FieldPath> {
        self.path("a field is expected")
    }

    /// `only_object`: no path and no second entry.
    fn from(&mut self, items: Vec<Item>, only_object: bool) -> Read<Statement> {
        self.expect_word(Word::From, "a comma and another field, or FROM, is expected")?;
        let first = self.word("an object is expected")?;
        let one = "FROM in a subquery of IN takes one object and its alias";
        if only_object && self.token.kind == Kind::Dot {
            return Err(self.unexpected(one));
        }
        let mut last = first;
        let mut parent = None;
        while self.take(Kind::Dot) {
            parent = Some(first.to(last));
            last = self.word("a relationship follows the dot")?;
        }
        let from_parent = match parent {
            Some(token) => {
                self.place(token);
                Some(self.path_of(token)?)
            }
            None => None,
        };
        self.place(last);
        let from = ObjectName::new(self.slice(last)).map_err(|_| self.no_name(last))?;
        let alias = self.alias_of_from()?;
        if only_object && self.token.kind == Kind::Comma {
            return Err(self.unexpected(one));
        }
        let mut path_aliases = Vec::new();
        while self.take(Kind::Comma) {
            let path = self.path("an alias and a relationship are expected: FROM Contact c, c.Account a")?;
            path_aliases.push(PathAlias { path, alias: self.alias_of_from()? });
        }
        Ok(Statement { items, from_parent, alias, path_aliases, ..Statement::new(from) })
    }

    fn alias_of_from(&mut self) -> Read<Option<Identifier>> {
        if self.take_word(Word::As) {
            let token = self.word("an alias follows AS")?;
            self.place(token);
            Ok(Some(self.identifier(token)?))
        } else if self.begins_clause() {
            Ok(None)
        } else {
            self.alias()
        }
    }

    /// Whether a word that could be an alias begins a clause instead.
    fn begins_clause(&self) -> bool {
        match self.token.word {
            Word::Group | Word::Order => self.second().word == Word::By,
            Word::Offset => matches!(self.second().kind, Kind::Number | Kind::Colon),
            Word::For => match self.second() {
                // An alias, and the clause UPDATE: no clause is FOR UPDATE TRACKING.
                second if second.word == Word::Update => {
                    !matches!(lexer::next(self.text, second.end()).word, Word::Tracking | Word::Viewstat)
                }
                second => matches!(second.word, Word::View | Word::Reference),
            },
            Word::Update => matches!(self.second().word, Word::Tracking | Word::Viewstat),
            Word::All => self.second().word == Word::Rows,
            _ => false,
        }
    }

    fn alias(&mut self) -> Read<Option<Identifier>> {
        let is_alias =
            self.token.kind == Kind::Word && !self.token.word.is_reserved() && self.token.word != Word::As;
        if !is_alias {
            return Ok(None);
        }
        let token = self.bump();
        self.place(token);
        self.identifier(token).map(Some)
    }

    pub(super) fn identifier(&self, token: super::Token) -> Read<Identifier> {
        Identifier::new(self.slice(token)).map_err(|_| self.no_name(token))
    }

    pub(super) fn is_apex(&self) -> bool {
        self.dialect == Dialect::Apex
    }
}
