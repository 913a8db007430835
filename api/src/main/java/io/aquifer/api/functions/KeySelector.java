package io.aquifer.api.functions;

/// Takes the key out of a record. Deterministic, never null; the key's `hashCode` must be the same
/// in every JVM.
@FunctionalInterface
public interface KeySelector<T, K> extends Function {
    K getKey(T value) throws Exception;
}
