mod bulk;
mod composite_writes;
mod errors;
mod reads;
mod requests;
mod writes;
