//! Recorded runs of the real LVM2, which simulation has to repeat to the last extent.

#[allow(dead_code, unreachable_pub, reason = "shared by several test files")]
mod recordings;

use extentplan::lvm::replay::{Tally, replay};

/// Replays a recording that a version of LVM2 made: every step comes out the same, refusals to the word.
#[track_caller]
fn assert_same(name: &str, version: &str) {
    let version = version.parse().expect("a version");
    let report = replay(recordings::open(name), version).expect("a recording");
    let total = report.total;
    assert!(
        total.refused > 0 && total.steps > total.refused,
        "{total:?}"
    );
    assert!(
        report.is_clean(),
        "{total:?}\n{:#?}\n{:#?}",
        report.differences,
        report.unsupported
    );
    assert_eq!(total.same_text, total.refused, "{:#?}", report.texts);
}

#[test]
fn hand_made_scenarios_come_out_as_2_03_16_did_them() {
    assert_same("recorded.jsonl.gz", "2.03.16");
}

#[test]
fn hand_made_scenarios_come_out_as_2_03_40_did_them() {
    assert_same("recorded-lvm2-2.03.40.jsonl.gz", "2.03.40");
}

#[test]
fn random_scenarios_come_out_as_2_03_16_did_them() {
    assert_same("random-2000.jsonl.gz", "2.03.16");
}

#[test]
fn random_scenarios_come_out_as_2_03_40_did_them() {
    assert_same("random-2000-lvm2-2.03.40.jsonl.gz", "2.03.40");
}

#[test]
fn pools_with_hardly_room_grow_as_they_did() {
    assert_same("pools-300.jsonl.gz", "2.03.16");
}

#[test]
fn volumes_of_all_types_get_smaller_as_they_did() {
    assert_same("reductions-300.jsonl.gz", "2.03.16");
}

#[test]
fn a_refusal_leaves_the_changes_behind_that_it_left() {
    assert_same("refusals.jsonl.gz", "2.03.16");
}

#[test]
fn shares_of_an_origin_are_of_its_snapshot_alone() {
    assert_same("origin-shares.jsonl.gz", "2.03.16");
}

#[test]
fn a_volume_is_converted_as_its_first_segment_is() {
    assert_same("first-segments.jsonl.gz", "2.03.16");
}

#[test]
fn pools_that_are_made_on_the_way_are_looked_at_less() {
    assert_same("pools-on-the-way.jsonl.gz", "2.03.16");
}

#[test]
fn what_lies_below_a_cache_is_converted_and_resized_by_its_own_name_and_by_that_of_the_cached_volume()
 {
    let version = "2.03.16".parse().expect("a version");
    let report = replay(recordings::open("below-caches.jsonl.gz"), version).expect("a recording");
    assert!(report.differences.is_empty(), "{:#?}", report.differences);
    assert!(report.texts.is_empty(), "{:#?}", report.texts);
}

#[test]
fn what_people_type_of_pools_numbers_and_checksums_comes_out_as_it_did() {
    assert_same("typed.jsonl.gz", "2.03.16");
}

#[test]
fn changes_caches_and_images_that_people_ask_for_come_out_as_they_did() {
    assert_same("changes.jsonl.gz", "2.03.16");
}

#[test]
fn images_with_checksums_grow_as_they_did() {
    assert_same("checksums-150.jsonl.gz", "2.03.16");
}

#[test]
fn settings_of_types_chunks_and_metadata_decide_what_is_made() {
    assert_same("settings.jsonl.gz", "2.03.16");
}

#[test]
fn reshapes_are_refused_where_extents_are_no_power_of_two() {
    assert_same("extents.jsonl.gz", "2.03.16");
}

#[test]
fn counts_that_a_type_does_not_have_are_refused_as_they_were() {
    assert_same("counts.jsonl.gz", "2.03.16");
}

#[test]
fn stripes_and_shares_that_a_volume_grows_by_come_to_what_they_came_to() {
    assert_same("stripes-and-shares.jsonl.gz", "2.03.16");
}

