//! Capacity: how large a volume can be at most, and why not larger.

use std::error::Error;

use extentplan::ask::{Capacity, CapacityQuestion, Pool, SettingsQuestion, Settled};
use extentplan::core::Limits;
use extentplan::solve::Strategy;

fn main() -> Result<(), Box<dyn Error>> {
    let name = "models/lvm2/three-disks.vg";
    let text = std::fs::read_to_string(name)?;
    let (settings, _) = SettingsQuestion::default().settings(&text)?;
    let pool = Pool::read(&text, name, None)?;
    let words = ["lvcreate", "--type", "raid1", "-m", "1", "-n", "mirrored"];
    let question = CapacityQuestion {
        commands: vec![words.map(str::to_string).to_vec()],
        ..CapacityQuestion::default()
    };
    let asked = Settled {
        pool,
        name,
        settings,
    };
    let answer = Capacity::new(question, asked)?.answer(&Strategy::default(), &Limits::none())?;
    print!("{}", answer.text());
    Ok(())
}

#[test]
fn runs() {
    main().expect("the example runs");
}
