//! The README shows pictures that are there. That they are the real screens, `tui::album` sees to.

use std::fs;
use std::path::Path;

#[test]
fn shows_pictures_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let pictures: Vec<&str> = readme.split('"').filter(|part| part.starts_with("assets/screens/")).collect();
    assert!(pictures.len() >= 8, "{pictures:?}");
    for picture in &pictures {
        assert!(root.join(picture).is_file(), "{picture}");
        let twin = if picture.contains("-dark") {
            picture.replace("-dark", "-light")
        } else {
            picture.replace("-light", "-dark")
        };
        assert!(pictures.contains(&twin.as_str()), "{picture} has no twin");
    }
}
