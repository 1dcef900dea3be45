//! `docs/formats.md` speaks of every format, and says what the program says.

use twolock::exchange::{EXPORTERS, IMPORTERS};

#[test]
fn every_format_is_described() {
    let text = include_str!("../../../docs/formats.md");
    let section = |name: &str| text.split("\n## ").find(|section| section.lines().next() == Some(name));
    for format in IMPORTERS {
        let section = section(format.name()).unwrap_or_else(|| panic!("{} has no section", format.name()));
        let how = format!("{}.\n\n* How to get it: {}.\n", format.title(), format.source());
        assert!(section.contains(&how), "{}: {how}", format.name());
        let written = EXPORTERS.iter().any(|writer| writer.name() == format.name());
        assert_eq!(section.contains("* Written: yes"), written, "{}", format.name());
    }
    let sections = text.split("\n## ").count() - 1;
    assert_eq!(sections, IMPORTERS.len());
}
