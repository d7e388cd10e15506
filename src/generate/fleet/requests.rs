//! What is asked of a fleet: classes of volumes, few that are large and many that are small.

use crate::generate::fleet::FleetSettings;
use crate::generate::random::Random;

/// So many volumes of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetRequest {
    /// Its name.
    pub name: String,
    /// An `lvcreate` without a group and a name.
    pub command: Vec<String>,
    /// How many are wanted.
    pub count: u64,
    /// What each is worth.
    pub value: u64,
    /// A tag that its hosts must have.
    pub tag: Option<String>,
    /// So many belong together and lie on different hosts, or under different tags that begin so.
    pub apart: Option<(u64, Option<&'static str>)>,
}

/// `count` volumes in `classes` classes, for a fleet of these settings.
#[must_use]
pub fn fleet_requests(settings: &FleetSettings, count: u64, classes: u64) -> Vec<FleetRequest> {
    const SHAPES: [(&[&str], u64); 7] = [
        (&["--type", "linear"], 100),
        (&["--type", "raid1", "-m", "1"], 200),
        (&["--type", "raid5", "-i", "3"], 133),
        (&["--type", "raid1", "-m", "1"], 200),
        (&["--type", "raid10", "-i", "2", "-m", "1"], 200),
        (&["--type", "raid6", "-i", "3"], 167),
        (&["--type", "striped", "-i", "2"], 100),
    ];
    let mut random = Random::new(settings.seed.wrapping_add(0x5eed));
    let classes = classes.clamp(1, count.max(1));
    // The k-th class has a share of 1/k: the first ones are most of all.
    let share = |class: u64| 1_000_000 / (class + 1);
    let shares: u64 = (0..classes).map(share).sum();
    let mut left = count;
    let made = (0..classes).map(|class| {
        let (shape, gross) = SHAPES[usize::try_from(class % 7).expect("below 7")];
        let rest = classes - class - 1;
        let own = match rest {
            0 => left,
            _ => (count * share(class) / shares).clamp(1, left - rest),
        };
        left -= own;
        // Rare ones are large: up to some TiB.
        let doublings = (class / 3).min(8);
        let gibibytes = random.between(20, 60) << doublings;
        let mut command = vec!["lvcreate".to_string()];
        command.extend(shape.iter().map(|word| (*word).to_string()));
        command.extend(["-L".to_string(), format!("{gibibytes}g")]);
        // About what it takes, and some more or less.
        let value = (gibibytes * gross * random.between(60, 140) / 10_000).max(1);
        let tag = match random.between(0, 4) {
            0 => Some("ssd".to_string()),
            1 => Some("zone-a".to_string()),
            _ => None,
        };
        let apart = match random.between(0, 3) {
            0 if own >= 3 => Some((3, None)),
            1 if own >= 3 => Some((3, Some("rack"))),
            _ => None,
        };
        FleetRequest {
            name: format!("class{:02}", class + 1),
            command,
            count: own,
            value,
            tag,
            apart,
        }
    });
    made.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_wanted_are_asked_for_in_as_many_classes() {
        for (count, classes) in [(2_000, 20), (1, 20), (7, 7), (25, 20)] {
            let requests = fleet_requests(&FleetSettings::new(10, 1), count, classes);
            let sum: u64 = requests.iter().map(|request| request.count).sum();
            assert_eq!(sum, count);
            assert_eq!(requests.len() as u64, classes.min(count));
            assert!(requests.iter().all(|one| one.count > 0 && one.value > 0));
        }
    }
}
