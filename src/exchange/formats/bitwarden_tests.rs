//! Bitwarden: what clients of several years write.

use super::*;
use crate::exchange::encodings::archive::tests::packed;

const PLAIN: &str = r#"{"encrypted":false,"folders":[{"id":"f","name":"Work"}],"items":[
    {"type":1,"name":"A","notes":"n","favorite":true,"folderId":"f","login":{"username":"bob","totp":"mfrg gzdf"}},
    {"type":1,"name":"B","folderId":"gone","login":{"username":null,"totp":"otpauth://totp/x:y?secret=1"}},
    {"type":2,"name":"C"}, {"type":1,"name":"D","login":{"totp":" "}}, {"type":1,"name":"E","login":null},
    {"type":1,"name":"F","deletedDate":"2024-01-01T00:00:00Z","login":{"totp":"MFRGG"}}, 3]}"#;

#[test]
fn items_are_read_one_by_one() {
    let imported = Bitwarden.read(&File::new(PLAIN.as_bytes()).unwrap(), None).unwrap();
    let entry = &imported.entries[0];
    assert_eq!((entry.issuer.as_str(), entry.account.as_str(), entry.note.as_str()), ("A", "bob", "n"));
    assert!(entry.pinned && entry.groups == ["Work"] && imported.entries.len() == 1);
    let places: Vec<(&str, &str)> =
        imported.refused.iter().map(|refused| (refused.place.as_str(), refused.name.as_str())).collect();
    assert_eq!(places, [("item 2", "B"), ("item 7", "")]);
    assert_eq!(imported.notes, ["3 items without codes were left out", "1 item in the trash was left out"]);
}

#[test]
fn a_file_of_an_old_client_says_nothing_of_encryption() {
    for folders in ["folders", "collections"] {
        let text = PLAIN.replace("\"encrypted\":false,", "").replace("folders", folders);
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(Bitwarden.recognizes(&file), Likeness::Yes);
        assert_eq!(Bitwarden.read(&file, None).unwrap().entries.len(), 1);
    }
}

#[test]
fn the_zip_with_attachments_is_read() {
    let zip = packed(&[("attachments/x.txt", b"x"), ("data.json", PLAIN.as_bytes())], None);
    let file = File::new(&zip).unwrap();
    assert_eq!(Bitwarden.recognizes(&file), Likeness::Yes);
    assert_eq!(Bitwarden.read(&file, None).unwrap().entries.len(), 1);
}

#[test]
fn an_organisation_has_collections() {
    let text =
        PLAIN.replace("folders", "collections").replace(r#""folderId":"f""#, r#""collectionIds":["f",null]"#);
    let imported = Bitwarden.read(&File::new(text.as_bytes()).unwrap(), None).unwrap();
    assert_eq!(imported.entries[0].groups, ["Work"]);
    let csv = "collections,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\r\nOps,login,A,,,0,,bob,pw,MFRGG\r\n";
    let file = File::new(csv.as_bytes()).unwrap();
    assert_eq!(Bitwarden.recognizes(&file), Likeness::Yes);
    assert_eq!(Bitwarden.read(&file, None).unwrap().entries[0].groups, ["Ops"]);
}

#[test]
fn the_cost_is_bounded() {
    let file = |fields: &str| {
        format!(
            r#"{{"encrypted":true,"passwordProtected":true,"salt":"AAAAAAAAAAAAAAAAAAAAAA==",{fields},"{CHECK}":"2.a|b|c","data":"x"}}"#
        )
    };
    for (fields, costly) in [
        (r#""kdfType":0,"kdfIterations":2000000000"#, true),
        (r#""kdfType":1,"kdfIterations":3,"kdfMemory":1000000,"kdfParallelism":4"#, true),
        (r#""kdfType":1,"kdfIterations":100000,"kdfMemory":64,"kdfParallelism":4"#, true),
        (r#""kdfType":1,"kdfIterations":3"#, false),
        (r#""kdfType":7,"kdfIterations":3"#, false),
        (r#""kdfType":0,"kdfIterations":3"#, false),
    ] {
        let text = file(fields);
        let refused = Bitwarden.read(&File::new(text.as_bytes()).unwrap(), Some("x")).unwrap_err();
        assert_eq!(matches!(refused, ImportError::Costly { .. }), costly, "{fields}: {refused}");
    }
}
