//! The allocator alone, from 10 to 10,000 sources.
//!
//! Each source has areas of 20 to 60 extents; the requests are those that the real allocator was
//! counted on: RAID6 and stripes over four data legs of 40 extents per source in all, and a linear
//! request of 8 extents per source.

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use extentplan::core::Policy;
use extentplan::greedy::{Call, Offer, Range, Settings, allocate};

/// Sources whose areas are drawn by a fixed rule, so that every run measures the same.
fn offers(sources: usize, areas: u32) -> Vec<Offer> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut drawn = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        20 + u32::try_from(state % 41).expect("at most 40")
    };
    let offer = |source| {
        let mut start = 0;
        let areas = (0..areas).map(|_| {
            let count = drawn();
            start += count + 1;
            Range {
                start: start - count - 1,
                count,
            }
        });
        Offer {
            source,
            areas: areas.collect(),
        }
    };
    (0..sources).map(offer).collect()
}

/// A request for `extents` over `legs` and `parity`, with metadata of one extent in front where there
/// is parity.
fn call(
    offers: Vec<Offer>,
    legs: u32,
    parity: u32,
    extents: u32,
    tags: &[BTreeSet<String>],
) -> Call<'_> {
    let companion = u32::from(parity > 0);
    Call {
        offers,
        tags,
        tag_rule: None,
        legs,
        parity,
        multiple: legs,
        companion,
        metadata: 0,
        logs: 0,
        front: parity > 0,
        own_sources: false,
        existing: 0,
        target: extents + companion * legs,
        policy: Policy::Normal,
        approximate: false,
        previous: None,
        parallel: Vec::new(),
    }
}

fn allocator(criterion: &mut Criterion) {
    for (areas, sizes) in [
        (8, &[10usize, 100, 500, 1_000, 10_000][..]),
        (20, &[10_000][..]),
    ] {
        for &sources in sizes {
            let tags = vec![BTreeSet::new(); sources];
            let per_source = u32::try_from(sources).expect("few") * areas / 8;
            for (name, legs, parity, extents) in [
                ("raid6", 4, 2, 40 * per_source),
                ("striped", 4, 0, 40 * per_source),
                ("linear", 1, 0, 8 * per_source),
            ] {
                let call = call(offers(sources, areas), legs, parity, extents, &tags);
                assert!(allocate(&call, &Settings::default()).is_ok());
                let mut group = criterion.benchmark_group(name);
                group.sample_size(10);
                let id = BenchmarkId::new(format!("{areas} areas"), sources);
                group.bench_function(id, |bencher| {
                    bencher.iter(|| black_box(allocate(black_box(&call), &Settings::default())));
                });
                group.finish();
            }
        }
    }
}

criterion_group!(benches, allocator);
criterion_main!(benches);
