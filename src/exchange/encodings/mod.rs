//! The containers, encodings and ciphers in which formats are written, read within bounds.
//!
//! None of them knows an account. Each stops at a size, depth or cost before it works, because each meets a file
//! that may have been made to hurt.

pub(in crate::exchange) mod archive;
pub(in crate::exchange) mod bplist;
pub(in crate::exchange) mod cipher;
pub(in crate::exchange) mod java;
pub(in crate::exchange) mod json;
pub(in crate::exchange) mod kdbx;
mod kdbx_key;
pub(in crate::exchange) mod openpgp;
pub(in crate::exchange) mod sqlcipher;
pub(in crate::exchange) mod sqlite;
pub(in crate::exchange) mod xml;
