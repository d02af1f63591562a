use serde::{Deserialize, Serialize};

/// What sort of thing went wrong. Coarse, for `match`; the org's own words are in
/// [`Failure::code`](crate::Failure::code) and [`Failure::message`](crate::Failure::message).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request cannot be right: a malformed id, name, query or value.
    InvalidInput,
    /// No valid access token.
    NotSignedIn,
    /// The user or the app may not do this.
    Forbidden,
    /// No such record or resource, or not visible.
    NotFound,
    /// The org understood the data and refused it.
    Refused,
    /// The record is not in the expected state: changed meanwhile, or a duplicate exists.
    Conflict,
    /// Somebody else held the record; a repeat usually works.
    Locked,
    /// A limit of the org or of the own API budget.
    LimitReached,
    /// The org, or something on the way to it, does not work at the moment.
    Unavailable,
    /// No answer in time.
    Timeout,
    /// The connection failed.
    Network,
    /// A query cannot be continued where it stood.
    CursorLost,
    /// This transport or org cannot do it.
    Unsupported,
    /// The answer is not what the API promises, or not of the type that was asked for.
    Decode,
    /// A missing or wrong setting on our side.
    Setup,
}

/// What the org may have done with the request. Decides, together with the operation, whether a repeat is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// No byte reached the org, or nothing that it could act on: a repeat cannot apply twice.
    NotSent,
    /// The org answered: not applied.
    Refused,
    /// May be applied now, later (a REST call runs for up to ten minutes), or never.
    Unknown,
}
