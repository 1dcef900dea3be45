//! A QR code as a picture file: PNG for a screen, SVG for paper. Both are black on white with the quiet zone of four
//! modules that the standard asks for (ISO/IEC 18004 section 6.3.8).

use std::fmt::Write;
use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};
use zeroize::Zeroizing;

use super::Modules;

/// Light modules around the code.
const QUIET: usize = 4;

/// How many pixels wide a module of a PNG is.
const SCALE: usize = 8;

const FITS: &str = "memory takes whatever is written to it";

/// Returns the code as a PNG file of eight pixels a module.
pub fn png(modules: &Modules) -> Zeroizing<Vec<u8>> {
    let side =
        u32::try_from((modules.side() + 2 * QUIET) * SCALE).expect("a code has at most 177 modules a side");
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let module = |at: u32| (at as usize / SCALE).checked_sub(QUIET);
        let dark = module(x).zip(module(y)).is_some_and(|(x, y)| modules.dark(x, y));
        Luma([if dark { 0 } else { 255 }])
    });
    let mut file = Cursor::new(Vec::with_capacity(1 << 16));
    picture.write_to(&mut file, ImageFormat::Png).expect(FITS);
    Zeroizing::new(file.into_inner())
}

/// Returns the code as an SVG file of one unit a module.
pub fn svg(modules: &Modules) -> Zeroizing<String> {
    let side = modules.side() + 2 * QUIET;
    let mut text = Zeroizing::new(String::with_capacity(1024 + side * side * 8));
    write!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\n\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\n<path d=\""
    )
    .expect(FITS);
    for y in 0..modules.side() {
        let mut x = 0;
        while x < modules.side() {
            let run = (x..modules.side()).take_while(|x| modules.dark(*x, y)).count();
            if run > 0 {
                write!(text, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET).expect(FITS);
            }
            x += run.max(1);
        }
    }
    text.push_str("\"/>\n</svg>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::picture::{draw, read_codes};

    const LINK: &str = "otpauth://totp/web-01:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=web-01";

    #[test]
    fn a_png_is_read_back() {
        let codes = read_codes(&png(&draw(LINK).unwrap())).unwrap();
        assert_eq!(codes, [Zeroizing::new(LINK.to_owned())]);
    }

    #[test]
    fn an_svg_has_each_dark_module_once() {
        let modules = draw(LINK).unwrap();
        let text = svg(&modules);
        let drawn: usize =
            text.split('h').skip(1).filter_map(|part| part.split('v').next()?.parse::<usize>().ok()).sum();
        let side = 0..modules.side();
        let dark: usize = side.clone().map(|y| side.clone().filter(|x| modules.dark(*x, y)).count()).sum();
        assert_eq!(drawn, dark);
        assert!(text.contains("viewBox=\"0 0 41 41\""));
    }
}
