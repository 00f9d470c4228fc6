//! The `reseat` program: parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(reseat::cli::main(std::env::args_os()).code())
}
