package io.aquifer.api.functions;

/// Keeps the records for which it says true.
@FunctionalInterface
public interface FilterFunction<T> extends Function {
    boolean filter(T value) throws Exception;
}
