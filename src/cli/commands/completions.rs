//! The arguments of `reseat completions`.

use clap::Args;
use clap_complete::Shell;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

impl CompletionsArgs {
    /// Returns the completion script of a program.
    pub(crate) fn script(&self, program: &mut clap::Command) -> String {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, program, "reseat", &mut script);
        String::from_utf8_lossy(&script).into_owned()
    }
}
