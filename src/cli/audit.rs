//! `extentplan audit`: what is unsafe or poor in what exists.

use anyhow::bail;
use clap::Args;

use crate::ask::{self, Outcome, Pool};
use crate::cli::made::made;
use crate::cli::output;
use crate::cli::pool::PoolArguments;
use crate::lvm;
use crate::show;

/// Says what is unsafe or poor in a volume group as it is
///
/// Exit code 1 when something is unsafe: when the failure of one disk, or of the disks that share a tag,
/// costs more than it should.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pool: PoolArguments,
    /// A tag of physical volumes that fail together, such as those of one rack; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// List everything that was found, and what stands behind volumes that cannot grow in place
    #[arg(long)]
    details: bool,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: AuditFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum AuditFormat {
    /// For people.
    Text,
    /// For programs: one JSON object.
    Json,
    /// A drawing.
    Svg,
    /// A page with the drawing and the text.
    Html,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Pool::Group(group) = arguments.pool.read(&lvm::Settings::default())? else {
        bail!(
            "{} is a problem; expected an LVM2 volume group, which has volumes to look at",
            arguments.pool.name()
        );
    };
    if group.unsaid.contains(&lvm::Unsaid::CacheModes) {
        output::note(&format!(
            "of `{}` the report does not say {}: each cache is taken to hold what nothing else does",
            group.name,
            lvm::Unsaid::CacheModes
        ));
    }
    let format = if arguments.json {
        AuditFormat::Json
    } else {
        arguments.format
    };
    // JSON has escapes of its own; people see every name on one line.
    let group = match format {
        AuditFormat::Json => group,
        AuditFormat::Text | AuditFormat::Svg | AuditFormat::Html => group.printable(),
    };
    let audit = ask::audit(&group, &arguments.tags)?;
    let text = |details| ask::audit_text(&group, &audit, details);
    output::print(&match format {
        AuditFormat::Json => ask::audit_json(&audit)?,
        AuditFormat::Text => text(arguments.details),
        AuditFormat::Svg => {
            show::drawing(&ask::audit_report(&group, &audit, String::new(), &made()))
        }
        AuditFormat::Html => show::page(&ask::audit_report(
            &group,
            &audit,
            text(arguments.details),
            &made(),
        )),
    })?;
    Ok(ask::audit_outcome(&arguments.pool.name(), &audit)?)
}