/// Volumes that are made for it are not all simulated; each `pvmove` goes on from what LVM2 had.
#[test]
fn a_piece_that_is_moved_to_a_place_lands_there_or_is_refused_as_it_was() {
    let version = "2.03.16".parse().expect("a version");
    let recording = recordings::open("moves-260.jsonl.gz");
    let report = replay(recording, version).expect("a recording");
    let moves = report.rows["pvmove"].values();
    let sum = |count: fn(&Tally) -> usize| moves.clone().map(count).sum::<usize>();
    let steps = sum(|tally| tally.steps);
    assert_eq!(
        (steps, sum(|tally| tally.agree)),
        (453, 453),
        "{:#?}",
        report.differences
    );
    assert_eq!(
        sum(|tally| tally.refused),
        sum(|tally| tally.same_text),
        "{:#?}",
        report.texts
    );
}

/// Little is left that is not simulated: what moves data within images, what other programs do.
#[test]
fn what_people_type_comes_out_as_it_did() {
    let version = "2.03.16".parse().expect("a version");
    let recording = recordings::open("everything-270.jsonl.gz");
    let report = replay(recording, version).expect("a recording");
    let total = report.total;
    assert_eq!(total.differ, 0, "{:#?}", report.differences);
    assert!(total.steps > 1000 && total.refused > 300, "{total:?}");
    assert!(
        total.unsupported * 100 <= total.steps,
        "{:#?}",
        report.unsupported
    );
    assert!(total.refused - total.same_text <= 3, "{:#?}", report.texts);
}

/// What moves data elsewhere at once is all that is left.
#[test]
fn reshapes_and_what_follows_come_out_as_they_did() {
    let version = "2.03.16".parse().expect("a version");
    let recording = recordings::open("reshapes-160.jsonl.gz");
    let report = replay(recording, version).expect("a recording");
    let total = report.total;
    assert_eq!(total.differ, 0, "{:#?}", report.differences);
    assert_eq!(total.refused, total.same_text, "{:#?}", report.texts);
    assert!(
        total.unsupported * 200 <= total.steps,
        "{:#?}",
        report.unsupported
    );
}

/// Every form that the manual has of the commands about logical volumes. What other programs do is not simulated.
#[test]
fn forms_of_the_manual_come_out_as_they_did() {
    let version = "2.03.16".parse().expect("a version");
    let report = replay(recordings::open("manual-320.jsonl.gz"), version).expect("a recording");
    let total = report.total;
    assert_eq!(total.differ, 0, "{:#?}", report.differences);
    assert!(total.steps > 1000 && total.refused > 200, "{total:?}");
    assert!(
        total.unsupported * 200 <= total.steps,
        "{:#?}",
        report.unsupported
    );
    assert!(total.refused - total.same_text <= 2, "{:#?}", report.texts);
}

/// Types, stripes, mirrors and shares of the group that are given with another size, of every type.
#[test]
fn other_sizes_come_out_as_they_did() {
    let version = "2.03.16".parse().expect("a version");
    let report = replay(recordings::open("sizes.jsonl.gz"), version).expect("a recording");
    let total = report.total;
    assert_eq!(total.differ, 0, "{:#?}", report.differences);
    assert!(total.steps > 1500 && total.refused > 600, "{total:?}");
    assert!(total.unsupported <= 1, "{:#?}", report.unsupported);
    assert!(
        (total.refused - total.same_text) * 20 <= total.refused,
        "{:#?}",
        report.texts
    );
}

#[test]
fn scripts_of_all_verbs_come_out_as_they_did() {
    assert_same("verbs-150.jsonl.gz", "2.03.16");
}

/// Every type with the options of growth and of conversions that fit it, and with those that do not.
#[test]
fn options_that_fit_and_that_do_not_come_out_as_they_did() {
    let version = "2.03.16".parse().expect("a version");
    let report = replay(recordings::open("fits.jsonl.gz"), version).expect("a recording");
    let total = report.total;
    assert!(
        report.is_clean(),
        "{total:?}\n{:#?}\n{:#?}",
        report.differences,
        report.unsupported
    );
    assert!(total.steps > 1000 && total.refused > 300, "{total:?}");
    assert!(total.refused - total.same_text <= 12, "{:#?}", report.texts);
}
