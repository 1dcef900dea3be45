//! twolock, the program.

fn main() {}
