//! One file per subcommand.

pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod convert;
pub(crate) mod execute;
pub(crate) mod hubbard;
pub(crate) mod info;
pub(crate) mod noisy;
pub(crate) mod observable;
pub(crate) mod run;
pub(crate) mod symbols;
pub(crate) mod targets;
pub(crate) mod verify;

/// Arguments that clap cannot check turned out wrong: exit code 2.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}
