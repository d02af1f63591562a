mod rows;
mod writes;
