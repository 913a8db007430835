package io.aquifer.state.run;

/// What runs know of a key.
public enum Found {
    /// Nothing: something older may.
    ABSENT,
    /// A value; nothing older matters.
    VALUE,
    /// That it was removed; nothing older matters.
    DELETED,
    /// Only parts to be added behind what is older; where nothing is older they are the value.
    PARTS
}
