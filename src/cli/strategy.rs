//! Options that choose who solves.

use clap::Args;

use crate::ip;
use crate::solve::Strategy;

/// Options that choose who solves.
#[derive(Clone, Debug, Args)]
pub(crate) struct StrategyOptions {
    /// Who solves integer programs
    #[arg(long, value_name = "NAME", default_value = "microlp", value_parser = parse_backend)]
    backend: ip::Backend,
}

impl StrategyOptions {
    /// Who solves integer programs.
    pub(crate) fn backend(&self) -> ip::Backend {
        self.backend
    }

    /// The strategy that the options describe.
    pub(crate) fn strategy(&self) -> Strategy {
        Strategy {
            program: Some(self.backend),
            ..Strategy::default()
        }
    }
}

fn parse_backend(word: &str) -> Result<ip::Backend, String> {
    word.parse()
}
