//! What comes from elsewhere and goes there: keys and links that people paste, pictures of QR codes, and the files
//! of other authenticators.
//!
//! It knows formats and nothing of files, vaults or screens: bytes or text come in, accounts or a reason go out.
//! Everything that comes in is taken to be hostile: sizes are bounded before anything is decoded, one bad entry
//! never spoils the others, and no reason repeats a secret.

pub mod picture;
pub mod typed;
