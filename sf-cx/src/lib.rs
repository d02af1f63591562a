//! Customer-success building blocks on `sf-sync`.
