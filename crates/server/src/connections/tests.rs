//! A newcomer finds room where others are idle, and never at the cost of one who is not.

use super::*;

struct One {
    seat: Arc<Seat>,
    end: CancellationToken,
}

fn take(connections: &Connections, address: &str) -> Option<One> {
    let end = CancellationToken::new();
    let address = address.parse().expect("an address");
    let seat = connections.take(address, end.clone())?;
    Some(One { seat, end })
}

#[track_caller]
fn expect(connections: &Connections, address: &str) -> One {
    take(connections, address).expect("there is room")
}

fn ended(all: &[One]) -> Vec<usize> {
    let numbered = all.iter().enumerate();
    let ended = numbered.filter(|(_, one)| one.end.is_cancelled());
    ended.map(|(number, _)| number).collect()
}

#[test]
fn an_address_with_too_many_loses_the_one_that_was_idle_longest() {
    let connections = Connections::new(3, 10);
    let mine: Vec<_> = (0..3).map(|_| expect(&connections, "10.0.0.1")).collect();
    drop(mine[0].seat.busy());
    let _newcomer = expect(&connections, "10.0.0.1");
    assert_eq!(ended(&mine), [1]);
    let _another = expect(&connections, "10.0.0.1");
    assert_eq!(ended(&mine), [1, 2]);
}

#[test]
fn what_is_in_use_ends_for_nobody() {
    let connections = Connections::new(2, 3);
    let mine: Vec<_> = (0..2).map(|_| expect(&connections, "10.0.0.1")).collect();
    let request = mine[0].seat.busy();
    mine[1].seat.busy().for_good();
    assert!(take(&connections, "10.0.0.1").is_none());
    let other = expect(&connections, "10.0.0.2");
    other.seat.busy().for_good();
    assert!(take(&connections, "10.0.0.3").is_none());
    assert!(ended(&mine).is_empty());
    drop(request);
    let _newcomer = expect(&connections, "10.0.0.3");
    assert_eq!(ended(&mine), [0]);
}

#[test]
fn a_crowd_of_idle_connections_ends_its_own() {
    let connections = Connections::new(4, 6);
    let guest = expect(&connections, "10.0.0.9");
    let crowd: Vec<_> = ["10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.2"]
        .iter()
        .map(|address| expect(&connections, address))
        .collect();
    let _newcomer = expect(&connections, "10.0.0.3");
    assert_eq!(ended(&crowd), [0]);
    assert!(!guest.end.is_cancelled());
}

#[test]
fn a_place_is_given_back_once() {
    let connections = Connections::new(1, 1);
    let first = expect(&connections, "10.0.0.1");
    let second = expect(&connections, "10.0.0.1");
    assert!(first.end.is_cancelled());
    drop(first);
    second.seat.busy().for_good();
    assert!(take(&connections, "10.0.0.2").is_none());
    drop(second);
    expect(&connections, "10.0.0.2");
}

#[test]
fn spellings_of_one_address_count_as_one() {
    let connections = Connections::new(1, 10);
    let mapped = expect(&connections, "::ffff:10.0.0.1");
    mapped.seat.busy().for_good();
    assert!(take(&connections, "10.0.0.1").is_none());
}
