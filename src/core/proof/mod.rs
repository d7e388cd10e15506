//! Whether no plan can be below a bound: what a certificate says, added up once more.
//!
//! Like [`crate::core::check`] this shares no code with whoever found the bound. Rules of a problem may be
//! left out of the sum, which only makes it smaller; nothing may be counted that a plan could do without.

mod cheapest;
mod counting;
mod degrees;
mod leftover;
mod prices;
mod question;
mod request;
mod sets;
mod tariff;

use crate::core::{Bound, Certificate, Prices, Problem, Refuted};
use degrees::Degrees;
use question::Question;
use tariff::Tariff;

/// Whether entry `position` of a bound holds: of every plan that has, in all measures before, no more
/// than the bound says.
///
/// Of [`Certificate::Branches`] it is not known here: the room that compiles the integer program adds up its rows.
///
/// # Errors
/// [`Refuted`] with what the certificate comes to, if that is less than the bound says.
pub fn verify_bound(
    problem: &Problem,
    bound: &Bound,
    position: usize,
    certificate: &Certificate,
) -> Result<(), Refuted> {
    let refuted = |reason: String| Err(Refuted { reason });
    let objective = problem.objective();
    let (Some(&measure), Some(&claimed)) = (objective.get(position), bound.0.get(position)) else {
        return refuted(format!("there is no bound number {position}"));
    };
    if claimed == 0 {
        return Ok(());
    }
    let question = Question::new(problem, &bound.0[..position], measure);
    let counted = match certificate {
        Certificate::Counting { worth } => counting::least(&question, *worth, claimed),
        Certificate::Prices(prices) => prices::least(&question, prices)?,
        Certificate::Degrees {
            removed,
            piece,
            own,
            parts,
        } => {
            let degrees = Degrees {
                removed: *removed,
                piece: *piece,
                own: *own,
                parts: *parts,
            };
            degrees::least(&question, &degrees)?
        }
        Certificate::Branches(_) => {
            let reason = "its rows are those of the integer program, which is not at hand";
            return refuted(reason.to_string());
        }
    };
    if counted < claimed {
        return refuted(format!(
            "it states {claimed} for {measure}, counted {counted} by {}",
            certificate.name()
        ));
    }
    Ok(())
}

/// What each request adds to the weighted measures at the least and pays for, as if it were alone, of plans that have no
/// more of the measures before than `pinned` says; the last of the weights is for the measure behind those.
///
/// # Errors
/// [`Refuted`] if the prices are not those of the problem.
pub fn least_of_requests(
    problem: &Problem,
    pinned: &[u64],
    prices: &Prices,
) -> Result<Vec<i128>, Refuted> {
    let Some(&measure) = problem.objective().get(pinned.len()) else {
        let reason = format!("there is no measure number {}", pinned.len());
        return Err(Refuted { reason });
    };
    let question = Question::new(problem, pinned, measure);
    let tariff = Tariff::of(&question, prices)?;
    Ok(prices::of_requests(&question, &tariff))
}
