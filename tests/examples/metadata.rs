//! LVM2 metadata to commands: a request that LVM2 itself refuses, and what builds it.

use std::error::Error;
use std::time::Instant;

use extentplan::ask::{InOrder, Parts, Pool, Requests, SettingsQuestion, plan, plan_part};
use extentplan::core::Limits;
use extentplan::solve::Strategy;

fn main() -> Result<(), Box<dyn Error>> {
    let name = "models/lvm2/three-disks.vg";
    let text = std::fs::read_to_string(name)?;
    let (settings, _) = SettingsQuestion::default().settings(&text)?;
    let pool = InOrder::of(Pool::read(&text, name, None)?, None, settings)?;
    let script = "lvcreate -i 2 -l 240 -n data vg0".to_string();
    let (requests, _) = Requests::read(script, "the script", pool.settings())?;
    let parts = Parts::of(name, pool, requests, Vec::new())?;
    let (strategy, started) = (Strategy::default(), Instant::now());
    let mut rest = parts.rest;
    let planned = plan(parts.first, &mut rest, |task, _, _| {
        plan_part(task, &strategy, &Limits::none(), &|| started.elapsed())
    })?;
    print!("{}", planned.verdicts().concat());
    print!("{}", planned.script().ok_or("there is a plan")?);
    Ok(())
}

#[test]
fn runs() {
    main().expect("the example runs");
}
