package io.aquifer.engine;

import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.types.TypeSchema;

import java.util.stream.Collectors;

/// The text by which a type's stored bytes are recognised: its name, and the layout of every
/// record, sealed type and enum in it. Two types with one text read each other's bytes.
final class StateTypes {
    private StateTypes() {}

    static String text(TypeInformation<?> type) {
        return type.type().getTypeName()
                + type.schemas().stream()
                        .map(schema -> "; " + text(schema))
                        .collect(Collectors.joining());
    }

    private static String text(TypeSchema schema) {
        return schema.name()
                + schema.fields().stream()
                        .map(field -> field.name() + ": " + field.type())
                        .collect(Collectors.joining(", ", " " + schema.kind() + " (", ")"));
    }
}
