//! Where access tokens come from: a fixed token, a refresh token.
mod grant;
mod refresh;
mod token;

pub use refresh::{RefreshToken, RefreshTokenBuilder};
pub use token::Token;
