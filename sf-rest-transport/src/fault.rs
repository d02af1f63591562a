//! Errors of this crate, made in one place so that none is without a next step and none holds a secret.
use sf_core::{Delivery, Error, ErrorKind, Failure};

/// Something the caller gave is wrong; nothing was sent.
pub(crate) fn invalid(message: impl Into<String>, next_step: impl Into<String>) -> Error {
    before_sending(ErrorKind::InvalidInput, message, next_step)
}

/// The program or the machine is not set up; nothing was sent.
pub(crate) fn setup(message: impl Into<String>, next_step: impl Into<String>) -> Error {
    before_sending(ErrorKind::Setup, message, next_step)
}

/// Nobody is signed in (any more) and this session cannot change that.
pub(crate) fn not_signed_in(message: impl Into<String>, next_step: impl Into<String>) -> Error {
    before_sending(ErrorKind::NotSignedIn, message, next_step)
}

fn before_sending(kind: ErrorKind, message: impl Into<String>, next_step: impl Into<String>) -> Error {
    failure(kind, Delivery::NotSent, message, next_step).into()
}

pub(crate) fn failure(
    kind: ErrorKind,
    delivery: Delivery,
    message: impl Into<String>,
    next_step: impl Into<String>,
) -> Failure {
    Failure::new(kind, delivery, message).with_next_step(next_step)
}
