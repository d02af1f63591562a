//! One file per step. Each returns the rows it moved and marks itself before it returns.
pub mod connect;
pub mod edit;
pub mod full_sync;
pub mod import;
pub mod meanwhile;
pub mod mend;
pub mod plan_only;
pub mod push;
pub mod restore;
pub mod summary;
