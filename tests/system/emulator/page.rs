//! The examples in `docs/emulator.md` are valid settings and actions.

use reseat::emulator::{Emulator, EmulatorSettings, TenantAction, load_config};

/// Returns the blocks of a language.
fn blocks<'a>(page: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    page.split("\n```").skip(1).step_by(2).filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}

#[tokio::test]
async fn every_example_is_taken() {
    let page = include_str!("../../../docs/emulator.md");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("knobs.yaml");
    let mut taken = 0;
    for block in blocks(page, "yaml") {
        let vendor = block.lines().next().and_then(|line| line.strip_prefix("# vendor: ")).expect("a vendor");
        std::fs::write(&path, block).expect("a file");
        let knobs = load_config(&path).unwrap_or_else(|findings| panic!("{block}\n{findings:?}"));
        let emulator =
            Emulator::start(EmulatorSettings { config: knobs, ..EmulatorSettings::for_vendor(vendor) }).await;
        assert!(emulator.is_ok(), "{block}\n{:?}", emulator.err());
        taken += 1;
    }
    assert_eq!(taken, 6);
    let emulator = Emulator::start(EmulatorSettings::for_vendor("8x8")).await.expect("an emulator");
    for block in blocks(page, "json") {
        let actions: Vec<TenantAction> = serde_json::from_str(block).expect("actions");
        emulator.apply_actions(&actions).expect("things that can happen");
    }
    assert_eq!(emulator.state().accounts.len(), 6);
}
