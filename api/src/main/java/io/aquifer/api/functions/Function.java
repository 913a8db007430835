package io.aquifer.api.functions;

import java.io.Serializable;

/// A user's function. Each subtask works on a copy of its own, made by serialization when the job
/// starts, so fields are private to a subtask and what a function captures must be serializable.
public interface Function extends Serializable {}
