//! What a plan takes, as pictures for a terminal.

use crate::ask::pool::mark;
use crate::ask::task::Task;
use crate::core::{Answer, Source};
use crate::show::{self, Holding, MapStyle};

/// Most sources of which a picture shows also those that a plan leaves alone.
const FEW_SOURCES: usize = 24;

/// The sources before and after.
pub(crate) fn pictures(task: &Task, answer: &Answer, style: MapStyle) -> String {
    let (holdings, legend) = taken(task, answer);
    // Of many sources only those that the plan touches.
    let sources = task.problem.sources();
    let mut is_touched = vec![sources.len() <= FEW_SOURCES; sources.len()];
    for holding in &holdings {
        is_touched[holding.source] = true;
    }
    let mut line_of = vec![None; sources.len()];
    let mut touched: Vec<Source> = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        if is_touched[index] {
            line_of[index] = Some(touched.len());
            touched.push(source.clone());
        }
    }
    let lines = holdings.into_iter().filter_map(|holding| {
        let source = line_of[holding.source]?;
        Some(Holding { source, ..holding })
    });
    let shown: Vec<Holding> = lines.collect();
    let words = legend.iter().map(|(mark, name)| format!("{mark} {name}"));
    let words = std::iter::once(style.words()).chain(words);
    format!(
        "\n{}\n{}\nafter\n{}{}",
        task.before_words(),
        show::map(&touched, &[], style),
        show::map(&touched, &shown, style),
        show::wrapped("  ", "  ", words)
    )
}

/// What the plan takes, with a mark for each leg, and what the marks mean.
fn taken(task: &Task, answer: &Answer) -> (Vec<Holding>, Vec<(char, String)>) {
    let mut holdings = Vec::new();
    let mut legend = Vec::new();
    let Some(plan) = answer.plan() else {
        return (holdings, legend);
    };
    let log_words = task.log_words();
    let pairs = task.problem.requests().iter().zip(&plan.allocations);
    for (index, (request, allocation)) in pairs.enumerate() {
        let Some(allocation) = allocation else {
            continue;
        };
        let legs = allocation.legs.iter().enumerate().map(|(leg, segments)| {
            let metadata = allocation.metadata.get(leg);
            let segments: Vec<_> = metadata.into_iter().chain(segments).copied().collect();
            (format!("{} leg {leg}", request.name), segments)
        });
        let logs = allocation.logs.iter().enumerate().map(|(log, &segment)| {
            let word = show::log_name(&log_words, index, (log, allocation.logs.len()));
            (format!("{} {word}", request.name), vec![segment])
        });
        for (name, segments) in legs.chain(logs) {
            let mark = mark(legend.len());
            legend.push((mark, name));
            holdings.extend(segments.into_iter().map(|segment| Holding {
                source: segment.source,
                area: segment.area,
                mark,
            }));
        }
    }
    (holdings, legend)
}
