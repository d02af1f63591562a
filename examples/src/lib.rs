//! The programs are in `examples/examples/`. This library only keeps the README's code compiling.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
