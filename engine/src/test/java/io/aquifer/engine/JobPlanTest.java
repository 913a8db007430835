package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.DataStream;
import io.aquifer.api.OutputTag;
import io.aquifer.api.SingleOutputStreamOperator;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.ProcessFunction;

import org.junit.jupiter.api.Test;

import java.util.List;

/// What shares a thread and what crosses to another, and what is said when a type is missing there.
class JobPlanTest {
    private final StreamExecutionEnvironment env =
            StreamExecutionEnvironment.getExecutionEnvironment();

    private JobPlan plan(int parallelism) {
        return JobPlan.of(env.graph("plan"), parallelism, RestorePoint.nothing());
    }

    private static List<String> names(JobPlan plan) {
        return plan.chains().stream()
                .map(chain -> chain.name() + " x" + chain.parallelism())
                .toList();
    }

    @Test
    void forwardedOperators_ofTheSameParallelism_areOneChain() {
        env.fromSequence(1, 9).map(x -> x + 1).filter(x -> x > 2).print();
        JobPlan plan = plan(3);
        assertThat(names(plan)).containsExactly("sequence -> map -> filter -> print x3");
        assertThat(plan.edges()).isEmpty();
        assertThat(plan.subtaskCount()).isEqualTo(3);
        assertThat(plan.chains().getFirst().isSource()).isTrue();
    }

    @Test
    void keyBy_startsAChainOfItsOwnWhatFollowsJoins() {
        env.fromSequence(1, 9).keyBy(x -> x % 2).reduce(Long::sum).map(x -> x + 1).print();
        JobPlan plan = plan(2);
        assertThat(names(plan)).containsExactly("sequence x2", "reduce -> map -> print x2");
        assertThat(plan.edges()).hasSize(1);
        assertThat(Exchange.channelCount(plan.edges().getFirst(), 2, 2)).isEqualTo(4);
    }

    @Test
    void differingParallelism_breaksAChain() {
        env.fromSequence(1, 9)
                .map(x -> x + 1)
                .setParallelism(3)
                .filter(x -> x > 2)
                .print()
                .setParallelism(1);
        assertThat(names(plan(2)))
                .containsExactly("sequence x2", "map x3", "filter x2", "print x1");
    }

    @Test
    void rebalanceGlobalAndBroadcast_breakAChainEvenAtParallelismOne() {
        SingleOutputStreamOperator<Long> source = env.fromSequence(1, 9);
        source.rebalance().map(x -> x).name("a");
        source.global().map(x -> x).name("b");
        source.broadcast().map(x -> x).name("c");
        assertThat(names(plan(1))).containsExactly("sequence x1", "a x1", "b x1", "c x1");
    }

    @Test
    void union_startsAChainWithOneEdgeForEachInput() {
        DataStream<Long> first = env.fromSequence(1, 9);
        DataStream<Long> second = env.fromSequence(1, 9).map(x -> x + 1);
        first.union(second, first).map(x -> x).name("all").print();
        JobPlan plan = plan(2);
        assertThat(names(plan))
                .containsExactly("sequence x2", "sequence -> map x2", "all -> print x2");
        assertThat(plan.edges()).hasSize(3);
        // Forwarded between equal parallelisms: pairwise.
        plan.edges().forEach(edge -> assertThat(Exchange.channelCount(edge, 2, 2)).isEqualTo(2));
    }

    @Test
    void twoReaders_ofOneStream_areBothChained() {
        SingleOutputStreamOperator<Long> source = env.fromSequence(1, 9);
        source.map(x -> x).name("a").print();
        source.map(x -> x).name("b").print();
        assertThat(plan(2).chains()).hasSize(1);
    }

    /// Emits to a side output.
    private static final class Split extends ProcessFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Long value, Context ctx, Collector<Long> out) {
            out.collect(value);
        }
    }

    @Test
    void sideOutput_isChainedAsAnyOther() {
        env.fromSequence(1, 9)
                .process(new Split())
                .getSideOutput(new OutputTag<String>("late") {})
                .print();
        assertThat(names(plan(2))).containsExactly("sequence -> process -> print x2");
    }

    @Test
    void unknownType_withinAChain_isNotNeeded() {
        env.fromSequence(1, 9).map(x -> List.of(x)).print();
        assertThat(names(plan(2))).containsExactly("sequence -> map -> print x2");
    }

    @Test
    void unknownType_acrossAnExchange_isAnErrorWithTheLineToWrite() {
        env.fromSequence(1, 9).map(x -> List.of(x)).rebalance().print();
        assertThatThrownBy(() -> plan(2))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .matches(
                        "'map' \\(JobPlanTest\\.java:\\d+\\): the type of its records, which cross"
                            + " to other subtasks, cannot be seen, because Java erases it\\. Add"
                            + " \\.returns\\(MyRecord\\.class\\) after the operator that makes the"
                            + " records, or \\.returns\\(new TypeHint<List<String>>\\(\\) \\{}\\)"
                            + " for generic types, or write the function as a class instead of a"
                            + " lambda\\.");
    }

    @Test
    void unknownType_acrossADifferingParallelism_isAnErrorToo() {
        env.fromSequence(1, 9).map(x -> List.of(x)).setParallelism(2).print().setParallelism(1);
        assertThatThrownBy(() -> plan(2))
                .hasMessageContaining("the type of its records, which cross to other subtasks");
    }
}
