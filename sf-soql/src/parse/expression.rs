//! Conditions and operands.

use super::lexer::Kind;
use super::{Dialect, Parser, Read, Token};
use crate::tree::Word;
use crate::{Condition, Distance, DistanceUnit, Function, Literal, Op, Operand};
use sf_core::FieldName;

impl Parser<'_> {
    /// One kind of operator on a level, and NOT only alone: `NOT a = 1 AND b = 2` is refused.
    pub(super) fn bool_expression(&mut self) -> Read<Condition> {
        if self.take_word(Word::Not) {
            let inner = self.condition()?;
            if self.is(Word::And) || self.is(Word::Or) {
                return Err(self.unexpected(
                    "NOT stands alone on its level: put it in parentheses, (NOT a = 1) AND b = 2",
                ));
            }
            // As it was typed, so that the check can tell that the org refuses NOT before a subquery of IN.
            return Ok(Condition::Not(Box::new(inner)));
        }
        let first = self.condition()?;
        match self.token.word {
            Word::And => self.group(first, Word::And, Word::Or),
            Word::Or => self.group(first, Word::Or, Word::And),
            _ => Ok(first),
        }
    }

    /// A parenthesised group of the same kind means the same without its parentheses.
    fn group(&mut self, first: Condition, word: Word, other: Word) -> Read<Condition> {
        let mut parts = Vec::new();
        let add = |parts: &mut Vec<Condition>, part| match part {
            Condition::And(mut inner) if word == Word::And => parts.append(&mut inner),
            Condition::Or(mut inner) if word == Word::Or => parts.append(&mut inner),
            part => parts.push(part),
        };
        add(&mut parts, first);
        while self.take_word(word) {
            let part = self.condition()?;
            add(&mut parts, part);
        }
        if self.is(other) {
            return Err(self.unexpected(
                "AND and OR cannot stand on the same level: put one group in parentheses, (a = 1 AND b = 2) OR c = 3",
            ));
        }
        Ok(if word == Word::And { Condition::And(parts) } else { Condition::Or(parts) })
    }

    fn condition(&mut self) -> Read<Condition> {
        if self.take(Kind::Open) {
            let inner = self.deeper(Parser::bool_expression)?;
            self.expect(Kind::Close, "a closing parenthesis is expected")?;
            return Ok(inner);
        }
        if self.is(Word::Not) {
            return Err(self.unexpected("NOT needs parentheses here: a = 1 AND (NOT b = 2)"));
        }
        if matches!(
            self.token.kind,
            Kind::Text
                | Kind::EscapedText
                | Kind::Number
                | Kind::Date
                | Kind::DateTime
                | Kind::Time
                | Kind::Currency
        ) {
            return Err(self.unexpected("the field stands left of the operator, the value right of it"));
        }
        match self.operand_or_distance("a field is expected")? {
            left @ Operand::Distance(_) => self.comparison_of_distance(left),
            left => self.comparison(left),
        }
    }

    fn comparison_of_distance(&mut self, left: Operand) -> Read<Condition> {
        let form = "a distance is compared with a number: DISTANCE(…) < 20";
        if matches!(self.token.word, Word::Like | Word::Not | Word::In | Word::Includes | Word::Excludes) {
            return Err(self.unexpected(form));
        }
        let op = self.operator()?;
        Ok(Condition::Compare { left, op, right: self.number_or_parameter(form)? })
    }

    fn comparison(&mut self, left: Operand) -> Read<Condition> {
        let first = self.token;
        match first.word {
            Word::Like => {
                self.bump();
                self.place(first);
                if self.token.kind == Kind::Open {
                    return Err(self.unexpected("LIKE takes one pattern; join several with OR"));
                }
                Ok(Condition::Compare { left, op: Op::Like, right: self.literal(Some(Op::Like))? })
            }
            Word::Not => {
                self.bump();
                self.place(first.to(self.token));
                self.expect_word(
                    Word::In,
                    "only IN follows NOT here; write (NOT a LIKE 'x%') around the whole",
                )?;
                self.in_list(left, true)
            }
            Word::In => {
                self.bump();
                self.place(first);
                self.in_list(left, false)
            }
            Word::Includes | Word::Excludes => {
                self.bump();
                self.place(first);
                self.expect(Kind::Open, "a list in parentheses follows: ('A;B', 'C')")?;
                Ok(Condition::Includes { left, not: first.word == Word::Excludes, sets: self.literals()? })
            }
            _ => {
                let op = self.operator()?;
                if self.token.kind == Kind::Equal {
                    return Err(self.unexpected("SOQL compares with a single ="));
                }
                Ok(Condition::Compare { left, op, right: self.literal(Some(op))? })
            }
        }
    }

    /// The two characters of an operator may stand apart.
    fn operator(&mut self) -> Read<Op> {
        let first = self.token;
        let op = match first.kind {
            Kind::Equal => Op::Eq,
            Kind::Less if self.before(b'>') => Op::Ne,
            Kind::Less if self.before(b'=') => Op::Le,
            Kind::Less => Op::Lt,
            Kind::Greater if self.before(b'=') => Op::Ge,
            Kind::Greater => Op::Gt,
            Kind::Bang if self.before(b'=') => Op::Ne,
            _ if self.is(Word::Is) => return Err(self.unexpected("write = null or != null")),
            _ if self.is(Word::Between) => return Err(self.unexpected("write a >= 1 AND a <= 2")),
            _ => {
                return Err(self.unexpected(
                    "an operator is expected: = != < <= > >= LIKE, IN, NOT IN, INCLUDES or EXCLUDES",
                ));
            }
        };
        self.bump();
        let mut whole = first;
        if matches!(op, Op::Ne | Op::Le | Op::Ge) {
            whole = first.to(self.bump());
        }
        self.place(whole);
        Ok(op)
    }

    fn in_list(&mut self, left: Operand, not: bool) -> Read<Condition> {
        if self.token.kind == Kind::Colon && self.dialect != Dialect::Api {
            let (name, _) = self.parameter_in_list()?;
            return Ok(Condition::InParameter { left, not, name });
        }
        self.expect(Kind::Open, "a list in parentheses follows: ('a', 'b')")?;
        if self.is(Word::Select) {
            let query = self.deeper(Parser::semi_join)?;
            self.expect(
                Kind::Close,
                "a subquery of IN has only FROM, USING SCOPE, WHERE and WITH name = 'value'",
            )?;
            return Ok(Condition::InQuery { left, not, query: Box::new(query) });
        }
        Ok(Condition::In { left, not, list: self.literals()? })
    }

    /// What follows the opening parenthesis, with the closing one.
    fn literals(&mut self) -> Read<Vec<Literal>> {
        if self.token.kind == Kind::Close {
            return Err(self.unexpected("the list is empty; Salesforce wants at least one value"));
        }
        let list = self.commas(|p| p.literal(None))?;
        self.expect(Kind::Close, "a comma or the closing parenthesis of the list is expected")?;
        Ok(list)
    }

    /// A path, a function of one argument, or a distance.
    pub(super) fn operand_or_distance(&mut self, explanation: &str) -> Read<Operand> {
        if self.is(Word::Distance) && self.before(b'(') {
            return Ok(Operand::Distance(Box::new(self.distance()?)));
        }
        self.operand(explanation)
    }

    /// A path or a function of one argument.
    pub(super) fn operand(&mut self, explanation: &str) -> Read<Operand> {
        if self.token.kind != Kind::Word || !self.before(b'(') {
            return Ok(Operand::Field(self.path(explanation)?));
        }
        let word = self.word(explanation)?;
        self.place(word);
        let function = self.function(word)?;
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

    fn function(&self, word: Token) -> Read<Function> {
        let explanation = match word.word {
            Word::Distance => "DISTANCE stands in SELECT, in ORDER BY or left of < and >, not in a function",
            Word::Geolocation => "GEOLOCATION stands only in DISTANCE",
            Word::Fields => "FIELDS stands only in SELECT",
            Word::Rollup | Word::Cube => "ROLLUP and CUBE stand directly after GROUP BY",
            _ => {
                let text = self.slice(word);
                return match Function::known(text) {
                    Some(function) => Ok(function),
                    None => FieldName::new(text).map(Function::Other).map_err(|_| self.no_name(word)),
                };
            }
        };
        Err(self.unexpected_at(word, explanation))
    }

    /// `DISTANCE(field, GEOLOCATION(number, number), 'unit')`
    fn distance(&mut self) -> Read<Distance> {
        let form = "the form is DISTANCE(Location__c, GEOLOCATION(37.77, -122.41), 'mi')";
        self.bump();
        self.bump();
        if self.is(Word::Geolocation) && self.before(b'(') {
            return Err(self.unexpected("the field comes first, GEOLOCATION second"));
        }
        let location = self.path(form)?;
        self.expect(Kind::Comma, form)?;
        self.expect_word(
            Word::Geolocation,
            "GEOLOCATION is expected; the distance of two fields is not known",
        )?;
        self.expect(Kind::Open, form)?;
        let latitude = self.degrees()?;
        self.expect(Kind::Comma, form)?;
        let longitude = self.degrees()?;
        self.expect(Kind::Close, form)?;
        self.expect(Kind::Comma, form)?;
        let unit = match self.slice(self.token) {
            "'mi'" => DistanceUnit::Miles,
            "'km'" => DistanceUnit::Kilometers,
            _ => return Err(self.unexpected("the unit is 'mi' or 'km'")),
        };
        self.bump();
        self.expect(Kind::Close, form)?;
        Ok(Distance { location, latitude, longitude, unit })
    }

    fn degrees(&mut self) -> Read<Literal> {
        self.number_or_parameter("a number of degrees is expected: GEOLOCATION(37.77, -122.41)")
    }

    fn number_or_parameter(&mut self, explanation: &str) -> Read<Literal> {
        if self.token.kind == Kind::Number || (self.token.kind == Kind::Colon && self.dialect != Dialect::Api)
        {
            self.literal(None)
        } else {
            Err(self.unexpected(explanation))
        }
    }
}
