//! A QR code as modules, for whoever draws it. It says a secret, so it is wiped and never printed.

use qrcode::{Color, EcLevel, QrCode};
use thiserror::Error;
use zeroize::Zeroizing;

/// A text that no QR code can hold.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
#[error("the text is too long for a QR code")]
pub struct TooLong;

/// The modules of a QR code, without its quiet zone. Wiped when dropped; `Debug` does not show them.
#[derive(Clone)]
pub struct Modules {
    side: usize,
    dark: Zeroizing<Vec<bool>>,
}

impl Modules {
    /// Returns how many modules a side has: 21 to 177.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Returns whether a module is dark; what lies outside is light.
    pub fn dark(&self, x: usize, y: usize) -> bool {
        x < self.side && y < self.side && self.dark[y * self.side + x]
    }
}

impl std::fmt::Debug for Modules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Modules").field("side", &self.side).finish_non_exhaustive()
    }
}

/// Returns the code that says `text`, as small as it can be: the lowest correction level, and each part of the text
/// in the densest of the encodings that can hold it.
pub fn draw(text: &str) -> Result<Modules, TooLong> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| TooLong)?;
    let side = code.width();
    let dark = code.into_colors().into_iter().map(|colour| colour == Color::Dark).collect();
    Ok(Modules { side, dark: Zeroizing::new(dark) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_with_a_base32_secret_takes_a_smaller_code_than_its_bytes() {
        let link = "otpauth://totp/web-01:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=web-01";
        assert_eq!(draw(link).expect("it is short").side(), 33);
        assert_eq!(draw(&"a".repeat(3000)).err(), Some(TooLong));
    }

    #[test]
    fn modules_begin_with_a_finder_and_end_in_light() {
        let modules = draw("otpauth://totp/A?secret=JBSWY3DPEHPK3PXP").expect("it is short");
        assert!((0..7).all(|x| modules.dark(x, 0)) && !modules.dark(7, 0) && !modules.dark(1, 1));
        assert!(!modules.dark(modules.side(), 0) && !modules.dark(0, modules.side()));
        assert!(!format!("{modules:?}").contains("true"));
    }
}
