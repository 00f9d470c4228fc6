//! Edits of manifests keep every line that is not theirs, or change nothing.

use super::*;

const FILE: &str = "\
apiVersion: reseat/v1 # the version
assignments:
  # phones
  - license: phones/X4
    to:
      - bo@acme.example   # the boss
      - di@acme.example
  - { license: phones/X2, to: [ed@acme.example] }
  - license: phones/X1
    to: []
    reason: ADM-1

# people come last
groups: {}
";

fn keys(keys: &[&str]) -> Vec<SmolStr> {
    keys.iter().map(|key| SmolStr::new(format!("{key}@acme.example"))).collect()
}

fn at(line: u32, column: u32) -> Location {
    Location { file: FileId(0), line, column, length: 0 }
}

fn entry(license: &str, to: &[&str]) -> NewEntry {
    NewEntry { license: license.to_owned(), to: keys(to), comments: Vec::new() }
}

#[test]
fn sorted_list_stays_sorted_and_keeps_comments() {
    let mut editor = ManifestEditor::new(FILE).unwrap();
    assert!(editor.add_people(at(4, 5), &keys(&["ana", "cy", "zoe"])));
    let text = editor.finish().unwrap();
    let list = "      - ana@acme.example\n      - bo@acme.example   # the boss\n      - cy@acme.example\n      - di@acme.example\n      - zoe@acme.example\n";
    assert!(text.contains(list), "{text}");
    assert_eq!(text.len(), FILE.len() + 3 * "      - ana@acme.example\n".len() - 1);
}

#[test]
fn flow_list_grows_up_to_the_line_limit() {
    let mut editor = ManifestEditor::new(FILE).unwrap();
    assert!(editor.add_people(at(8, 5), &keys(&["fay"])));
    assert!(!editor.add_people(at(8, 5), &keys(&["a", "b", "c", "d", "e", "f", "g", "h"])));
    let text = editor.finish().unwrap();
    assert!(text.contains("to: [ed@acme.example, fay@acme.example] }"), "{text}");
}

#[test]
fn entry_with_other_keys_is_not_extended() {
    let mut editor = ManifestEditor::new(FILE).unwrap();
    assert!(!editor.add_people(at(9, 5), &keys(&["ana"])));
    assert!(!editor.add_people(at(2, 1), &keys(&["ana"])));
}

#[test]
fn new_entry_is_last_in_its_section() {
    let mut editor = ManifestEditor::new(FILE).unwrap();
    assert!(editor.accepts_entries());
    assert!(editor.add_entry(NewEntry { comments: vec!["one pool".to_owned()], ..entry("phones/X9", &["ana"]) }));
    let person = NewPerson { key: "u-7@phones.invalid".into(), tenant: "phones".into(), account: "7".into() };
    assert!(editor.add_person(person));
    let text = editor.finish().unwrap();
    assert!(
        text.contains(
            "    reason: ADM-1\n  # one pool\n  - license: phones/X9\n    to:\n      - ana@acme.example\n\n# people"
        ),
        "{text}"
    );
    assert!(text.ends_with("\npeople:\n  u-7@phones.invalid: { accounts: { phones: \"7\" } }\n"), "{text}");
}

#[test]
fn line_breaks_match_the_file_and_a_final_one_is_added() {
    let file = FILE.replace('\n', "\r\n");
    let mut editor = ManifestEditor::new(&file).unwrap();
    assert!(editor.add_people(at(4, 5), &keys(&["cy"])) && editor.add_entry(entry("phones/X9", &["ana"])));
    let text = editor.finish().unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let open = "apiVersion: reseat/v1\nassignments:\n  - license: a/b\n    to:\n      - ana@acme.example";
    let mut editor = ManifestEditor::new(open).unwrap();
    assert!(editor.add_people(at(3, 5), &keys(&["bo"])));
    assert_eq!(editor.finish().unwrap(), format!("{open}\n      - bo@acme.example\n"));
}

#[test]
fn long_run_of_people_is_extended() {
    let mut file = "apiVersion: reseat/v1\nassignments:\n  - license: a/b\n    to:\n".to_owned();
    for number in 0..50 {
        file.push_str(&format!("      - p{number:02}@acme.example\n"));
    }
    let mut editor = ManifestEditor::new(&file).unwrap();
    assert!(editor.add_people(at(3, 5), &keys(&["p07a", "q"])));
    let text = editor.finish().unwrap();
    assert!(text.contains("p07@acme.example\n      - p07a@acme.example\n      - p08@"), "{text}");
    assert!(text.ends_with("p49@acme.example\n      - q@acme.example\n"), "{text}");
}

#[test]
fn uneditable_text_is_refused() {
    for file in [
        "apiVersion: reseat/v1\nassignments: []\n",
        "apiVersion: reseat/v1\nassignments: [{ license: a/b, to: [] }]\n",
        "{ apiVersion: reseat/v1, assignments: [{ license: a/b, to: [] }] }\n",
        "apiVersion: reseat/v1\nassignments: &x\n",
    ] {
        let mut editor = ManifestEditor::new(file).unwrap();
        assert!(
            !editor.accepts_entries() || !editor.add_entry(entry("a/c", &["ana"])) || editor.finish().is_none(),
            "{file}"
        );
    }
    // A document that ends cannot go on.
    let mut editor = ManifestEditor::new("apiVersion: reseat/v1\n...\n").unwrap();
    assert!(editor.add_entry(entry("a/c", &["ana"])));
    assert_eq!(editor.finish(), None);
    // Neither can a block of text that looks like a comment at its end.
    let block =
        "apiVersion: reseat/v1\nassignments:\n  - license: a/b\n    to: []\n    reason: |\n      one\n      # two\n";
    let mut editor = ManifestEditor::new(block).unwrap();
    assert!(editor.add_entry(entry("a/c", &["ana"])));
    assert_eq!(editor.finish(), None);
    assert!(ManifestEditor::new("a: [").is_none());
}

#[test]
fn ambiguous_texts_are_quoted() {
    for (text, written) in [
        ("ana@acme.example", "ana@acme.example"),
        ("1ana@acme.example", "1ana@acme.example"),
        ("office/main/timesheet", "office/main/timesheet"),
        ("no", "\"no\""),
        ("012", "\"012\""),
        ("a b", "\"a b\""),
        ("tenant/X: 4 # \"big\"", "\"tenant/X: 4 # \\\"big\\\"\""),
        ("- x", "\"- x\""),
        ("", "\"\""),
        ("é\u{200b}\u{7}", "\"é\\u200b\\u0007\""),
    ] {
        assert_eq!(scalar(text), written);
    }
}

proptest::proptest! {
    #[test]
    fn any_scalar_round_trips(text in "\\PC{0,12}|[ -~]{0,12}") {
        let file = format!("- {}\n- [{}]\n- {{ {}: 1 }}\n", scalar(&text), scalar(&text), scalar(&text));
        let root = parse(&file).unwrap().unwrap();
        let YamlValue::List(items) = root.value else { panic!() };
        proptest::prop_assert_eq!(&items[0].value, &YamlValue::Text(SmolStr::new(&text)));
    }
}
