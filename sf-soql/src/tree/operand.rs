use crate::{Distance, Function};
use sf_core::{Column, FieldName, FieldPath};

/// What stands left of a comparison, in ORDER BY, in GROUP BY and (with an alias) in SELECT.
///
/// The parser and the writer refuse functions that nest more than 64 deep. Nest less than 1,000 in a program: see
/// [`Condition`](crate::Condition).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operand {
    /// A field or a path to one. The first step may be the alias or the name of the FROM object.
    Field(FieldPath),
    /// A function of one argument; only `COUNT()` has none.
    Call {
        /// Which function.
        function: Function,
        /// The argument, which may be a call itself.
        argument: Option<Box<Operand>>,
    },
    /// `DISTANCE(Location__c, GEOLOCATION(37.77, -122.41), 'mi')`; neither an argument nor in GROUP BY.
    Distance(Box<Distance>),
}

impl Operand {
    pub(crate) fn call(function: Function, argument: impl Into<Operand>) -> Operand {
        Operand::Call { function, argument: Some(Box::new(argument.into())) }
    }

    /// The path, when this is a field.
    pub fn as_field(&self) -> Option<&FieldPath> {
        match self {
            Operand::Field(path) => Some(path),
            Operand::Call { .. } | Operand::Distance(_) => None,
        }
    }

    /// Whether an aggregate function is in it.
    pub fn is_aggregate(&self) -> bool {
        let mut operand = self;
        while let Operand::Call { function, argument } = operand {
            match argument {
                _ if function.is_aggregate() => return true,
                Some(argument) => operand = argument,
                None => return false,
            }
        }
        false
    }
}

impl From<FieldPath> for Operand {
    fn from(path: FieldPath) -> Operand {
        Operand::Field(path)
    }
}
impl From<&FieldPath> for Operand {
    fn from(path: &FieldPath) -> Operand {
        Operand::Field(path.clone())
    }
}
impl From<&FieldName> for Operand {
    fn from(name: &FieldName) -> Operand {
        Operand::Field(name.clone().into())
    }
}
impl From<FieldName> for Operand {
    fn from(name: FieldName) -> Operand {
        Operand::Field(name.into())
    }
}
impl From<Column> for Operand {
    fn from(column: Column) -> Operand {
        Operand::Field(column.into())
    }
}
impl From<Distance> for Operand {
    fn from(distance: Distance) -> Operand {
        Operand::Distance(Box::new(distance))
    }
}
