/// A piece of a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternPart {
    /// Exactly this text; a `%` or `_` in it is that character.
    Text(String),
    /// `%`: any text, also none.
    Any,
    /// `_`: exactly one character.
    One,
}

/// The right side of LIKE, with wildcards and plain text kept apart.
///
/// ```
/// use sf_soql::Pattern;
/// let typed_by_a_user = "100%_off";
/// let condition = sf_soql::prelude::Filterable::like(sf_core::field!("Name"), Pattern::contains(typed_by_a_user));
/// assert_eq!(condition.to_string(), r"Name LIKE '%100\%\_off%'");
///
/// let like = |pattern| sf_soql::prelude::Filterable::like(sf_core::field!("Name"), pattern).to_string();
/// assert_eq!(like(Pattern::exact("50%")), r"Name LIKE '50\%'");
/// assert_eq!(like(Pattern::starts_with("50%")), r"Name LIKE '50\%%'");
/// assert_eq!(like(Pattern::ends_with("50%")), r"Name LIKE '%50\%'");
/// assert_eq!(like(Pattern::exact("A").any().text("_").one()), r"Name LIKE 'A%\__'");
/// assert_eq!(like(Pattern::from(r"A%\__")), r"Name LIKE 'A%\__'");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pattern(Vec<PatternPart>);

impl Pattern {
    /// Exactly this text, without wildcards.
    pub fn exact(text: impl Into<String>) -> Pattern {
        Pattern::default().text(text)
    }

    /// The text and whatever follows.
    pub fn starts_with(text: impl Into<String>) -> Pattern {
        Pattern::exact(text).any()
    }

    /// The text anywhere.
    pub fn contains(text: impl Into<String>) -> Pattern {
        Pattern::default().any().text(text).any()
    }

    /// Whatever comes first, then the text.
    pub fn ends_with(text: impl Into<String>) -> Pattern {
        Pattern::default().any().text(text)
    }

    /// Adds exact text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Pattern {
        let text = text.into();
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(PatternPart::Text(last)) => last.push_str(&text),
            _ => self.0.push(PatternPart::Text(text)),
        }
        self
    }

    /// Adds `%`.
    #[must_use]
    pub fn any(mut self) -> Pattern {
        self.0.push(PatternPart::Any);
        self
    }

    /// Adds `_`.
    #[must_use]
    pub fn one(mut self) -> Pattern {
        self.0.push(PatternPart::One);
        self
    }

    /// The pieces, in order; two texts never follow each other.
    pub fn parts(&self) -> &[PatternPart] {
        &self.0
    }
}

/// A pattern in the notation of SOQL: `%` and `_` are wildcards, `\%`, `\_` and `\\` the characters. Any other
/// backslash is itself.
impl From<&str> for Pattern {
    fn from(notation: &str) -> Pattern {
        let mut pattern = Pattern::default();
        let mut text = String::new();
        let mut rest = notation.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '%' => pattern = pattern.text(std::mem::take(&mut text)).any(),
                '_' => pattern = pattern.text(std::mem::take(&mut text)).one(),
                '\\' => text.push(rest.next_if(|next| matches!(next, '%' | '_' | '\\')).unwrap_or('\\')),
                _ => text.push(c),
            }
        }
        pattern.text(text)
    }
}
impl From<String> for Pattern {
    fn from(notation: String) -> Pattern {
        Pattern::from(notation.as_str())
    }
}
