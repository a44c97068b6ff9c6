use crate::attacker::Attacker;
use crate::genuine::run;
use crate::times;

#[test]
fn forged_edits_are_refused_or_harmless_and_others_go_on() {
    let attackers = run(times(400, 4_000), || Attacker::new(120));
    let sum = |count: fn(&Attacker) -> u64| attackers.iter().map(count).sum::<u64>();
    let (tried, let_in) = (sum(|one| one.tried), sum(|one| one.let_in));
    assert!(tried >= 500_000, "{tried}");
    // Many do get in: whoever may write may write nonsense.
    assert!(let_in > tried / 100 && let_in < tried / 2, "{let_in}");
    for Attacker {
        most_taken,
        most_kept,
        ..
    } in attackers
    {
        assert!(most_taken < 1 << 18, "one edit took {most_taken} bytes");
        assert!(
            most_kept < 1 << 18,
            "{most_kept} bytes were kept for nothing"
        );
    }
}
