package io.aquifer.api.types;

import java.util.List;

/// What a [SchemaSerializer] writes, in the order it writes it, as names: to be stored next to the
/// bytes, so that a later program can tell which field is which.
///
/// @param name the type as Java source with full names, such as `app.Box<java.lang.String>`
/// @param kind how the bytes are to be read
/// @param fields of a record or POJO its fields, of a sealed type its subtypes by tag, of an enum
///   its constants by number
public record TypeSchema(String name, Kind kind, List<Field> fields) {
    /// How the bytes of a type are laid out.
    public enum Kind {
        /// A presence bitmap of the reference fields, then the fields that are there.
        RECORD,
        /// As a record; the fields are in the order of their names.
        POJO,
        /// The subtype's tag, then the subtype.
        SEALED,
        /// The constant's number.
        ENUM
    }

    /// @param name a field's name, a subtype's class name, or a constant's name
    /// @param type the field's type with full names; for a constant the enum's name
    public record Field(String name, String type) {}

    public TypeSchema {
        fields = List.copyOf(fields);
    }
}
