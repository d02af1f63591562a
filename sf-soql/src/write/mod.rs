//! The writer: one compact and one pretty form of every tree, both legal.

mod condition;
mod literal;
mod pretty;
mod statement;

pub(crate) use literal::{MAX_DIGITS, is_salesforce_year, too_long_text};

use crate::problem::Found;
use crate::tree::{Word, reserved};
use crate::{CategoryFilter, Condition, Item, Literal, Operand, Order, Places, Problem, Problems, Statement};
use pretty::Layout;
use statement::Place;

pub(crate) use crate::limits::{STATEMENT_CHARACTERS as MAX_STATEMENT, TEXT_CHARACTERS as MAX_TEXT};

/// The form of the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// Clauses on lines of their own.
    pub(crate) pretty: bool,
    /// With the forms that only Apex takes.
    pub(crate) apex: bool,
}

/// The statement's text.
pub(crate) fn statement(s: &Statement, form: Form) -> Result<String, Problems> {
    let mut w = Writer::new(form);
    w.out.reserve(64 + 24 * s.items.len());
    w.statement(s, Place::Outermost);
    w.finish()
}

/// The statement's text, however long.
pub(crate) fn statement_of_any_length(s: &Statement) -> Result<String, Problems> {
    let mut w = Writer::new(Form::default());
    w.statement(s, Place::Outermost);
    w.problems_or_text()
}

/// The statement's text, what is wrong with it, and where its leaves stand; the places are complete when nothing
/// is wrong.
pub(crate) fn with_places(s: &Statement) -> (String, Vec<Found>, Places) {
    let mut w = Writer { places: Some(Places::default()), ..Writer::new(Form::default()) };
    w.statement(s, Place::Outermost);
    w.check_length();
    w.tell_more();
    (w.out, w.problems, w.places.unwrap_or_default())
}

/// The condition's text, what is wrong with it, and where its leaves stand in a statement of it alone.
pub(crate) fn condition_with_places(c: &Condition) -> (String, Vec<Found>, Places) {
    let mut w = Writer { places: Some(Places::before_condition()), ..Writer::new(Form::default()) };
    w.condition(c, condition::Level::Top);
    w.check_length();
    w.tell_more();
    (w.out, w.problems, w.places.unwrap_or_default())
}

/// A value as it stands in a list.
pub(crate) fn literal_of_list(value: &Literal) -> Result<String, Problems> {
    let mut w = Writer::new(Form::default());
    w.literal(value, None);
    w.problems_or_text()
}

/// The statement's text without WHERE, and the place where WHERE belongs.
pub(crate) fn without_filter(s: &Statement) -> Result<(String, usize), Problems> {
    let mut w = Writer::new(Form::default());
    w.statement(&Statement { filter: None, ..s.clone() }, Place::Outermost);
    let place = w.filter_at;
    w.finish().map(|text| (text, place))
}

/// The condition's text as one of several joined by AND.
pub(crate) fn condition_beside_and(c: &Condition) -> Result<String, Problems> {
    let mut w = Writer::new(Form::default());
    w.condition(c, condition::Level::And);
    w.finish()
}

/// The condition's text.
pub(crate) fn condition(c: &Condition, form: Form) -> Result<String, Problems> {
    let mut w = Writer::new(form);
    w.condition(c, condition::Level::Top);
    w.finish()
}

/// An entry of the SELECT list.
pub(crate) fn item(item: &Item) -> Result<String, Problems> {
    let mut w = Writer::new(Form::default());
    w.items(std::slice::from_ref(item));
    w.problems_or_text()
}

/// An entry of ORDER BY.
pub(crate) fn order(order: &Order) -> Result<String, Problems> {
    let mut w = Writer::new(Form::default());
    w.order(order);
    w.problems_or_text()
}

/// What follows WITH.
pub(crate) fn data_category(filters: &[CategoryFilter]) -> Result<String, Problems> {
    let mut w = Writer::new(Form::default());
    w.data_category(filters);
    w.problems_or_text()
}

/// For people: like the real text, with `<…>`, which is never legal, where something cannot be written.
pub(crate) fn approximate_statement(s: &Statement) -> String {
    let mut w = Writer { most: 0, ..Writer::new(Form::default()) };
    w.statement(s, Place::Outermost);
    w.out
}

pub(crate) fn approximate_condition(c: &Condition) -> String {
    let mut w = Writer { most: 0, ..Writer::new(Form::default()) };
    w.condition(c, condition::Level::Top);
    w.out
}

/// So many problems are told: a program that builds nonsense does so thousands of times.
const MOST_PROBLEMS: usize = 100;

/// Writes on when something is wrong, so that all problems are found at once.
struct Writer {
    out: String,
    problems: Vec<Found>,
    /// So many problems are kept.
    most: usize,
    /// Those beyond.
    more: usize,
    places: Option<Places>,
    depth: usize,
    layout: Layout,
    apex: bool,
    /// Whether this is a condition on groups.
    in_having: bool,
    /// Where WHERE of the outermost statement begins, or would.
    filter_at: usize,
}

