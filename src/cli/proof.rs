//! `plan --proof BASE`: the answer as proofs that a program which is not ours checks.

use std::path::{Path, PathBuf};

use crate::cli::output;
use crate::core::{Answer, Bound, Certificate, Limits, Plan, Problem};
use crate::ip::{self, Backend, Claim, Formulation};

/// Writes `BASE.opb` and `BASE.pbp` of the first measure, or of that there is no plan, and `BASE.MEASURE.opb` and
/// `BASE.MEASURE.pbp` of each further one; says what is proven by them, or why nothing is written.
///
/// A bound of what is not proven best is proven as far as it says anything: up to the first measure that the plan has
/// more of.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn write(
    base: &Path,
    problem: &Problem,
    answer: &Answer,
    backend: Backend,
    limits: &Limits,
) -> anyhow::Result<()> {
    let writer = Writer {
        problem,
        backend,
        limits,
    };
    match answer {
        Answer::Impossible { why } => {
            writer.write(base, Claim::Impossible { why }, "that there is no plan")
        }
        Answer::Unknown { .. } => {
            nothing("a proof", "the answer itself is not proven");
            Ok(())
        }
        Answer::Best { plan, cost, .. } => {
            writer.write_least(base, plan, &cost.0, &cost.0, answer.certificates())
        }
        Answer::Found {
            plan, cost, bound, ..
        } => {
            let Bound(bound) = bound;
            let met = cost
                .0
                .iter()
                .zip(bound)
                .take_while(|(cost, bound)| cost == bound);
            let proven = bound.len().min(met.count() + 1);
            let bound = &bound[..proven];
            writer.write_least(base, plan, &cost.0, bound, answer.certificates())
        }
    }
}

struct Writer<'a> {
    problem: &'a Problem,
    backend: Backend,
    limits: &'a Limits<'a>,
}

impl Writer<'_> {
    /// A proof for each measure of the bound.
    fn write_least(
        &self,
        base: &Path,
        plan: &Plan,
        cost: &[u64],
        bound: &[u64],
        certificates: &[Option<Certificate>],
    ) -> anyhow::Result<()> {
        for (position, (measure, value)) in self.problem.objective().iter().zip(bound).enumerate() {
            let claim = Claim::Least {
                position,
                bound: &bound[..=position],
                plan,
                certificate: certificates.get(position).and_then(Option::as_ref),
            };
            let base = match position {
                0 => base.to_path_buf(),
                _ => with_ending(base, &format!(".{measure}")),
            };
            let among = match position {
                0 => "that no plan has",
                _ => "that no plan as good before it has",
            };
            let mut what = format!("{among} fewer {measure} than {value}");
            if cost[position] > *value {
                what.push_str(&format!(", and one has {}", cost[position]));
            }
            self.write(&base, claim, &what)?;
        }
        Ok(())
    }

    fn write(&self, base: &Path, claim: Claim<'_>, what: &str) -> anyhow::Result<()> {
        let formulation = Formulation::of(self.problem);
        let of_what = format!("a proof {what}");
        let logged = match ip::prove(self.problem, claim, formulation, self.backend, self.limits) {
            Ok(Some(logged)) => logged,
            Ok(None) => {
                nothing(
                    &of_what,
                    "a limit ran out, or the relaxation of the integer program does not say enough",
                );
                return Ok(());
            }
            Err(error) => {
                nothing(&of_what, &error.to_string());
                return Ok(());
            }
        };
        let (formula, proof) = (with_ending(base, ".opb"), with_ending(base, ".pbp"));
        output::save(&formula, &logged.formula)?;
        output::save(&proof, &logged.proof)?;
        let constant = match logged.constant {
            0 => String::new(),
            constant => format!(", its objective being less by {constant}"),
        };
        output::remark(&format!(
            "note: `veripb {} {}` checks {what}{constant}, in {} steps",
            formula.display(),
            proof.display(),
            logged.steps,
        ));
        Ok(())
    }
}

fn nothing(of_what: &str, why: &str) {
    output::remark(&format!("note: {of_what} is not written: {why}"));
}

fn with_ending(base: &Path, ending: &str) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
