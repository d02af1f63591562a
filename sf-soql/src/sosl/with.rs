use crate::CategoryFilter;
use sf_core::SfId;

/// A clause of WITH of a search; those of a SELECT are [`crate::With`]. The writer brings several into the order of
/// the page "SOSL Syntax"; each stands at most once.
///
/// ```
/// use sf_core::object;
/// use sf_soql::{CategoryFilter, sosl::{Returning, Search, Term, With}};
/// let search = Search::find(Term::phrase("San Francisco"))
///     .returning(Returning::new(object!("KnowledgeArticleVersion")))
///     .with(With::SpellCorrection(false))
///     .with(With::Snippet { target_length: Some(120) })
///     .with(With::DataCategory(vec![
///         CategoryFilter::above(object!("Geography__c"), [object!("France__c")]),
///         CategoryFilter::at(object!("Product__c"), [object!("Phones__c"), object!("Tablets__c")]),
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
    DataCategory(Vec<CategoryFilter>),
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
