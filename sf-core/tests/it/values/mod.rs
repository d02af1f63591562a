//! Ids, names, numbers, date-times, values, rows, models and pages.
mod model;
mod page;
mod pains_51_to_56;
mod properties;
mod user_programs;
