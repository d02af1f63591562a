mod bulk;
mod composite_writes;
mod doubtful;
mod errors;
mod mutated;
mod reads;
mod requests;
mod writes;
