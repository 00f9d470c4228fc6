//! The stored schemas are the ones that the types give.

mod support;

use reseat::pipeline::schema::Format;

#[test]
fn stored_schemas_are_fresh() {
    for format in Format::ALL {
        support::check(&format!("schemas/{}.schema.json", format.name()), &format.text().expect("a schema is JSON"));
    }
}

#[test]
fn stored_schemas_are_schemas() {
    for format in Format::ALL {
        let schema = serde_json::from_str(&format.text().expect("a schema is JSON")).expect("a schema is JSON");
        jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{}: {error}", format.name()));
    }
}
