//! Exact schedules of the limiter, in virtual time.

use super::*;
use crate::model::RateLimit;

fn limiter(in_flight: u32, rates: &[(u32, u32)], wait: u64) -> Arc<ConcurrencyLimiter> {
    let rates: Vec<RateLimit> =
        rates.iter().map(|(requests, seconds)| RateLimit { requests: *requests, seconds: *seconds }).collect();
    let wait_budget = Arc::new(WaitBudget::new(Duration::from_secs(wait)));
    Arc::new(ConcurrencyLimiter::new(in_flight, Arc::new(RequestLimiter::new(&rates)), wait_budget, 1))
}

/// Starts requests that take a second each. Returns when each of them left, in milliseconds, in the order of starting.
async fn departures(limiter: &Arc<ConcurrencyLimiter>, priorities: &[RequestPriority]) -> Vec<Option<u64>> {
    let start = Instant::now();
    let tasks: Vec<_> = priorities
        .iter()
        .map(|priority| {
            let (limiter, priority) = (Arc::clone(limiter), *priority);
            tokio::spawn(async move {
                let mut permit = limiter.acquire(priority).await;
                permit.wait_for_tokens(1).await.ok()?;
                let at = start.elapsed().as_millis() as u64;
                tokio::time::sleep(Duration::from_secs(1)).await;
                Some(at)
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

const NORMAL: [RequestPriority; 6] = [RequestPriority::Normal; 6];

#[tokio::test(start_paused = true)]
async fn limiter_uses_all_slots_and_no_more() {
    let times = departures(&limiter(2, &[], 60), &NORMAL).await;
    assert_eq!(times, [0, 0, 1000, 1000, 2000, 2000].map(Some));
}

#[tokio::test(start_paused = true)]
async fn closing_a_gap_overtakes_everything_that_waits() {
    let normal = RequestPriority::Normal;
    let priorities = [normal, normal, normal, RequestPriority::ClosesGap];
    assert_eq!(departures(&limiter(1, &[], 60), &priorities).await, [0, 2000, 3000, 1000].map(Some));
}

#[tokio::test(start_paused = true)]
async fn limiter_enforces_each_of_several_rates() {
    // One in a second, and two in ten: 20 requests in 100 seconds are two at once and then one each 100/19 seconds.
    let times = departures(&limiter(9, &[(1, 1), (20, 100)], 60), &NORMAL).await;
    assert_eq!(times, [0, 1000, 5264, 10527, 15790, 21053].map(Some));
}

#[tokio::test(start_paused = true)]
async fn pause_uses_the_wait_budget_and_a_rate_does_not() {
    let slow = limiter(1, &[(1, 30)], 60);
    assert_eq!(departures(&slow, &NORMAL[..4]).await, [0, 30_000, 60_000, 90_000].map(Some));
    let paused = limiter(1, &[], 60);
    assert_eq!(paused.record_throttle(Some(Duration::from_secs(61))), Some((Duration::from_secs(61), 1)));
    assert_eq!(departures(&paused, &NORMAL[..1]).await, [None]);
    let paused = limiter(1, &[], 60);
    paused.record_throttle(Some(Duration::from_secs(59)));
    assert_eq!(departures(&paused, &NORMAL[..1]).await, [Some(59_000)]);
}

#[tokio::test(start_paused = true)]
async fn throttle_halves_the_slots_and_success_grows_them_slowly() {
    let limiter = limiter(8, &[], 600);
    assert_eq!(limiter.record_throttle(Some(Duration::from_secs(5))), Some((Duration::from_secs(5), 4)));
    assert_eq!(limiter.record_throttle(Some(Duration::from_secs(5))), None, "requests in flight with it count once");
    assert_eq!(departures(&limiter, &NORMAL).await, [5000, 5000, 5000, 5000, 6000, 6000].map(Some));
    while limiter.slots() < 8 {
        limiter.record_success();
    }
    assert_eq!(departures(&limiter, &NORMAL).await, [0; 6].map(Some));
}

#[tokio::test(start_paused = true)]
async fn pause_without_a_requested_time_doubles_with_jitter() {
    let limiter = limiter(64, &[], 600);
    let mut pauses = Vec::new();
    for _ in 0..4 {
        pauses.push(limiter.record_throttle(None).unwrap().0);
        tokio::time::advance(Duration::from_secs(10)).await;
    }
    for (pause, whole) in pauses.iter().zip([500, 1000, 2000, 4000]) {
        let whole = Duration::from_millis(whole);
        assert!(*pause >= whole / 2 && *pause < whole, "{pauses:?}");
    }
    limiter.record_success();
    assert!(limiter.record_throttle(None).unwrap().0 < Duration::from_millis(500), "a good answer resets the back-off");
}

#[tokio::test(start_paused = true)]
async fn lent_slot_serves_another_task_and_returns_first() {
    let limiter = limiter(8, &[], 60);
    let start = Instant::now();
    let lender = {
        let limiter = Arc::clone(&limiter);
        tokio::spawn(async move {
            let mut permit = limiter.acquire(RequestPriority::Normal).await;
            tokio::task::yield_now().await;
            permit.release_while(tokio::time::sleep(Duration::from_millis(500))).await;
            let back = start.elapsed().as_millis();
            tokio::time::sleep(Duration::from_secs(1)).await;
            back
        })
    };
    tokio::task::yield_now().await;
    let times = departures(&limiter, &[RequestPriority::Normal; 9]).await;
    // Seven beside the lender, one in the lent slot, and the last one after the lender returned.
    assert_eq!(times[..8], [Some(0); 8]);
    assert_eq!(lender.await.unwrap(), 1000);
    assert_eq!(times[8], Some(1000));
}

#[tokio::test(start_paused = true)]
async fn aborted_task_leaves_the_queue() {
    let limiter = limiter(1, &[], 60);
    let first = limiter.acquire(RequestPriority::Normal).await;
    let waiting = {
        let limiter = Arc::clone(&limiter);
        tokio::spawn(async move { limiter.acquire(RequestPriority::Normal).await })
    };
    tokio::task::yield_now().await;
    waiting.abort();
    let _ = waiting.await;
    drop(first);
    assert_eq!(departures(&limiter, &NORMAL[..1]).await, [Some(0)]);
}
