//! A command that places extents, as a problem.

use crate::core::{Problem, Request};
use crate::lvm::TypedStep;

/// A command that places extents, as a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placing {
    /// The command.
    pub typed: TypedStep,
    /// What it asks for: one request for each thing that LVM2 would place.
    pub problem: Problem,
    /// Those of the requests whose legs policy `anywhere` would let share disks with others, each as it is where they are
    /// kept apart.
    pub apart: Vec<(usize, Request)>,
    /// Per request what `lvs` calls what goes with it as a whole.
    pub log_words: Vec<&'static str>,
    /// What is said of it, a sentence each.
    pub notes: Vec<String>,
    /// Per request which of the things that LVM2 places one after another it stands for.
    pub(crate) parts: Vec<Vec<usize>>,
}
