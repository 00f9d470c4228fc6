//! Hostile names and reasons.

use proptest::prelude::*;

/// A word in every hostile text, to check that the text is shown.
pub(crate) const CANARY: &str = "canary";

/// Texts with a meaning for a terminal, a browser, a forge, a CI server or a graph.
pub(crate) const HARMFUL: [&str; 52] = [
    "canary</td></tr></table><script>alert(1)</script>",
    "canary<img src=x onerror=alert(1)>",
    "canary\" onmouseover=\"alert(1)",
    "canary' style='position:fixed'",
    "canary<!-- reseat -->",
    "canary-->",
    "canary]]>",
    "canary</details></summary>",
    "canary&lt;b&gt;&#64;acme",
    "[canary](https://evil.example)",
    "![canary](https://evil.example/x.png)",
    "[canary]: https://evil.example",
    "canary https://evil.example/x",
    "canary www.evil.example",
    "<https://evil.example/canary>",
    "canary javascript:alert(1)",
    "@acme/owners canary",
    "canary (@acme)",
    "canary #1 GH-1 acme/reseat#2 !3",
    "canary|canary|canary",
    "| canary | --- |",
    "canary`code``",
    "```canary",
    "**canary** __canary__ ~~canary~~ *canary*",
    "canary\\",
    "- canary",
    "1. canary",
    "# canary",
    "> canary",
    "--- canary",
    "canary\n\n# heading",
    "canary\r\n::error::x",
    "canary $x^2$ $$y$$",
    "canary :tada:",
    "canary\u{1b}[2J\u{1b}]8;;https://evil.example\u{7}x",
    "canary\u{9b}31m",
    "canary\u{0}\u{7f}\u{8}",
    "canary\u{2028}\u{2029}\u{85}",
    "canary\u{202e}gnp.exe",
    "canary\u{200b}\u{feff}\u{2060}",
    "canary\u{e0041}\u{e007f}",
    "canary\u{fe0f}\u{180e}\u{3164}",
    "::error::canary",
    "::stop-commands::canary",
    "canary##[add-mask]x",
    "##vso[task.setvariable variable=a]canary",
    "${{ github.token }} canary",
    "canary\"];evil[label=\"x",
    "canary\"]; click A \"https://evil.example\"",
    "%%{init: {'securityLevel':'loose'}}%% canary",
    "canary\tcanary\u{a0}canary",
    "日本語 canary עברית e\u{301}",
];

/// Random mixtures of hostile texts.
pub(crate) fn mixture() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(HARMFUL.to_vec()).prop_map(str::to_owned),
        1 => proptest::sample::select(vec!["<", ">", "|", "`", "\\", "\n", "[", "](", ")", "\"", "'", "@", "::", "##", "&", "!", " "])
            .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 1..6).prop_map(|pieces| {
        let mut text: String = pieces.concat();
        text.push_str(CANARY);
        text
    })
}
