//! The screens in the README are the real ones.

use std::fs;
use std::path::Path;

#[test]
fn shows_the_real_screens() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let screens: Vec<&str> =
        readme.split("```text\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
    let names = ["accounts__list_last_seconds", "add__add_3_site", "add__add_3_typo"];
    assert_eq!(screens.len(), names.len());
    for (screen, name) in screens.iter().zip(names) {
        let path = root.join(format!("tests/it/tui/snapshots/it__tui__{name}_80x24.snap"));
        let picture = fs::read_to_string(path).unwrap();
        let (_, picture) = picture.split_once("\n---\n").unwrap();
        assert_eq!(*screen, picture.trim_end_matches('\n'), "{name}");
    }
}
