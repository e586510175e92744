//! A day of a pod with three containers and a probe of each every 10 s.

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use podclock::runtime::Nominal;
use podclock::timeline::Timeline;
use std::time::Duration;

fn simulate(criterion: &mut Criterion) {
    let model = support::model();
    let day = Duration::from_secs(24 * 60 * 60);
    let mut group = criterion.benchmark_group("a day");
    group.sample_size(20);
    group.bench_function("log discarded", |bencher| {
        bencher.iter(|| model.run_into(&mut Nominal, day, Timeline::discard()));
    });
    group.bench_function("log kept", |bencher| {
        bencher.iter(|| model.run(&mut Nominal, day));
    });
    group.finish();
}

criterion_group!(benches, simulate);
criterion_main!(benches);
