//! `show --format html`: the page of a plan.

use crate::support::Sandbox;

#[test]
fn plan_and_plan_file_give_the_same_page() {
    let sandbox = Sandbox::new().copy_example("8x8-change-of-role");
    let planned = sandbox.run(&["plan", "8x8-change-of-role", "--out", "plan.json", "--format", "html"]);
    let shown = sandbox.run(&["show", "plan.json", "--format", "html"]);
    assert!(planned.stdout.starts_with("<!DOCTYPE html>\n") && planned.stdout.ends_with("</html>\n"));
    // A plan file does not contain the folder of its manifest.
    assert_eq!(planned.stdout.replace("8x8-change-of-role/phones.yaml", "phones.yaml"), shown.stdout);
    assert_eq!((planned.status, shown.status), (4, 0), "policy denies this plan, and a plan can be shown all the same");
}
