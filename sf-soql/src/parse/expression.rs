//! Conditions and operands.

use super::lexer::Kind;
use super::{Parser, Read};
use crate::{Condition, Function, Literal, Op, Operand};
use sf_core::FieldName;

impl Parser<'_> {
    /// One kind of operator on a level, and NOT only alone: `NOT a = 1 AND b = 2` is refused.
    pub(super) fn bool_expression(&mut self) -> Read<Condition> {
        self.deeper(|p| {
            if p.take_word("NOT") {
                let inner = p.condition()?;
                if p.is_word("AND") || p.is_word("OR") {
                    return Err(p.unexpected("NOT stands alone on its level: put it in parentheses, (NOT a = 1) AND b = 2"));
                }
                return Ok(!inner);
            }
            let first = p.condition()?;
            for (word, other, make) in [
                ("AND", "OR", Condition::And as fn(Vec<Condition>) -> Condition),
                ("OR", "AND", Condition::Or),
            ] {
                if p.is_word(word) {
                    let mut parts = vec![first];
                    while p.take_word(word) {
                        parts.push(p.condition()?);
                    }
                    if p.is_word(other) {
                        return Err(p.unexpected(
                            "AND and OR cannot stand on the same level: put one group in parentheses, (a = 1 AND b = 2) OR c = 3",
                        ));
                    }
                    return Ok(flat(parts, make));
                }
            }
            Ok(first)
        })
    }

    fn condition(&mut self) -> Read<Condition> {
        if self.take(Kind::Open) {
            let inner = self.bool_expression()?;
            self.expect(Kind::Close, "a closing parenthesis is expected")?;
            return Ok(inner);
        }
        if self.is_word("NOT") {
            return Err(self.unexpected("NOT needs parentheses here: a = 1 AND (NOT b = 2)"));
        }
        if matches!(
            self.token.kind,
            Kind::Text | Kind::Number | Kind::Date | Kind::DateTime | Kind::Time | Kind::Currency
        ) {
            return Err(self.unexpected("the field stands left of the operator, the value right of it"));
        }
        let left = self.operand("a field is expected")?;
        self.comparison(left)
    }

    fn comparison(&mut self, left: Operand) -> Read<Condition> {
        if self.take_word("LIKE") {
            if self.token.kind == Kind::Open {
                return Err(self.unexpected("LIKE takes one pattern; join several with OR"));
            }
            return Ok(Condition::Compare { left, op: Op::Like, right: self.literal(Some(Op::Like))? });
        }
        if self.is_word("NOT") {
            self.bump();
            self.expect_word("IN", "only IN follows NOT here; write (NOT a LIKE 'x%') around the whole")?;
            return self.in_list(left, true);
        }
        if self.take_word("IN") {
            return self.in_list(left, false);
        }
        for (word, not) in [("INCLUDES", false), ("EXCLUDES", true)] {
            if self.take_word(word) {
                self.expect(Kind::Open, "a list in parentheses follows: ('A;B', 'C')")?;
                return Ok(Condition::Includes { left, not, sets: self.literals()? });
            }
        }
        let op = self.operator()?;
        if self.token.kind == Kind::Equal {
            return Err(self.unexpected("SOQL compares with a single ="));
        }
        Ok(Condition::Compare { left, op, right: self.literal(Some(op))? })
    }

    /// The two characters of an operator may stand apart.
    fn operator(&mut self) -> Read<Op> {
        let first = self.token.kind;
        let second = self.second().kind;
        let (op, tokens) = match (first, second) {
            (Kind::Equal, _) => (Op::Eq, 1),
            (Kind::Bang, Kind::Equal) | (Kind::Less, Kind::Greater) => (Op::Ne, 2),
            (Kind::Less, Kind::Equal) => (Op::Le, 2),
            (Kind::Less, _) => (Op::Lt, 1),
            (Kind::Greater, Kind::Equal) => (Op::Ge, 2),
            (Kind::Greater, _) => (Op::Gt, 1),
            _ if self.is_word("IS") => return Err(self.unexpected("write = null or != null")),
            _ if self.is_word("BETWEEN") => return Err(self.unexpected("write a >= 1 AND a <= 2")),
            _ => {
                return Err(self.unexpected(
                    "an operator is expected: = != < <= > >= LIKE, IN, NOT IN, INCLUDES or EXCLUDES",
                ));
            }
        };
        for _ in 0..tokens {
            self.bump();
        }
        Ok(op)
    }

    fn in_list(&mut self, left: Operand, not: bool) -> Read<Condition> {
        if self.parameters && self.token.kind == Kind::Colon {
            return Ok(Condition::In { left, not, list: vec![self.literal(None)?] });
        }
        self.expect(Kind::Open, "a list in parentheses follows: ('a', 'b')")?;
        if self.is_word("SELECT") {
            let query = self.deeper(Parser::semi_join)?;
            self.expect(Kind::Close, "a subquery of IN has only FROM, USING SCOPE and WHERE")?;
            return Ok(Condition::InQuery { left, not, query: Box::new(query) });
        }
        Ok(Condition::In { left, not, list: self.literals()? })
    }

    /// What follows the opening parenthesis, with the closing one.
    fn literals(&mut self) -> Read<Vec<Literal>> {
        if self.token.kind == Kind::Close {
            return Err(self.unexpected("the list is empty; Salesforce wants at least one value"));
        }
        let mut list = vec![self.literal(None)?];
        while self.take(Kind::Comma) {
            list.push(self.literal(None)?);
        }
        self.expect(Kind::Close, "a comma or the closing parenthesis of the list is expected")?;
        Ok(list)
    }

    /// A path or a function of one argument.
    pub(super) fn operand(&mut self, explanation: &str) -> Read<Operand> {
        let name = self.token;
        let call = name.kind == Kind::Word && self.second().kind == Kind::Open;
        if !call {
            return Ok(Operand::Field(self.path(explanation)?));
        }
        let word = self.word(explanation)?;
        if self.word_of(word, "DISTANCE") {
            return Err(self.unsupported(word, "DISTANCE"));
        }
        let name = FieldName::new(self.slice(word)).map_err(|_| self.no_name(word))?;
        let function = Function::named(name);
        self.bump();
        if self.token.kind == Kind::Close {
            return Err(self.unexpected("a function takes one field; only COUNT() alone in SELECT has none"));
        }
        let argument = self.deeper(|p| p.operand("the argument is a field or a function"))?;
        if self.token.kind == Kind::Comma {
            return Err(self.unexpected("a function takes exactly one argument"));
        }
        self.expect(Kind::Close, "a closing parenthesis is expected")?;
        Ok(Operand::call(function, argument))
    }
}

/// A parenthesised group of the same kind means the same without its parentheses.
fn flat(parts: Vec<Condition>, make: fn(Vec<Condition>) -> Condition) -> Condition {
    let is_and = matches!(make(Vec::new()), Condition::And(_));
    let mut all = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Condition::And(inner) if is_and => all.extend(inner),
            Condition::Or(inner) if !is_and => all.extend(inner),
            other => all.push(other),
        }
    }
    make(all)
}
