package io.aquifer.engine;

import io.aquifer.api.types.TypeInformation;
import io.aquifer.state.file.StateSection;

/// A state as a checkpoint's files name it.
///
/// @param keyType of the user's map keys, empty where there are none
record RegisteredState(StateSection.Kind kind, String name, String keyType, String valueType) {
    static RegisteredState of(StateSection.Kind kind, String name, TypeInformation<?> valueType) {
        return new RegisteredState(kind, name, "", StateTypes.text(valueType));
    }

    StateSection section() {
        return section(0);
    }

    StateSection section(long window) {
        return new StateSection(name, kind, window, keyType, valueType);
    }

    void restore(RestoredState restored, RestoredState.Loader loader) {
        restored.load(kind, name, keyType, valueType, loader);
    }
}