impl Writer {
    fn new(form: Form) -> Writer {
        Writer {
            out: String::new(),
            problems: Vec::new(),
            most: MOST_PROBLEMS,
            more: 0,
            places: None,
            depth: 0,
            layout: Layout::new(form.pretty),
            apex: form.apex,
            in_having: false,
            filter_at: 0,
        }
    }

    fn finish(mut self) -> Result<String, Problems> {
        self.check_length();
        self.problems_or_text()
    }

    fn check_length(&mut self) {
        // Never more UTF-16 units than bytes: nothing to count in a text that is short in bytes.
        let bytes = self.out.len();
        let length = if bytes > MAX_STATEMENT { self.out.encode_utf16().count() } else { bytes };
        if length > MAX_STATEMENT {
            let message = format!("the statement has {length} characters, Salesforce takes {MAX_STATEMENT}");
            let explanation = "split a long IN list with `split_in`, or select fewer fields";
            self.problems.push((None, Problem::new(message, explanation)));
        }
    }

    fn problems_or_text(mut self) -> Result<String, Problems> {
        if self.problems.is_empty() {
            return Ok(self.out);
        }
        self.tell_more();
        Err(Problems::in_order(self.out, self.problems))
    }

    /// How many problems there are beyond those that are kept.
    fn tell_more(&mut self) {
        if self.more > 0 {
            let end = self.out.len();
            let message = format!("and {} more", self.more);
            self.problems.push((Some(end..end), Problem::new(message, "mend those before it first")));
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A leaf of the tree stands from here to the end.
    fn place(&mut self, start: usize) {
        if let Some(places) = &mut self.places {
            places.push(start, self.out.len());
        }
    }

    /// Something that has no legal text.
    #[cold]
    fn wrong(&mut self, mark: &str, message: impl Into<String>, explanation: impl Into<String>) {
        let start = self.out.len();
        self.out.push('<');
        self.out.push_str(mark);
        self.out.push('>');
        self.found(start, Problem::new(message, explanation));
    }

    /// Something that is wrong with the text from here to the end. A mark behind it keeps the whole from being legal.
    #[cold]
    fn wrong_from(&mut self, start: usize, problem: Problem) {
        self.found(start, problem);
        self.text("<…>");
    }

    fn found(&mut self, start: usize, problem: Problem) {
        if self.problems.len() < self.most {
            self.problems.push((Some(start..self.out.len()), problem));
        } else {
            self.more += 1;
        }
    }

    /// Runs `write` one level deeper, unless that is too deep. A level is a parenthesis of the text, as the parser
    /// counts them; a group that needs none counts too, for the stack.
    fn deeper(&mut self, write: impl FnOnce(&mut Writer)) {
        if self.depth >= crate::tree::MAX_DEPTH {
            self.wrong(
                "…",
                "the statement is nested too deeply",
                "flatten the condition: `all` and `any` take lists",
            );
        } else {
            self.depth += 1;
            write(self);
            self.depth -= 1;
        }
    }

    /// A name or a path, which is a leaf; its type has checked everything but reserved words.
    fn name(&mut self, name: &str) {
        let start = self.out.len();
        self.out.push_str(name);
        self.place(start);
        if name.as_bytes().split(|byte| *byte == b'.').any(|part| Word::of(part).is_reserved()) {
            let is_reserved = |part: &&str| Word::of(part.as_bytes()).is_reserved();
            self.wrong_from(start, reserved(name.split('.').find(is_reserved).unwrap_or(name)));
        }
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Writer, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            write(self, item);
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Field(path) => self.name(path.as_str()),
            Operand::Call { function, argument } => {
                let start = self.out.len();
                self.name(function.name());
                let word = Word::of(function.name().as_bytes());
                if matches!(
                    word,
                    Word::Fields | Word::Rollup | Word::Cube | Word::Distance | Word::Geolocation
                ) {
                    // As one, it would read back as something else.
                    let message = format!("{function} is not a function of one argument");
                    self.wrong_from(start, Problem::new(message, "it has a form of its own"));
                }
                let Some(argument) = argument else {
                    let message = format!("{function}() has no argument here");
                    return self.wrong(
                        "argument",
                        message,
                        "a function takes one field; only COUNT() alone in SELECT has none",
                    );
                };
                self.text("(");
                if matches!(**argument, Operand::Distance(_)) {
                    self.wrong(
                        "distance",
                        format!("{function} of a distance"),
                        "DISTANCE stands in SELECT, in ORDER BY or left of < and >, not in a function",
                    );
                }
                self.deeper(|w| w.operand(argument));
                self.text(")");
            }
            Operand::Distance(distance) => {
                self.text("DISTANCE(");
                self.name(distance.location.as_str());
                self.text(", GEOLOCATION(");
                self.degrees(&distance.latitude);
                self.text(", ");
                self.degrees(&distance.longitude);
                self.text("), '");
                self.text(distance.unit.as_str());
                self.text("')");
            }
        }
    }

    fn degrees(&mut self, value: &Literal) {
        if matches!(value, Literal::Number(_) | Literal::Parameter(_)) {
            return self.literal(value, None);
        }
        self.wrong(
            "degrees",
            "GEOLOCATION of something that is no number",
            "it takes two numbers of degrees",
        );
        self.place(self.out.len());
    }
}
