//! `explain` and `schema`.

use crate::story;
use crate::support::{Sandbox, check};

#[test]
fn unknown_code_is_a_usage_error_that_says_where_the_codes_are() {
    story("explain-unknown", &Sandbox::new().run(&["explain", "Q999"]));
}

#[test]
fn schema_is_printed_as_it_is_stored() {
    let output = Sandbox::new().run(&["schema", "plan"]);
    check("schemas/plan.schema.json", &output.stdout);
}
