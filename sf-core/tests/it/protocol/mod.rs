mod bulk;
mod errors;
mod reads;
mod requests;
mod writes;
