//! `plan --proof BASE`: the answer as proofs that a program which is not ours checks.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;

use crate::cli::output;
use crate::core::{Answer, Bound, Certificate, Limits, Measure, Plan, Problem};
use crate::ip::{self, Backend, Claim, Formulation};
use crate::lvm::shell_quoted;

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
            let claim = Claim::Impossible { why };
            writer.write(base, claim, "that there is no plan", false)
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
            let what = format!("{among} fewer {measure} than {value}");
            // What one measure cannot be proven in is not all that the others have.
            let claims = u32::try_from(bound.len() - position).unwrap_or(u32::MAX);
            let started = Instant::now();
            let share = (self.limits.remaining)().map(|left| left / claims);
            let remaining = || {
                let own = share.map(|share| share.saturating_sub(started.elapsed()));
                own.into_iter().chain((self.limits.remaining)()).min()
            };
            let limits = Limits {
                remaining: &remaining,
                ..*self.limits
            };
            let shared = Writer {
                limits: &limits,
                ..*self
            };
            shared.write(&base, claim, &what, cost[position] > *value)?;
        }
        Ok(())
    }

    /// `is_above` where the plan has more than is proven.
    fn write(
        &self,
        base: &Path,
        claim: Claim<'_>,
        what: &str,
        is_above: bool,
    ) -> anyhow::Result<()> {
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
        if let Err(error) = output::save(&proof, &logged.proof) {
            // One without the other helps nobody.
            let _ = fs::remove_file(&formula);
            return Err(error);
        }
        let one_has = logged.shown.filter(|_| is_above);
        let one_has = one_has.map_or(String::new(), |value| format!(", and one has {value}"));
        let constant = match logged.constant {
            0 => String::new(),
            constant => format!(", its objective being less by {constant}"),
        };
        output::note(&format!(
            "`veripb {} {}` checks {what}{one_has}{constant}, in {} steps; {} and {} bytes",
            word(&formula),
            word(&proof),
            logged.steps,
            logged.formula.len(),
            logged.proof.len(),
        ));
        Ok(())
    }
}

/// Removes what an answer before has left there, which would be taken for proofs of this one.
///
/// # Errors
/// If one is a file that was read, or there is no folder for them; the error names it.
pub(crate) fn clear(base: &Path) -> anyhow::Result<()> {
    let measures = Measure::ALL.iter().map(|measure| format!(".{measure}"));
    for of in std::iter::once(String::new()).chain(measures) {
        for ending in [".opb", ".pbp"] {
            let path = with_ending(base, &format!("{of}{ending}"));
            output::may_save(&path)?;
            // Something that is no file, such as a pipe, is written to.
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
                let failed = || format!("cannot write {}", path.display());
                fs::remove_file(&path).with_context(failed)?;
            }
        }
    }
    Ok(())
}

/// A file as a word of a command line.
fn word(path: &Path) -> String {
    let path = path.display().to_string();
    match path.starts_with('-') {
        true => shell_quoted(&format!("./{path}")),
        false => shell_quoted(&path),
    }
}

fn nothing(of_what: &str, why: &str) {
    output::note(&format!("{of_what} is not written: {why}"));
}

fn with_ending(base: &Path, ending: &str) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
