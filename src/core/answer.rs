//! What a planner may say.

use std::fmt;

use crate::core::{Certificate, Conflict, Cost, Plan};

/// What is true of a problem, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No plan costs less: every measure of the objective is proven.
    Best {
        /// The plan.
        plan: Plan,
        /// What it costs; also the bound.
        cost: Cost,
        /// Who found it.
        method: Method,
        /// Why nothing is better.
        proof: Proof,
        /// By measure, in the order of the objective, what shows it without trust in any search; nothing
        /// where there is none.
        certificates: Vec<Option<Certificate>>,
    },
    /// A plan that may not be the best.
    Found {
        /// The plan.
        plan: Plan,
        /// What it costs.
        cost: Cost,
        /// What no plan can go below.
        bound: Bound,
        /// Who found it.
        method: Method,
        /// Why the search ended there.
        stopped: StopReason,
        /// By entry of the bound what shows it without trust in any search; nothing where there is none.
        certificates: Vec<Option<Certificate>>,
    },
    /// There is no plan.
    Impossible {
        /// Why not.
        why: Conflict,
    },
    /// Neither a plan nor a proof that there is none.
    Unknown {
        /// What no plan, if there is one, can go below.
        bound: Bound,
        /// Why the search ended there.
        stopped: StopReason,
    },
}

impl Answer {
    /// The plan, if the answer has one.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        match self {
            Answer::Best { plan, .. } | Answer::Found { plan, .. } => Some(plan),
            Answer::Impossible { .. } | Answer::Unknown { .. } => None,
        }
    }

    /// What no plan can go below, as far as the answer says.
    #[must_use]
    pub fn lower_bound(&self) -> Bound {
        match self {
            Answer::Best { cost, .. } => Bound(cost.0.clone()),
            Answer::Found { bound, .. } | Answer::Unknown { bound, .. } => bound.clone(),
            Answer::Impossible { .. } => Bound::default(),
        }
    }

    /// The same with the limit that ran out, if one did, as what ended it: with more of that the methods
    /// might have gone on.
    #[must_use]
    pub fn ended_by(mut self, limit: StopReason) -> Answer {
        if let Answer::Found { stopped, .. } | Answer::Unknown { stopped, .. } = &mut self
            && limit != StopReason::MethodEnds
        {
            *stopped = limit;
        }
        self
    }

    /// The same as the best where the bound is met.
    #[must_use]
    pub fn best_if_bound_met(self) -> Answer {
        match self {
            Answer::Found {
                plan,
                cost,
                bound,
                method,
                ..
            } if bound.is_met_by(&cost) => Answer::Best {
                plan,
                cost,
                method,
                proof: Proof::BoundMet,
                certificates: Vec::new(),
            },
            Answer::Best { .. }
            | Answer::Found { .. }
            | Answer::Impossible { .. }
            | Answer::Unknown { .. } => self,
        }
    }

    /// By measure, in the order of the objective, what shows its bound.
    #[must_use]
    pub fn certificates(&self) -> &[Option<Certificate>] {
        match self {
            Answer::Best { certificates, .. } | Answer::Found { certificates, .. } => certificates,
            Answer::Impossible { .. } | Answer::Unknown { .. } => &[],
        }
    }

    /// The same with what shows its bound.
    #[must_use]
    pub fn with_certificates(mut self, found: Vec<Option<Certificate>>) -> Answer {
        if let Answer::Best { certificates, .. } | Answer::Found { certificates, .. } = &mut self {
            *certificates = found;
        }
        self
    }

    /// The same without a bound, for a question that was asked with another objective.
    #[must_use]
    pub fn without_bound(mut self) -> Answer {
        if let Answer::Found { bound, .. } | Answer::Unknown { bound, .. } = &mut self {
            *bound = Bound::default();
        }
        self.with_certificates(Vec::new())
    }

    /// The cost of the plan, if the answer has one.
    #[must_use]
    pub fn cost(&self) -> Option<&Cost> {
        match self {
            Answer::Best { cost, .. } | Answer::Found { cost, .. } => Some(cost),
            Answer::Impossible { .. } | Answer::Unknown { .. } => None,
        }
    }
}

/// Lower bounds, in the order of the objective.
///
/// Entry `k` holds for every plan that is as good as the bound says in all measures before `k`. So
/// only a leading part of the measures may be bounded, and the first entry holds for every plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound(pub Vec<u64>);

impl Bound {
    /// Whether no plan costs less than this. A measure that nothing is known of is at least 0.
    #[must_use]
    pub fn is_met_by(&self, cost: &Cost) -> bool {
        let bound = self.0.iter().copied().chain(std::iter::repeat(0));
        cost.0.iter().copied().eq(bound.take(cost.0.len()))
    }

    /// Whether no plan can have this cost: the first entry that differs is above it.
    #[must_use]
    pub fn is_above(&self, cost: &Cost) -> bool {
        let parting = self.0.iter().zip(&cost.0).find(|(a, b)| a != b);
        parting.is_some_and(|(bound, value)| bound > value)
    }
}

/// Who found a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// The step-by-step allocator of room `greedy`.
    Greedy,
    /// A construction that meets a closed-form bound.
    Construction,
    /// Candidate layouts and local search.
    Candidates,
    /// Exact combinatorial search.
    Search,
    /// An integer program.
    Program,
}

impl Method {
    /// The name in files and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Greedy => "greedy",
            Method::Construction => "construction",
            Method::Candidates => "candidates",
            Method::Search => "search",
            Method::Program => "program",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why nothing is better than a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The plan costs what a lower bound says that every plan costs.
    BoundMet,
    /// Every other plan was ruled out by search.
    Exhausted,
    /// The integer program was solved to its end, measure by measure.
    ProgramSolved,
}

impl Proof {
    /// The name in files and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Proof::BoundMet => "bound met",
            Proof::Exhausted => "exhausted",
            Proof::ProgramSolved => "program solved",
        }
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a search ended without a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// The time that was given ran out.
    Time,
    /// Whoever asked did not want to wait any longer.
    Interrupted,
    /// The number of search nodes that was given ran out.
    Nodes,
    /// The memory that was given would not have been enough.
    Memory,
    /// What was tried cannot prove more; more time would not help it.
    MethodEnds,
}

impl StopReason {
    /// The name in files and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            StopReason::Time => "time limit",
            StopReason::Interrupted => "interrupted",
            StopReason::Nodes => "node limit",
            StopReason::Memory => "memory limit",
            StopReason::MethodEnds => "method ends",
        }
    }

    /// That this ended a run, as a sentence begins: `time limit: it ran out`, or `interrupted`.
    #[must_use]
    pub fn as_end(self) -> &'static str {
        match self {
            StopReason::Time => "time limit: it ran out",
            StopReason::Interrupted => "interrupted",
            StopReason::Nodes => "node limit: it ran out",
            StopReason::Memory => "memory limit: it ran out",
            StopReason::MethodEnds => "method ends: it went no further",
        }
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
