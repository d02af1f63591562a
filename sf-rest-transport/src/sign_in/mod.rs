//! Where access tokens come from: the OAuth flows of an app, and a fixed token.
mod answer;
mod app;
mod code;
mod device;
mod grant;
#[cfg(feature = "jwt")]
mod jwt;
mod renew;
mod requests;
mod session;
mod token;

pub use app::App;
pub use code::{AuthorizationCode, PendingSignIn};
pub use device::DeviceSignIn;
#[cfg(feature = "jwt")]
pub use jwt::Jwt;
pub use session::Session;
pub use token::Token;
