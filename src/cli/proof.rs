//! `plan --proof BASE`: the answer as proofs that a program which is not ours checks.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};

use crate::cli::{input, output};
use crate::core::{Answer, Bound, Certificate, Limits, Measure, Plan, Problem, counted};
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

/// What the files end with, and what is in them begins with.
const STARTS: [(&str, &str); 2] = [
    (".opb", "* #variable="),
    (".pbp", "pseudo-Boolean proof version"),
];

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
            let what = format!("{among} {measure} below {value}");
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
                let why = match self.limits.is_over() {
                    true => format!("{} before there was one", self.limits.ran_out().as_end()),
                    false => {
                        "the relaxation of the integer program does not say enough".to_string()
                    }
                };
                nothing(&of_what, &why);
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
        let constant = match (claim, logged.constant) {
            (Claim::Impossible { .. }, _) | (_, 0) => String::new(),
            (_, constant) => format!(", its objective being less by {constant}"),
        };
        output::note(&format!(
            "`veripb {} {}` checks {what}{one_has}{constant}, in {}; {} and {} bytes",
            word(&formula),
            word(&proof),
            counted(logged.steps as u64, "step"),
            logged.formula.len(),
            logged.proof.len(),
        ));
        Ok(())
    }
}

/// Removes what an answer before has left there, which would be taken for proofs of this one.
///
/// # Errors
/// If one is a file that was read or that no proof is in, if there is no folder for them, or if it is where `problem` is to
/// be written; the error names it. Nothing is removed then.
pub(crate) fn clear(base: &Path, problem: Option<&Path>) -> anyhow::Result<()> {
    if base.as_os_str().as_encoded_bytes().ends_with(b"/") || base.file_name().is_none() {
        bail!(
            "--proof {}: found a folder; expected what the names of the files begin with",
            base.display()
        );
    }
    let measures = Measure::ALL.iter().map(|measure| format!(".{measure}"));
    let mut left = Vec::new();
    for of in std::iter::once(String::new()).chain(measures) {
        for (ending, starts) in STARTS {
            let path = with_ending(base, &format!("{of}{ending}"));
            output::may_save(&path)?;
            if problem.is_some_and(|problem| place(problem) == place(&path)) {
                bail!(
                    "--problem-out and --proof both write {}; expected different names",
                    path.display()
                );
            }
            // Something that is no file, such as a pipe, is written to.
            if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
                continue;
            }
            if !input::read_start(&path, starts.len() as u64)?.starts_with(starts.as_bytes()) {
                bail!(
                    "{} is there, and does not begin with `{}` as a proof of this program does: it is not written over; \
                     expected another name",
                    path.display(),
                    starts
                );
            }
            left.push(path);
        }
    }
    for path in left {
        let failed = || format!("cannot write {}", path.display());
        fs::remove_file(&path).with_context(failed)?;
    }
    Ok(())
}

/// Where a file is, whichever way it is named.
fn place(path: &Path) -> (Option<PathBuf>, Option<&OsStr>) {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    (folder.canonicalize().ok(), path.file_name())
}

/// A file as a word of a command line.
fn word(path: &Path) -> String {
    let path = path.display().to_string();
    match path.starts_with('-') {
        true => shell_quoted(&format!("./{path}")),
        false => shell_quoted(&path),
    }
}

/// Who asks for proofs hears of those that are not there, however quiet the rest is to be.
fn nothing(of_what: &str, why: &str) {
    output::remark(&format!("note: {of_what} is not written: {why}"));
}

fn with_ending(base: &Path, ending: &str) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
