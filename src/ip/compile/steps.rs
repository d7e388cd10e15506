//! The steps of a request: how long each is, which are open, and where a cut is counted once for all legs.

use crate::core::{Request, Size};
use crate::ip::IpError;
use crate::ip::compile::columns::RequestColumns;
use crate::ip::compile::draft::Draft;
use crate::ip::compile::numbers::{bound, whole};
use crate::ip::compile::outline::Outline;
use crate::ip::program::{Kind, Sense, Sum};

/// What holds for all legs in one step.
pub(crate) struct Step {
    /// Extents of the step.
    pub(crate) length: Sum,
    /// 1 if the legs are somewhere in this step.
    pub(crate) open: Sum,
    /// Most extents of the step.
    pub(crate) most: u64,
    /// Index of the phase.
    pub(crate) phase: usize,
}

/// Lengths of phases and steps, and where cuts are counted once, whether a step is an interval.
pub(crate) fn steps(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    outline: &Outline,
    columns: &mut RequestColumns,
) -> Result<(Vec<Step>, Vec<usize>), IpError> {
    let mut steps = Vec::new();
    let mut cuts = Vec::new();
    let mut before: Option<(Sum, i64)> = None;
    for (number, phase) in outline.phases.iter().enumerate() {
        let most = phase.offsets.count();
        let (limit, upper) = (
            whole("extents of a leg", most)?,
            bound("extents of a leg", most)?,
        );
        let (length, open) = match request.size {
            Size::Exactly(_) => (columns.presence.scaled(limit), columns.presence.clone()),
            Size::AtMost(_) => {
                let name = format!("extents_r{index}_f{number}");
                let length = Sum::of(draft.program.column(name, 0, upper, Kind::Integer));
                let open = match before {
                    None => columns.presence.clone(),
                    Some((last, full)) => {
                        // A phase opens when the one before it is full.
                        let open =
                            Sum::of(draft.program.choice(format!("open_r{index}_f{number}")));
                        let name = format!("phase_r{index}_f{number}");
                        draft
                            .program
                            .row(name, open.scaled(full), Sense::AtMost, last);
                        open
                    }
                };
                let most = open.scaled(limit);
                let name = format!("open_r{index}_f{number}");
                draft.program.row(name, length.clone(), Sense::AtMost, most);
                (length, open)
            }
        };
        if number == 0 {
            let name = format!("some_r{index}");
            let presence = columns.presence.clone();
            draft
                .program
                .row(name, length.clone(), Sense::AtLeast, presence);
        }
        columns.leg_extents.add_sum(&length, 1);
        let mut sum = Sum::default();
        for step in 0..phase.steps {
            let position = steps.len();
            let own = if phase.steps == 1 {
                length.clone()
            } else {
                let name = format!("extents_r{index}_k{position}");
                let least = i32::from(step == 0 && number == 0 && columns.left_out.is_none());
                Sum::of(draft.program.column(name, least, upper, Kind::Integer))
            };
            sum.add_sum(&own, 1);
            if step == 0 && number == 0 && columns.left_out.is_some() {
                let name = format!("some_r{index}_k0");
                let presence = columns.presence.clone();
                draft
                    .program
                    .row(name, own.clone(), Sense::AtLeast, presence);
            }
            let mut open = open.clone();
            if outline.together && position > 0 {
                let cut = draft
                    .program
                    .choice(format!("interval_r{index}_k{position}"));
                cuts.push(cut);
                if outline.phases.len() == 1 {
                    let name = format!("interval_r{index}_k{position}");
                    let most = Sum::times(cut, limit);
                    draft.program.row(name, own.clone(), Sense::AtMost, most);
                    let earlier = match cuts.as_slice() {
                        [.., earlier, _] => Sum::of(*earlier),
                        [_] | [] => columns.presence.clone(),
                    };
                    let name = format!("order_r{index}_k{position}");
                    draft
                        .program
                        .row(name, Sum::of(cut), Sense::AtMost, earlier);
                    open = Sum::of(cut);
                }
            }
            let most = phase.offsets.count();
            let phase = number;
            steps.push(Step {
                length: own,
                open,
                most,
                phase,
            });
        }
        if phase.steps > 1 {
            let name = format!("phase_length_r{index}_f{number}");
            draft.program.row(name, sum, Sense::Equal, length.clone());
        }
        before = Some((length, limit));
    }
    Ok((steps, cuts))
}
