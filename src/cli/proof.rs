//! `plan --proof BASE`: the answer as a proof that a program which is not ours checks.

use std::path::{Path, PathBuf};

use crate::cli::output;
use crate::core::{Answer, Limits, Problem};
use crate::ip::{self, Backend, Formulation};

/// Writes `BASE.opb` and `BASE.pbp`, and says what is proven by them, or why nothing is written.
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
    let plan = match answer {
        Answer::Best { plan, .. } => Some(plan),
        Answer::Impossible { .. } => None,
        Answer::Found { .. } | Answer::Unknown { .. } => {
            nothing("the answer itself is not proven");
            return Ok(());
        }
    };
    let formulation = Formulation::of(problem);
    let logged = match ip::prove(problem, plan, formulation, backend, limits) {
        Ok(Some(logged)) => logged,
        Ok(None) => {
            nothing(
                "a limit ran out, or the relaxation of the integer program does not say enough",
            );
            return Ok(());
        }
        Err(error) => {
            nothing(&error.to_string());
            return Ok(());
        }
    };
    let (formula, proof) = (with_ending(base, ".opb"), with_ending(base, ".pbp"));
    output::save(&formula, &logged.formula)?;
    output::save(&proof, &logged.proof)?;
    let proven = match answer {
        Answer::Best { cost, .. } => {
            let measure = problem
                .objective()
                .first()
                .map_or("", |measure| measure.name());
            let value = cost.0.first().copied().unwrap_or(0);
            let objective = i128::from(value) - logged.constant;
            format!(
                "that no plan has fewer {measure} than {value}, as an objective of at least {objective}"
            )
        }
        Answer::Found { .. } | Answer::Impossible { .. } | Answer::Unknown { .. } => {
            "that there is no plan".to_string()
        }
    };
    output::remark(&format!(
        "note: `veripb {} {}` checks {proven}, in {} steps",
        formula.display(),
        proof.display(),
        logged.steps,
    ));
    Ok(())
}

fn nothing(why: &str) {
    output::remark(&format!("note: no proof is written: {why}"));
}

fn with_ending(base: &Path, ending: &str) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
