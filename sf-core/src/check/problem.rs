//! What is wrong with a row.
use super::Operation;
use crate::{Delivery, Describe, Error, ErrorKind, Failure, FieldName, ObjectName};
use std::fmt;

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The object.
    pub object: ObjectName,
    /// The field; none when it is the object itself.
    pub field: Option<FieldName>,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The user may not do this with any row of the object.
    ObjectReadOnly(Operation),
    /// The object has no such field, or field-level security hides it from the user.
    UnknownField,
    /// The user may not give this field a value: field-level security, or Salesforce keeps it.
    ReadOnly(Operation),
    /// A formula, a roll-up or an automatic number: nobody can write it.
    Calculated,
    /// A new row must have a value here.
    Required,
    /// It cannot be cleared.
    NotNull,
    /// More characters than the field holds.
    TooLong {
        /// Characters of the value.
        length: usize,
        /// Characters that the field holds.
        max: u32,
    },
    /// More digits before the decimal point than the field holds.
    TooLarge {
        /// Digits before the decimal point that the field holds.
        digits: u32,
    },
    /// Not a value of the field's type.
    WrongType {
        /// What the field takes.
        expected: &'static str,
    },
    /// Not a value of the picklist.
    NotAllowed {
        /// The value.
        value: String,
        /// Those that can be chosen, in the order of the list.
        allowed: Vec<String>,
        /// The org refuses others. If not, it takes them, but they mean nothing to it.
        restricted: bool,
    },
}

/// How sure it is that the org refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The org takes it; it may not be what was meant.
    Warning,
    /// The org refuses it, or ignores it silently.
    Error,
}

impl Problem {
    pub(super) fn of_object(describe: &Describe, operation: Operation) -> Problem {
        Problem { object: describe.name.clone(), field: None, kind: ProblemKind::ObjectReadOnly(operation) }
    }

    pub(super) fn of_field(describe: &Describe, field: FieldName, kind: ProblemKind) -> Problem {
        Problem { object: describe.name.clone(), field: Some(field), kind }
    }

    /// How sure it is that the org refuses.
    pub fn severity(&self) -> Severity {
        match self.kind {
            ProblemKind::NotAllowed { restricted: false, .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = &self.object;
        match &self.field {
            Some(field) => write!(f, "{field}: ")?,
            None => write!(f, "{object}: ")?,
        }
        match &self.kind {
            ProblemKind::ObjectReadOnly(operation) => {
                write!(f, "you have no permission to {operation} rows of it")
            }
            ProblemKind::UnknownField => {
                write!(f, "{object} has no such field, or field-level security hides it from you")
            }
            ProblemKind::ReadOnly(operation) => write!(
                f,
                "cannot be given by an {operation}: Salesforce keeps it, or you have no edit permission on the field"
            ),
            ProblemKind::Calculated => f.write_str("computed by Salesforce, cannot be written"),
            ProblemKind::Required => write!(f, "required for a new {object}"),
            ProblemKind::NotNull => f.write_str("cannot be cleared"),
            ProblemKind::TooLong { length, max } => write!(f, "{length} characters, at most {max} fit"),
            ProblemKind::TooLarge { digits } => {
                write!(f, "at most {digits} digits before the decimal point fit")
            }
            ProblemKind::WrongType { expected } => write!(f, "expected {expected}"),
            ProblemKind::NotAllowed { value, allowed, restricted } => {
                let verdict = if *restricted { "is not an allowed value" } else { "is not in the list" };
                write!(f, "`{value}` {verdict}; allowed are ")?;
                for (i, value) in allowed.iter().enumerate() {
                    write!(f, "{}`{value}`", if i == 0 { "" } else { ", " })?;
                }
                if allowed.is_empty() { f.write_str("none") } else { Ok(()) }
            }
        }
    }
}

/// Everything that is wrong with a row; may be nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn new(problems: Vec<Problem>) -> Problems {
        Problems(problems)
    }

    /// Errors and warnings, in the order of the fields.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Those that the org would refuse.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter().filter(|problem| problem.severity() == Severity::Error)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All errors as one; warnings alone are no error.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with every error in its message and the fields by name.
    pub fn into_result(self) -> crate::Result<()> {
        let errors: Vec<&Problem> = self.errors().collect();
        if errors.is_empty() {
            return Ok(());
        }
        let message: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let mut failure = Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, message.join("; "));
        failure.fields =
            errors.iter().filter_map(|problem| problem.field.as_ref()).map(ToString::to_string).collect();
        Err(Error::new(failure))
    }
}

/// One problem a line.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
