//! `extentplan capacity --survive`: could everything redundant be repaired in place after a failure?

use anyhow::{anyhow, bail};

use crate::capacity::{self, Aftermath, Failure};
use crate::cli::Outcome;
use crate::cli::capacity::{Arguments, CapacityFormat, answer_json, answer_text};
use crate::cli::output;
use crate::cli::pool::Pool;
use crate::cli::redundant;
use crate::core::Problem;
use crate::lvm;

/// What the failure of any one disk, or of all disks of any one tag, would come to.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Pool::Group(group) = arguments.pool.read(&arguments.settings.read()?)? else {
        bail!(
            "{}: --survive needs a volume group, which says what is redundant",
            arguments.pool.name()
        );
    };
    if !arguments.commands.is_empty() || arguments.requests.is_some() {
        bail!("--survive is about the volumes there are; it takes no requests");
    }
    let extent_bytes = Some(group.extent_bytes());
    let purchase = arguments.purchase(extent_bytes)?;
    let strategy = arguments.strategy.strategy();
    let mut sources = lvm::sources(&group);
    for (source, volume) in sources.iter_mut().zip(&group.physical_volumes) {
        if !volume.allocatable || volume.missing {
            source.free = crate::core::Areas::none();
        }
    }
    let problem = Problem::new(sources, Vec::new(), Vec::new())
        .map_err(|defects| anyhow!("{}: {defects:?}", arguments.pool.name()))?;
    let volumes = redundant::redundant(&group);
    let failures = redundant::failures(&group, &arguments.domain);
    let aftermath = arguments.limits.run(|limits| {
        let result = capacity::survive(&problem, &volumes, &failures, &purchase, &strategy, limits);
        Ok(result?)
    })?;
    let pairs: Vec<(&Failure, &Aftermath)> = failures.iter().zip(&aftermath).collect();
    let text = match arguments.format() {
        CapacityFormat::Json => answer_json::survival(&pairs)?,
        CapacityFormat::Text | CapacityFormat::Svg => {
            answer_text::survival(volumes.len(), &pairs, extent_bytes)
        }
    };
    output::print(&text)?;
    let is_no =
        |after: &Aftermath| matches!(after, Aftermath::Lost { .. } | Aftermath::NoRoom { .. });
    Ok(if aftermath.iter().any(is_no) {
        Outcome::No
    } else if aftermath
        .iter()
        .any(|after| matches!(after, Aftermath::Open))
    {
        Outcome::LimitRanOut
    } else {
        Outcome::Yes
    })
}
