//! Moves as a report.

use std::collections::{BTreeMap, BTreeSet};

use crate::ask::rearrange::Told;
use crate::ask::rearrange::answer_text::{self, goals, what};
use crate::ask::reports::facts::{Made, facts, one_line};
use crate::core::{Move, Rearrangement};
use crate::rearrange::{self, MoveAnswer};
use crate::show::{Figure, Finding, Held, Holder, Pictures, Report, Section, State, Table, Tone};

impl Told {
    /// The answer as a report.
    #[must_use]
    pub fn report(&self, made: &Made) -> Report {
        let group = &self.subject.group;
        let moves = self.answer.moves().unwrap_or_default();
        let (tone, what) = match &self.answer {
            MoveAnswer::Best { .. } => (Tone::Good, "Moves"),
            MoveAnswer::Found { .. } => (Tone::Open, "Moves"),
            MoveAnswer::Impossible { .. } => (Tone::Bad, "No moves"),
            MoveAnswer::Unknown { .. } => (Tone::Open, "No answer yet about moves"),
        };
        let mut reasons: Vec<String> = goals(self).lines().map(str::to_string).collect();
        reasons.extend(
            answer_text::torn(self)
                .into_iter()
                .map(|line| format!("note: {line}")),
        );
        let commands = match &self.commands {
            Some(Ok(commands)) => commands.lines(),
            Some(Err(error)) => {
                reasons.push(format!("no commands: {error}"));
                Vec::new()
            }
            None => Vec::new(),
        };
        let extent_bytes = Some(group.extent_bytes());
        let heading = if moves.is_empty() {
            "What there is"
        } else {
            "Before and after"
        };
        Report {
            title: format!("{what} in volume group {}", group.name),
            facts: facts(Some(group), extent_bytes, made),
            findings: vec![Finding {
                tone,
                words: one_line(&self.verdict()),
                reasons,
            }],
            sections: vec![Section {
                heading: heading.to_string(),
                words: Vec::new(),
                figure: Some(Figure::Pictures(pictures(
                    &self.subject.moves.state,
                    moves,
                    extent_bytes,
                ))),
                tables: (!moves.is_empty())
                    .then(|| table(self, moves))
                    .into_iter()
                    .collect(),
            }],
            commands,
            text: self.text(),
        }
    }
}

fn pictures(state: &Rearrangement, moves: &[Move], extent_bytes: Option<u64>) -> Pictures {
    let legs: BTreeSet<(usize, usize)> = moves.iter().map(|step| (step.volume, step.leg)).collect();
    let names = legs
        .iter()
        .map(|&(volume, leg)| state.volumes[volume].legs[leg].name.as_str());
    let names: BTreeSet<&str> = names.collect();
    let numbers: BTreeMap<&str, usize> = names
        .iter()
        .enumerate()
        .map(|(at, name)| (*name, at))
        .collect();
    let drawn = |heading: &str, state: &Rearrangement| {
        let legs = state.volumes.iter().flat_map(|volume| &volume.legs);
        let held = legs.flat_map(|leg| {
            let holder = numbers.get(leg.name.as_str()).copied();
            leg.pieces.iter().map(move |piece| Held {
                source: piece.place.source,
                area: piece.place.area,
                holder,
                leg: 0,
                is_companion: false,
                name: leg.name.clone(),
            })
        });
        State {
            heading: heading.to_string(),
            sources: state.sources.clone(),
            held: held.collect(),
        }
    };
    let mut states = vec![drawn("before", state)];
    if !moves.is_empty() {
        states.push(drawn("after", &rearrange::moved(state, moves)));
    }
    let holders = names.iter().map(|name| Holder {
        name: (*name).to_string(),
    });
    let ends = moves
        .iter()
        .flat_map(|step| [step.from.source, step.to.source]);
    Pictures {
        holders: holders.collect(),
        states,
        touched: ends.collect(),
        extent_bytes,
    }
}

fn table(told: &Told, moves: &[Move]) -> Table {
    let state = &told.subject.moves.state;
    let place = |segment: crate::core::Segment| {
        format!("{}:{}", state.sources[segment.source].name, segment.area)
    };
    let row = |(at, step): (usize, &Move)| {
        vec![
            (at + 1).to_string(),
            what(told, step),
            place(step.from),
            place(step.to),
            crate::show::extents(
                step.from.area.count(),
                Some(told.subject.group.extent_bytes()),
            ),
        ]
    };
    Table {
        caption: "The moves, in their order".to_string(),
        header: ["", "What", "From", "To", "Size"]
            .map(str::to_string)
            .to_vec(),
        rows: moves.iter().enumerate().map(row).collect(),
        is_behind: false,
    }
}
