//! The parts of the example programs that tests use too.
