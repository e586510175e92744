//! Two threads beside one: the same search, in turn on one thread and on two, with how long a word takes
//! from one core to the other and back at that time. What a second thread is worth depends on that, and a
//! machine that is shared moves its cores about. Prints a line for each pair.

#![expect(clippy::print_stdout, reason = "a bench tells what it has measured")]

use podclock::explore::{Blind, Bounds, Instants, Search};
use podclock::sim::{Model, Scenario};
use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// At most so many faults in one run: 12 million worlds.
const FAULTS: u32 = 5;

const PAIRS: usize = 9;

/// So often goes the word there and back.
const TURNS: u32 = 100_000;

/// Nanoseconds of a word's way to another thread and back.
fn there_and_back() -> u128 {
    let word = AtomicU32::new(0);
    let wait = |expected| {
        while word.load(Ordering::Acquire) != expected {
            spin_loop();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0..TURNS {
                wait(2 * turn + 1);
                word.store(2 * turn + 2, Ordering::Release);
            }
        });
        let begin = Instant::now();
        for turn in 0..TURNS {
            word.store(2 * turn + 1, Ordering::Release);
            wait(2 * turn + 2);
        }
        begin.elapsed().as_nanos() / u128::from(TURNS)
    })
}

/// How many worlds there are, and how long it takes to visit them.
fn search(model: &Model, threads: usize) -> (usize, Duration) {
    let bounds = Bounds {
        faults: Some(FAULTS),
        ..Bounds::default()
    };
    let search = Search::new(model, Blind).bounds(bounds);
    let search = search.instants(Instants::EverySecond).threads(threads);
    let begin = Instant::now();
    let explored = search.run();
    assert!(explored.cut.is_complete_but_for_faults());
    (explored.states, begin.elapsed())
}

fn main() {
    let text = include_str!("support/checked.yaml");
    let model = Scenario::parse(text).expect("a scenario").model;
    let mut ratios = Vec::new();
    for _ in 0..PAIRS {
        let (states, one) = search(&model, 1);
        let before = there_and_back();
        let (same, two) = search(&model, 2);
        let after = there_and_back();
        assert_eq!(states, same);
        // In hundredths.
        let ratio = 100 * one.as_micros() / two.as_micros().max(1);
        println!(
            "{states} worlds: one thread {one:.2?}, two {two:.2?}, {}.{:02} times; a word there and back \
             {before} ns before, {after} ns after",
            ratio / 100,
            ratio % 100
        );
        ratios.push(ratio);
    }
    ratios.sort_unstable();
    let median = ratios[PAIRS / 2];
    println!("median: {}.{:02} times", median / 100, median % 100);
}
