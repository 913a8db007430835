package io.aquifer.api.graph;

import io.aquifer.api.OutputTag;

import org.jspecify.annotations.Nullable;

/// An edge of the job graph, as its receiver sees it.
///
/// @param from the operator whose records come in
/// @param tag which of its side outputs, or null for the main output
public record StreamInput(StreamNode from, @Nullable OutputTag<?> tag, Partitioning partitioning) {}
