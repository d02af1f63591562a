//! Operands as the rules name and compare them.

use super::resolve::Scope;
use crate::{Leaf, Operand};
use sf_core::FieldPath;

/// Where an operand begins.
pub(super) fn leaf_of(operand: &Operand) -> Leaf<'_> {
    match operand {
        Operand::Field(path) => Leaf::Path(path),
        Operand::Call { function, .. } => Leaf::Function(function),
        Operand::Distance(distance) => Leaf::Path(&distance.location),
    }
}

/// The field at the bottom of functions.
pub(super) fn innermost(operand: &Operand) -> Option<&FieldPath> {
    let mut operand = operand;
    loop {
        match operand {
            Operand::Field(path) => return Some(path),
            Operand::Call { argument: Some(argument), .. } => operand = argument,
            Operand::Call { argument: None, .. } | Operand::Distance(_) => return None,
        }
    }
}

/// As it stands in messages.
pub(super) fn spell(operand: &Operand) -> String {
    match operand {
        Operand::Field(path) => path.to_string(),
        Operand::Distance(distance) => format!("DISTANCE({})", distance.location),
        Operand::Call { function, argument } => {
            let inner = argument.as_deref().and_then(innermost);
            format!("{function}({})", inner.map(ToString::to_string).unwrap_or_default())
        }
    }
}

/// Equal for operands that are the same for the org.
pub(super) fn key(scope: &Scope<'_>, operand: &Operand) -> String {
    let mut key = String::new();
    let mut operand = operand;
    loop {
        match operand {
            Operand::Field(path) => {
                let text = scope.relative(path);
                key.push_str(text.as_deref().unwrap_or(path.as_str()));
                break;
            }
            Operand::Distance(distance) => {
                key.push_str(&format!("{distance:?}"));
                break;
            }
            Operand::Call { function, argument } => {
                key.push_str(function.name());
                key.push('(');
                match argument {
                    Some(argument) => operand = argument,
                    None => break,
                }
            }
        }
    }
    key.make_ascii_lowercase();
    key
}
