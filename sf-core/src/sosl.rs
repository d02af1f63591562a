use crate::Result;
use std::{fmt, sync::Arc};

/// The text of a search, ready to send. `sf_soql::sosl::Search` makes one; [`Sosl::raw`] is the way round it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sosl(Arc<str>);

impl Sosl {
    /// Unchecked text: you answer for every value in it. Prefer a search of sf-soql, which cannot be injected into.
    pub fn raw(text: impl Into<String>) -> Sosl {
        Sosl(text.into().into())
    }
    /// The statement.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl fmt::Debug for Sosl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sosl({:?})", self.0)
    }
}
impl fmt::Display for Sosl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Anything [`Org::search`](crate::Org::search) takes.
pub trait IntoSosl {
    /// The statement.
    ///
    /// # Errors
    /// When a built search is not valid; nothing was sent then.
    fn into_sosl(self) -> Result<Sosl>;
}
impl IntoSosl for Sosl {
    fn into_sosl(self) -> Result<Sosl> {
        Ok(self)
    }
}
