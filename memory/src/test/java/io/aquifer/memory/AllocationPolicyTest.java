package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Each policy's answers in small cases, in units that a reader can add up.
///
/// Claimants are written `priority:held/guaranteed~reclaimable`, ids from 1.
class AllocationPolicyTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // idle memory is everybody's, but for what is guaranteed to others
                "elastic | 100 | 0:0/0~0 | 100",
                "elastic | 100 | 0:90/0~0 0:10/0~0 | 100 100",
                "elastic | 100 | 0:0/30~0 0:10/0~0 0:50/40~0 | 100 70 70",
                "priority | 100 | 9:0/30~0 0:10/0~0 | 100 70",
                // a guarantee above the N-th part is the owner's share; the rest divide what is
                // left
                "fair-share | 100 | 0:0/0~0 0:0/0~0 0:90/0~0 0:0/0~0 | 25 25 25 25",
                "fair-share | 100 | 0:0/60~0 0:0/0~0 0:0/10~0 | 60 20 20",
                "fair-share | 100 | 0:0/60~0 0:0/25~0 0:0/0~0 | 60 25 15",
                "fixed | 90 | 0:0/0~0 5:80/0~0 0:0/0~0 | 30 30 30",
                "fixed | 100 | 0:0/60~0 0:0/0~0 0:0/0~0 | 60 20 20",
                "fixed(owner 1=0.6,owner 2=0.3) | 100 | 0:0/0~0 0:0/0~0 0:0/0~0 | 60 30 10",
                "fixed(owner 1=0.6,owner 2=0.4) | 100 | 0:0/0~0 0:0/0~0 0:0/0~0 | 60 40 0",
                "fixed(owner 1=0.6,owner 2=0.4) | 100 | 0:0/0~0 0:0/0~0 0:0/20~0 | 48 32 20",
                "fixed(owner*=0.6) | 100 | 0:0/0~0 0:0/0~0 0:0/0~0 | 20 20 20",
                "fixed(owner 2=.5,owner*=.4) | 100 | 0:0/0~0 0:0/0~0 0:0/0~0 | 20 50 20",
                // guarantees beyond the pool are kept all the same
                "fair-share | 100 | 0:0/80~0 0:0/80~0 0:0/0~0 | 80 80 0",
                "fixed | 100 | 0:0/80~0 0:0/80~0 0:0/0~0 | 80 80 0",
                "fixed(owner 1=0.6) | 100 | 0:0/80~0 0:0/80~0 0:0/0~0 | 80 80 0",
                "fixed(owner 1=0.6) | 100 | 0:0/80~0 0:0/80~0 | 80 80",
            })
    void ceilingBytes_smallCases_areTheRule(
            String policy, long reachable, String claimants, String ceilings) {
        Claims claims = claims(reachable, claimants);
        AllocationPolicy chosen = AllocationPolicy.parse(policy);
        assertThat(
                        claims.claimants().stream()
                                .map(claimant -> "" + chosen.ceilingBytes(claimant, claims))
                                .collect(Collectors.joining(" ")))
                .isEqualTo(ceilings);
    }

    /// The asker is claimant 1, in a pool of 100; a victim is written `id-bytes`.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "nobody",
            value = {
                "elastic | 10 | 0:10/0~10 0:60/0~60 0:30/0~30 | 2-27 2-13 3-10 1-10",
                "elastic | 1 | 0:0/0~0 0:50/0~50 0:50/0~50 | 3-17 2-17 3-32 2-32",
                // furthest above first, as far as it can give back
                "elastic | 9 | 0:0/0~0 0:60/0~60 0:40/0~5 | 2-27 3-5 2-24",
                // above its fair share an asker takes only from those further above
                "elastic | 5 | 0:40/0~40 0:50/0~50 0:10/0~10 | 2-5 1-40",
                "elastic | 5 | 0:60/0~40 0:40/0~40 0:0/0~0 | 1-40",
                // nothing above the fair share can be given back: from who holds more than it would
                "elastic | 5 | 0:5/0~0 0:70/0~0 0:25/0~25 | 3-15",
                // others' guarantees are in the way, not others
                "elastic | 5 | 0:40/0~40 0:0/60~0 0:0/0~0 | 1-40",
                // a victim keeps its guarantee, except from nobody
                "elastic | 5 | 0:0/0~0 0:50/45~50 0:50/45~50 | 3-5 2-5",
                // within its guarantee an asker takes all that is not guaranteed
                "elastic | 20 | 0:0/20~0 0:50/0~50 0:50/30~50 | 3-17 2-17 2-33 3-3",
                "fair-share | 5 | 0:0/0~0 0:60/0~60 0:40/0~40 | 2-27 3-7 2-17 3-17",
                "fair-share | 5 | 0:20/0~20 0:60/0~60 0:20/0~20 | 2-27 1-20",
                "fair-share | 5 | 0:30/0~20 0:60/0~60 0:10/0~10 | 1-20",
                "fixed | 5 | 0:0/0~0 0:60/0~60 0:40/0~40 | nobody",
                "fixed | 5 | 0:10/0~8 0:60/0~60 0:30/0~30 | 1-8",
                // the least important first, down to their guarantees, then equals
                "priority | 5 | 2:30/0~30 1:20/0~20 0:20/5~20 2:30/0~30 | 3-15 2-20 1-30",
                "priority | 5 | 2:0/0~0 1:20/0~20 0:20/5~20 2:60/0~60 | 3-15 2-20 4-13 4-42",
                "priority | 5 | 0:0/0~0 1:60/0~60 1:40/0~40 | nobody",
                "priority | 5 | 0:0/5~0 1:60/0~60 1:40/0~40 | 2-60 3-40",
            })
    void victims_smallCases_areTheRule(
            String policy, long bytes, String claimants, String victims) {
        Claims claims = claims(100, claimants);
        assertThat(
                        AllocationPolicy.parse(policy)
                                .victims(claims.claimants().getFirst(), bytes, claims)
                                .stream()
                                .map(victim -> victim.claimant().id() + "-" + victim.bytes())
                                .collect(Collectors.joining(" ")))
                .isEqualTo(victims == null ? "" : victims);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "elastic | elastic",
                " Elastic  | elastic",
                "FAIR-SHARE | fair-share",
                "fixed | fixed",
                "priority | priority",
                "fixed(windows=0.6,join=0.3) | fixed(windows=0.6,join=0.3)",
                "fixed( windows = 0.6 , a=b=.3 ) | fixed(windows=0.6,a=b=.3)",
                "fixed(flights / windows (1/2)=1) | fixed(flights / windows (1/2)=1)",
                "fixed(a=0.6,b=0.4) | fixed(a=0.6,b=0.4)",
            })
    void parse_everyForm_hasANameThatReadsBack(String text, String name) {
        AllocationPolicy policy = AllocationPolicy.parse(text);
        assertThat(policy.name()).isEqualTo(name);
        assertThat(AllocationPolicy.parse(policy.name()).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "elastik | there is no allocation policy 'elastik'. Did you mean elastic? There"
                        + " are elastic, fair-share, fixed, priority.",
                "fairshare | there is no allocation policy 'fairshare'. Did you mean fair-share?"
                        + " There are elastic, fair-share, fixed, priority.",
                "round-robin | there is no allocation policy 'round-robin'. There are elastic,"
                        + " fair-share, fixed, priority.",
                "elastic(a=1) | policy 'elastic' takes nothing in parentheses, got 'elastic(a=1)'."
                        + " Write elastic; only fixed has fractions.",
                "fixed(a=0.5 | cannot read 'fixed(a=0.5' as an allocation policy. Write one of"
                        + " elastic, fair-share, fixed, priority, or fractions such as"
                        + " fixed(windows=0.6,join=0.3).",
                "fixed(windows=0.6,join=0.5) | the fractions of a fixed policy must not exceed the"
                        + " pool: windows=0.6 + join=0.5 = 1.1 of the pool. Lower them by 0.1.",
                "fixed(a=1,b=0.000001) | the fractions of a fixed policy must not exceed the pool:"
                        + " a=1 + b=0.000001 = 1.000001 of the pool. Lower them by 0.000001.",
                "fixed(a=0.1,a=0.2) | in 'fixed(a=0.1,a=0.2)' the pattern 'a' has two fractions."
                        + " Leave one out.",
            })
    void parse_whatCannotBe_isExplained(String text, String message) {
        assertThatThrownBy(() -> AllocationPolicy.parse(text))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a", "=0.5", "a=", "a=0", "a=1.1", "a=-0.1", "a=60%", "a=0.1234567"})
    void parse_entryThatIsNoFraction_isNamed(String entry) {
        assertThatThrownBy(() -> AllocationPolicy.parse("fixed(" + entry + ")"))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessage(
                        "cannot read '"
                                + entry
                                + "' in 'fixed("
                                + entry
                                + ")'. Write an owner's name and a fraction above 0 and at most 1"
                                + " with up to six decimals, such as"
                                + " fixed(windows=0.6,join=0.3).");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "windows | flights / windows (1/2) | true",
                "windows | flights / windows | true",
                "windows | windows | true",
                "flights | flights / windows (1/2) | true",
                "windows (1/2) | flights / windows (1/2) | true",
                "windows (1/2) | flights / windows (2/2) | false",
                "flights / windows | flights / windows (2/2) | true",
                "win* | flights / windows (2/2) | true",
                "*win | flights / windows (2/2) | false",
                "join | flights / left-join (1/1) | false",
                "*join | flights / left-join (1/1) | true",
                "w.ndows | flights / windows (1/2) | false",
            })
    void unmatchedPatterns_aPattern_fitsWholeNamesOfJobsAndOperators(
            String pattern, String owner, boolean matches) {
        assertThat(
                        AllocationPolicy.parse("fixed(" + pattern + "=0.5)")
                                .unmatchedPatterns(List.of(owner, "another (1/1)")))
                .isEqualTo(matches ? List.of() : List.of(pattern));
    }

    @Test
    void unmatchedPatterns_policiesWithoutPatterns_haveNone() {
        assertThat(AllocationPolicy.elastic().unmatchedPatterns(List.of())).isEmpty();
        assertThat(AllocationPolicy.fixed().unmatchedPatterns(List.of())).isEmpty();
    }

    private static Claims claims(long reachable, String text) {
        List<Claimant> claimants = new ArrayList<>();
        for (String one : text.split(" ", -1)) {
            String[] figures = one.split("[:/~]", -1);
            int id = claimants.size() + 1;
            claimants.add(
                    new Claimant(
                            id,
                            "owner " + id,
                            Integer.parseInt(figures[0]),
                            Long.parseLong(figures[1]),
                            Long.parseLong(figures[2]),
                            Long.parseLong(figures[3]),
                            false));
        }
        return new Claims("managed", reachable, claimants);
    }
}
