//! Reading a manifest of one pod.

mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use podclock::{Profile, manifest};
use std::hint::black_box;

fn parse(criterion: &mut Criterion) {
    let profile = Profile::default();
    let mut group = criterion.benchmark_group("manifest");
    group.throughput(Throughput::Bytes(support::MANIFEST.len() as u64));
    group.bench_function("a pod of three containers", |bencher| {
        bencher.iter(|| manifest::parse(black_box(support::MANIFEST), &profile));
    });
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
