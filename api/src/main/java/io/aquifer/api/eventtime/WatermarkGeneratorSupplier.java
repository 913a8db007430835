package io.aquifer.api.eventtime;

import io.aquifer.api.functions.Function;

/// Makes a generator for each split.
@FunctionalInterface
public interface WatermarkGeneratorSupplier<T> extends Function {
    WatermarkGenerator<T> createWatermarkGenerator();
}
