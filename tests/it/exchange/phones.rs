//! Aegis, 2FAS, andOTP, Stratum, and what the rest of them write as links.

use super::check;

#[test]
fn aegis() {
    check("aegis_plain.json", "aegis");
    check("aegis_encrypted.json", "aegis");
}
