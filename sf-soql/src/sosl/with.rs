use crate::Identifier;
use sf_core::SfId;

/// A clause of WITH. The writer brings several into the order of the page "SOSL Syntax"; each stands at most once.
///
/// ```
/// use sf_core::object;
/// use sf_soql::sosl::{DataCategory, Returning, Search, Term, With};
/// let search = Search::find(Term::phrase("San Francisco"))
///     .returning(Returning::new(object!("KnowledgeArticleVersion")))
///     .with(With::SpellCorrection(false))
///     .with(With::Snippet { target_length: Some(120) })
///     .with(With::DataCategory(vec![
///         DataCategory::above("Geography__c", ["France__c"]),
///         DataCategory::at("Product__c", ["Phones__c", "Tablets__c"]),
///     ]));
/// assert_eq!(
///     search.to_sosl()?,
///     "FIND {\"San Francisco\"} RETURNING KnowledgeArticleVersion WITH DATA CATEGORY Geography__c ABOVE France__c \
///      AND Product__c AT (Phones__c, Tablets__c) WITH SNIPPET(target_length=120) WITH SPELL_CORRECTION = false"
/// );
/// # Ok::<(), sf_soql::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum With {
    /// `WITH DIVISION = 'Global'`: rows of this division, by its name or id, and of the global one ("WITH
    /// DivisionFilter").
    Division(String),
    /// `WITH DATA CATEGORY Location__c AT America__c AND …`: articles and questions in all of these categories. The
    /// search also wants a RETURNING with a filter on `PublishStatus`. From API version 18.
    DataCategory(Vec<DataCategory>),
    /// `WITH SNIPPET`: excerpts of articles, cases, feeds and ideas with the term marked, for pages of at most 20
    /// rows. From API version 32.
    Snippet {
        /// Characters of one excerpt, 50 to 1,000 ("WITH SNIPPET"; the overview page says 100 to 500). Salesforce
        /// takes 300 without it.
        target_length: Option<u32>,
    },
    /// `WITH HIGHLIGHT`: the term marked in the fields of business accounts, campaigns, contacts, custom objects,
    /// leads, opportunities, quotes and users, in up to 25 rows of each. From API version 39.
    Highlight,
    /// `WITH NETWORK = '0DB…'`, `WITH NETWORK IN (…)`: users and feeds of these Experience Cloud sites. The internal
    /// org has the id of zeros.
    Network(Vec<SfId>),
    /// `WITH PricebookId = '01s…'`: products of this price book; only for Product2.
    PricebookId(SfId),
    /// `WITH METADATA='LABELS'`: the answer has the labels of the fields.
    MetadataLabels,
    /// `WITH SPELL_CORRECTION = false`: only the spelling of the term; Salesforce corrects it otherwise. From API
    /// version 40.
    SpellCorrection(bool),
}

/// One condition of [`With::DataCategory`] ("WITH DATA CATEGORY DataCategorySpec", SOSL reference).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataCategory {
    /// The category group, `Geography__c`.
    pub group: Identifier,
    /// Which side of the categories.
    pub selector: CategorySelector,
    /// The categories; at least one.
    pub categories: Vec<Identifier>,
}

/// Which categories around the named ones count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CategorySelector {
    /// `AT`: the category itself.
    At,
    /// `ABOVE`: the category and all of its parents.
    Above,
    /// `BELOW`: the category and all below it.
    Below,
    /// `ABOVE_OR_BELOW`: all three.
    AboveOrBelow,
}

impl DataCategory {
    /// `group selector (categories)`. What is no name is a problem of the search.
    pub fn new<'a>(
        group: &str,
        selector: CategorySelector,
        categories: impl IntoIterator<Item = &'a str>,
    ) -> DataCategory {
        DataCategory {
            group: Identifier::unchecked(group),
            selector,
            categories: categories.into_iter().map(Identifier::unchecked).collect(),
        }
    }

    /// `Geography__c AT France__c`
    pub fn at<'a>(group: &str, categories: impl IntoIterator<Item = &'a str>) -> DataCategory {
        DataCategory::new(group, CategorySelector::At, categories)
    }

    /// `Geography__c ABOVE France__c`
    pub fn above<'a>(group: &str, categories: impl IntoIterator<Item = &'a str>) -> DataCategory {
        DataCategory::new(group, CategorySelector::Above, categories)
    }

    /// `Geography__c BELOW Europe__c`
    pub fn below<'a>(group: &str, categories: impl IntoIterator<Item = &'a str>) -> DataCategory {
        DataCategory::new(group, CategorySelector::Below, categories)
    }

    /// `Geography__c ABOVE_OR_BELOW France__c`
    pub fn above_or_below<'a>(group: &str, categories: impl IntoIterator<Item = &'a str>) -> DataCategory {
        DataCategory::new(group, CategorySelector::AboveOrBelow, categories)
    }
}
