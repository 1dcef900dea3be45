//! The contrast of the built-in colours, and what is set against what the terminal can.

use super::*;

/// The backgrounds of common themes.
const DARK_GROUNDS: [u32; 6] = [0x00_00_00, 0x1e_1e_1e, 0x28_2c_34, 0x1e_1e_2e, 0x00_2b_36, 0x2e_34_40];
const LIGHT_GROUNDS: [u32; 5] = [0xff_ff_ff, 0xfa_fa_fa, 0xfd_f6_e3, 0xef_f1_f5, 0xf0_f0_f0];

/// The relative luminance of WCAG 2.1.
fn luminance(rgb: u32) -> f64 {
    let [_, red, green, blue] = rgb.to_be_bytes();
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_colour_can_be_read_on_every_ground() {
    assert!((contrast(0x00_00_00, 0xff_ff_ff) - 21.0).abs() < 0.01);
    for (palette, grounds) in [(DARK, &DARK_GROUNDS[..]), (LIGHT, &LIGHT_GROUNDS[..])] {
        let texts =
            [palette.accent, palette.code, palette.good, palette.warning, palette.error, palette.last];
        let bars = [palette.fine, palette.soon, palette.last];
        for ground in grounds {
            for (colours, least) in [(&texts[..], 4.5), (&bars[..], 3.0)] {
                for colour in colours {
                    let exact = contrast(*colour, *ground);
                    assert!(exact >= least, "{colour:06x} on {ground:06x}: {exact:.2}");
                    let coarse = contrast(indexed(nearest(*colour)), *ground);
                    assert!(coarse >= least, "{colour:06x} of 256 on {ground:06x}: {coarse:.2}");
                }
            }
        }
    }
}

#[test]
fn the_indices_are_those_of_xterm() {
    assert_eq!((indexed(16), indexed(231), indexed(232)), (0x00_00_00, 0xff_ff_ff, 0x08_08_08));
    assert_eq!((indexed(196), indexed(255)), (0xff_00_00, 0xee_ee_ee));
    assert_eq!((nearest(0xff_ff_ff), nearest(0xff_00_00)), (231, 196));
}

#[test]
fn what_is_set_holds_as_far_as_the_terminal_can() {
    let theme = |depth, dark, change: &[(&str, &str)]| {
        let mut config = config::Config::default();
        for (key, value) in change {
            config.set(key, value).unwrap();
        }
        Theme::of(Can { depth, symbols: Symbols::All, dark, slow: false }).set(&config.screen)
    };
    let builtin = ("screen.palette", "Builtin");
    assert_eq!(theme(Depth::True, None, &[]).good().fg, Some(Color::Green));
    assert_eq!(theme(Depth::True, None, &[builtin]).good().fg, Some(Color::Green));
    assert_eq!(theme(Depth::True, Some(true), &[builtin]).good().fg, Some(Color::Rgb(0x5c, 0xc8, 0xb0)));
    let light = ("screen.theme", "Light");
    assert_eq!(theme(Depth::True, Some(true), &[builtin, light]).good().fg, Some(Color::Rgb(0, 0x66, 0x4f)));
    assert!(matches!(theme(Depth::Ansi256, Some(true), &[builtin]).good().fg, Some(Color::Indexed(16..))));
    assert_eq!(theme(Depth::Ansi16, Some(true), &[builtin]).good().fg, Some(Color::Green));
    for change in [("screen.theme", "Mono"), ("screen.colors", "None")] {
        assert_eq!(theme(Depth::True, Some(true), &[builtin, change]).good().fg, None);
    }
    // Who set NO_COLOR wants none, whatever a file says.
    assert_eq!(theme(Depth::None, None, &[("screen.colors", "TrueColor")]).good().fg, None);
    assert!(theme(Depth::None, None, &[("screen.ascii", "On")]).is_ascii());
}
