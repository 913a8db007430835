package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class FilterBudgetTest {
    private static final FilterBudget BUDGET = new FilterBudget(1000, 10);

    @Test
    void bitsFor_oldestOrNothing_isNone() {
        assertThat(BUDGET.bitsFor(100, true, 0)).isZero();
        assertThat(BUDGET.bitsFor(0, false, 0)).isZero();
        assertThat(BUDGET.bitsFor(100, false, 1000)).isZero();
        assertThat(BUDGET.bitsFor(100, false, 2000)).isZero();
        assertThat(new FilterBudget(1000, 0).bitsFor(100, false, 0)).isZero();
    }

    @Test
    void bitsFor_roomForAllOrSome_isWhatThereIsDownToFour() {
        assertThat(BUDGET.bitsFor(800, false, 0)).isEqualTo(10);
        assertThat(BUDGET.bitsFor(801, false, 0)).isEqualTo(9);
        assertThat(BUDGET.bitsFor(2000, false, 0)).isEqualTo(4);
        assertThat(BUDGET.bitsFor(2001, false, 0)).isZero();
        assertThat(BUDGET.bitsFor(400, false, 500)).isEqualTo(10);
        assertThat(BUDGET.bitsFor(400, false, 700)).isEqualTo(6);
        assertThat(BUDGET.bitsFor(Long.MAX_VALUE, false, 0)).isZero();
        assertThat(new FilterBudget(1000, 2).bitsFor(4000, false, 0)).isEqualTo(2);
    }

    @Test
    void bitsFor_otherRuns_countsTheirFilters() throws Exception {
        try (TestRunPages pages = new TestRunPages();
                MemoryRunFiles files = new MemoryRunFiles()) {
            Run run = Run.open(files.add(SampleRun.write()), SampleRun.DESCRIPTION, pages);
            long bytes = run.filterBytes();
            FilterBudget budget = new FilterBudget(2 * bytes, 10);
            assertThat(budget.bitsFor(1, false, List.of(run))).isEqualTo(10);
            assertThat(budget.bitsFor(1, false, List.of(run, run))).isZero();
            run.release();
        }
    }
}
