//! `extentplan show`: the sources, their free areas, who holds what.

use anyhow::{anyhow, bail};
use clap::Args;

use crate::ask::{Outcome, Pool, pool_report, volume_tree, volumes_json};
use crate::cli::made::made;
use crate::cli::output;
use crate::cli::pool::PoolArguments;
use crate::cli::sizes::parse_rate;
use crate::cli::terminal;
use crate::core::{Area, Problem, Source};
use crate::json;
use crate::lvm;
use crate::show::{self, MapStyle};

/// Shows the sources of a pool, their free areas and who holds what
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pool: PoolArguments,
    /// How to print it: text, the pool as a problem without requests, its volumes, a drawing, or a page
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ShowFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// How much changes in a second, such as `1M`: says how long each snapshot lasts
    #[arg(long, value_name = "SIZE", value_parser = parse_rate)]
    rate: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ShowFormat {
    /// For people.
    Text,
    /// The pool as a problem without requests.
    Json,
    /// The logical volumes of the group, as JSON.
    Volumes,
    /// A drawing.
    Svg,
    /// A page with the drawing and the text.
    Html,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let pool = arguments.pool.read(&lvm::Settings::default())?.printable();
    let sources = pool.sources();
    let format = if arguments.json {
        ShowFormat::Json
    } else {
        arguments.format
    };
    let text = match format {
        ShowFormat::Json => {
            let problem = Problem::new(sources, Vec::new(), Vec::new());
            let problem = problem.map_err(|defects| anyhow!("{}", defects[0]))?;
            json::write_problem(&problem, pool.extent_bytes())
        }
        ShowFormat::Text => text(&pool, &sources, arguments.rate, terminal::style()),
        ShowFormat::Volumes => {
            let Pool::Group(group) = &pool else {
                bail!("--format volumes is about a volume group; found a problem of our own");
            };
            volumes_json(group, arguments.rate)?
        }
        ShowFormat::Svg => show::drawing(&pool_report(&pool, String::new(), &made())),
        ShowFormat::Html => {
            let text = text(&pool, &sources, arguments.rate, MapStyle::plain());
            show::page(&pool_report(&pool, text, &made()))
        }
    };
    output::print(&text)?;
    Ok(Outcome::Yes)
}

fn text(pool: &Pool, sources: &[Source], rate: Option<u64>, style: MapStyle) -> String {
    let mut text = String::new();
    let extent_bytes = pool.extent_bytes();
    if let Pool::Group(group) = pool {
        text.push_str(&headline(group));
    }
    let total: u64 = sources.iter().map(|source| source.extents).sum();
    let free: u64 = sources.iter().map(|source| source.free.total()).sum();
    let noun = if sources.len() == 1 {
        "source"
    } else {
        "sources"
    };
    let all = format!(
        "{} {noun}, {};",
        sources.len(),
        show::extents(total, extent_bytes)
    );
    let free = format!("free: {}", show::extents(free, extent_bytes));
    text.push_str(&show::wrapped("", " ", [all, free].into_iter()));
    text.push('\n');
    let (holdings, legend) = pool.holdings();
    text.push_str(&show::map(sources, &holdings, style));
    if !legend.is_empty() {
        text.push('\n');
        let words = legend.iter().map(|(mark, name)| format!("{mark} {name}"));
        text.push_str(&show::wrapped("  ", "  ", words));
    }
    text.push_str("\nfree areas\n");
    for (index, source) in sources.iter().enumerate() {
        text.push_str(&free_areas(pool, index, source));
    }
    if let Pool::Group(group) = pool {
        text.push_str(&volume_tree(group, rate));
    }
    text
}

fn headline(group: &lvm::VolumeGroup) -> String {
    let mut words = vec![match group.unsaid.contains(&lvm::Unsaid::Policy) {
        true => "policy not said".to_string(),
        false => format!("policy {}", group.policy.name()),
    }];
    // Not every report says it; metadata counts from 1.
    words.extend((group.seqno > 0).then(|| format!("seqno {}", group.seqno)));
    words.push(format!(
        "extents of {}",
        show::bytes(1, group.extent_bytes())
    ));
    if group.status.contains("EXPORTED") {
        words.push("exported".to_string());
    }
    if !group.tags.is_empty() {
        words.push(tags(&group.tags));
    }
    let head = format!("volume group {}: ", group.name);
    show::wrapped(&head, ", ", words.into_iter())
}

fn tags<'a>(tags: impl IntoIterator<Item = &'a String>) -> String {
    let words: Vec<String> = tags.into_iter().map(|tag| format!("@{tag}")).collect();
    words.join(" ")
}

fn free_areas(pool: &Pool, index: usize, source: &Source) -> String {
    let free_area = |area: Area| {
        let own = tags(source.own_tags_of(area));
        match own.is_empty() {
            true => area.to_string(),
            false => format!("{area} [{own}]"),
        }
    };
    let mut words: Vec<String> = source.free.iter().map(free_area).collect();
    if words.is_empty() {
        words.push("none".to_string());
    }
    if !source.tags.is_empty() {
        words.push(tags(&source.tags));
    }
    if let Pool::Group(group) = pool {
        let volume = &group.physical_volumes[index];
        if !volume.allocatable {
            words.push("(not allocatable)".to_string());
        }
        if volume.missing {
            words.push("(missing)".to_string());
        }
    }
    show::wrapped(&format!("  {}  ", source.name), " ", words.into_iter())
}
