package io.aquifer.operators;

import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.Function;
import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.functions.RuntimeContext;
import io.aquifer.api.types.TypeInformation;

import java.util.List;

/// What a window keeps of its records until it fires.
///
/// @param <V> what it gives when it fires
abstract sealed class WindowContentsState<K, IN, V> {
    abstract void open(RuntimeContext context) throws Exception;

    /// Adds to the current key's part of `window`.
    abstract void add(long window, IN value) throws Exception;

    abstract void forEach(long window, WindowValues.Visitor<K, Iterable<V>> visitor)
            throws Exception;

    abstract void drop(long window);

    abstract long[] windows();

    abstract void close() throws Exception;

    /// One accumulator for each key.
    static final class Aggregated<K, IN, ACC, V> extends WindowContentsState<K, IN, V> {
        private final AggregateFunction<IN, ACC, V> function;
        private final WindowValues<K, ACC> accumulators;

        Aggregated(
                AggregateFunction<IN, ACC, V> function,
                TypeInformation<ACC> type,
                OperatorContext context) {
            this.function = FunctionCopy.of(function, context.node());
            this.accumulators = context.<K>keyed().windowValues("window", type);
        }

        @Override
        void open(RuntimeContext context) throws Exception {
            FunctionCopy.open(function, context);
        }

        @Override
        void add(long window, IN value) {
            ACC before = accumulators.get(window);
            accumulators.put(
                    window,
                    function.add(value, before == null ? function.createAccumulator() : before));
        }

        @Override
        void forEach(long window, WindowValues.Visitor<K, Iterable<V>> visitor) throws Exception {
            accumulators.forEach(
                    window, (key, accumulator) -> visitor.visit(key, List.of(result(accumulator))));
        }

        private V result(ACC accumulator) {
            V result = function.getResult(accumulator);
            if (result == null) {
                throw new NullPointerException(
                        "getResult of the window's aggregate returned null; a stream holds no"
                                + " nulls: return an Optional, or a value that stands for none");
            }
            return result;
        }

        @Override
        void drop(long window) {
            accumulators.drop(window);
        }

        @Override
        long[] windows() {
            return accumulators.windows();
        }

        @Override
        void close() throws Exception {
            FunctionCopy.close((Function) function);
        }
    }

    /// One reduced record for each key.
    static final class Reduced<K, T> extends WindowContentsState<K, T, T> {
        private final ReduceFunction<T> function;
        private final WindowValues<K, T> values;

        Reduced(ReduceFunction<T> function, TypeInformation<T> type, OperatorContext context) {
            this.function = FunctionCopy.of(function, context.node());
            this.values = context.<K>keyed().windowValues("window", type);
        }

        @Override
        void open(RuntimeContext context) throws Exception {
            FunctionCopy.open(function, context);
        }

        @Override
        void add(long window, T value) throws Exception {
            T before = values.get(window);
            T after = before == null ? value : function.reduce(before, value);
            if (after == null) {
                throw new NullPointerException("reduce returned null; a stream holds no nulls");
            }
            values.put(window, after);
        }

        @Override
        void forEach(long window, WindowValues.Visitor<K, Iterable<T>> visitor) throws Exception {
            values.forEach(window, (key, value) -> visitor.visit(key, List.of(value)));
        }

        @Override
        void drop(long window) {
            values.drop(window);
        }

        @Override
        long[] windows() {
            return values.windows();
        }

        @Override
        void close() throws Exception {
            FunctionCopy.close(function);
        }
    }

    /// Every record.
    static final class Elements<K, T> extends WindowContentsState<K, T, T> {
        private final WindowElements<K, T> elements;

        Elements(TypeInformation<T> type, OperatorContext context) {
            this.elements = context.<K>keyed().windowElements("window", type);
        }

        @Override
        void open(RuntimeContext context) {}

        @Override
        void add(long window, T value) {
            elements.add(window, value);
        }

        @Override
        void forEach(long window, WindowValues.Visitor<K, Iterable<T>> visitor) throws Exception {
            elements.forEach(window, visitor);
        }

        @Override
        void drop(long window) {
            elements.drop(window);
        }

        @Override
        long[] windows() {
            return elements.windows();
        }

        @Override
        void close() {}
    }
}
