//! Date-times, clocks and randomness.
mod clock;
mod entropy;
mod timestamp;

pub use clock::{Clock, SystemClock};
pub use entropy::Entropy;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use entropy::OsEntropy;
pub(crate) use timestamp::read_date;
pub use timestamp::{Timestamp, TimestampError};
